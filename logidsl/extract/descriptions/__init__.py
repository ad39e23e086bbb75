"""Descriptions of pictures in words or formulae, read as objects.

Registered under the entry point group `logidsl.extractors`, as a package of somebody else would be.
"""
