"""What ends a command early."""


class UsageError(Exception):
    """What was asked for cannot be done: said in one line before any work starts, exit code 2."""
