"""napari layers as arrays, and what is stored in their metadata."""
