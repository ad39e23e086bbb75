"""The text form of a spec: grammar, lexer, parser, and errors."""
