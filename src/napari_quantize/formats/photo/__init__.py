"""Photo files, read with Pillow: upright, in sRGB."""
