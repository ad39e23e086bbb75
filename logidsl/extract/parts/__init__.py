"""Parts learned from annotated pictures: the network they start from, their file, and finding them in a picture."""
