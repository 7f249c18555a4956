"""What `napari.yaml` points at: readers, writers, commands, sample data."""
