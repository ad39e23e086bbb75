"""Objects found in a picture: by `blobs`, by sources such as `detect` and `read_text`, and by asking a model."""
