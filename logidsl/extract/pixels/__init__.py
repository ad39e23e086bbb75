"""Pictures as arrays: files decoded, masks of pixels, outlines of regions. The only package that loads OpenCV."""
