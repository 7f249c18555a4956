"""The panels of the dock's lower half, one a folder."""
