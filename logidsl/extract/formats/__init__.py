"""Formats of annotation tools and services, one module each with an `EXTRACTOR`; `base` has the shared code."""
