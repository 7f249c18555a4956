"""Open napari on a sample photo and quantize it for six K: what ``napari-quantize demo`` does."""

from napari_quantize.viewer.demo import main

if __name__ == "__main__":
    raise SystemExit(main())
