"""What ends a command early."""


class UsageError(Exception):
    """What was asked for cannot be done: said in one line before any work starts, exit code 2."""


class InputError(Exception):
    """The one file that a command is about cannot be read or used: said in one line, exit code 1."""
