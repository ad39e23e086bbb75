"""Judging more pictures than one machine holds, on an engine that others keep: Daft, on one machine or on Ray."""

MANIFEST = "manifest.json"  # of a folder of results
