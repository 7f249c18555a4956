"""``python -m napari_quantize``: the command line."""

from napari_quantize.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
