"""The upper half of the dock: the image, what to reduce, and the options."""
