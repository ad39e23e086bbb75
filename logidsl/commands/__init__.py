"""The subcommands of `logidsl`, a module each.

A module has `SUMMARY`, `EXAMPLES`, `add(parser)` and `run(args) -> exit code`. It is imported to
build the help, so what takes long to load is imported inside `run`.
"""
