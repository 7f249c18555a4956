"""The functions that `napari.yaml` names: readers, writers, commands, sample data."""
