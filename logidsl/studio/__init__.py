"""The studio: one local page that leads from a folder of photos to a working spec.

Start reading in `project.py`, which owns what a folder holds; `http.py` serves it, and the page is in `static`.
"""
