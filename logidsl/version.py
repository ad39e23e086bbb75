"""The version of logidsl, as `--version`, reports and `pyproject.toml` say it."""

__version__ = "0.1.0"
