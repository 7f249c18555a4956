"""The napari side: the only folder that imports napari, magicgui or Qt."""
