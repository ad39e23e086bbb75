"""`python -m logidsl` is the command line."""

from logidsl.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
