"""The arguments of a call, checked once."""
