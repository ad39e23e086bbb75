"""The subcommands of `logidsl`, a module each, which is loaded when the command is called.

A module has `ARGUMENTS`, `EXAMPLES` and `run(args) -> exit code`; `COMMANDS` in `cli.py` lists it.
"""
