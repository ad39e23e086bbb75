"""Formats of annotation tools and services, a module each with an `EXTRACTOR`; `base` has what they share."""
