"""The upper half of the dock: what shall be quantized, and how."""
