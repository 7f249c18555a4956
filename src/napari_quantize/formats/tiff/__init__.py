"""TIFF files: plain, ImageJ and OME."""
