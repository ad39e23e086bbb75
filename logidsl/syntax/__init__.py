"""The text form of a spec: grammar, lexer, parser, and what is said about what cannot be read."""
