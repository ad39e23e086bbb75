"""Runs remembered in a database: what was judged, by which spec, with what result."""
