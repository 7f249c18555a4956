"""Errors that stop a command, printed in one line."""


class UsageError(Exception):
    """Arguments that cannot be carried out, found before any work starts: exit code 2."""


class InputError(Exception):
    """A file that cannot be read or used: exit code 1."""
