"""What ``--help`` says. A test runs each line that begins with the program's name."""

ABOUT = """See what images look like with only K values left, for several K at once.

\b
  napari-quantize run photo.jpg -k 8
  napari-quantize run photos --out results --report
  napari-quantize COMMAND --help
"""

RUN = """Quantize images: files, folders with all that is in them, and patterns.

Each result is written as DIR/NAME_k8.indexed.png, with its codebook NAME_k8.json beside it; what a PNG cannot hold
becomes a TIFF. All figures go to DIR/table.csv. Images in folders keep their places below DIR.

\b
Examples:
  napari-quantize run photo.jpg
  napari-quantize run photos -k 16 --out small
  napari-quantize run "photos/*.png" -k 2-6,12 --mode global --csv
  napari-quantize run photos -k 32 --one-palette --out series
  napari-quantize run photo.jpg --palette colours.gpl --out repainted
  napari-quantize run cells.tif -k 3 --method exact --ignore zeros --format tiff

Exit codes: 0; 1 if some images failed (the others are done); 2 if nothing could be done as asked; 130 after Ctrl-C.
"""

COMPARE = """Tell how far image B is from image A: all figures of loss, between any two images of one size and kind.

\b
Examples:
  napari-quantize compare photo.png small.png
  napari-quantize compare photo.png small.png --json
"""

PALETTE = """Find the colours of a photo, or the levels of a grey image, and write them for other programs.

The ending says how: .gpl (GIMP), .pal, .act, .aco, .hex, .txt, or .json for a codebook with all digits. Without -o
they are printed.

\b
Examples:
  napari-quantize palette photo.jpg -k 8
  napari-quantize palette photo.jpg -k 8 -o colours.gpl
"""

INFO = """Tell what a file holds: an image, one of our results with how it was made, a palette or a codebook.

\b
Examples:
  napari-quantize info photo.jpg
  napari-quantize info colours.gpl --json
"""

DEMO = """Open napari on a sample photo with six results; without a display, print their table.

\b
Example:
  napari-quantize demo
"""
