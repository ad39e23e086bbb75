"""The subcommands of `logidsl`, a module each.

A module has `SUMMARY`, `EXAMPLES`, `add(parser)` and `run(args) -> exit code`. It is imported to build the help, so
slow imports belong inside `run`.
"""
