"""The classes of a quantized image: intervals of values, connected objects."""
