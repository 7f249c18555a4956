"""Texts of ``--help``. A test runs each line that begins with the program's name."""

ABOUT = """Reduce images to K values by k-means, for several K at once.

\b
  napari-quantize run photo.jpg -k 8
  napari-quantize run photos --out results --report
  napari-quantize COMMAND --help
"""

RUN = """Quantize images: files, folders with their subfolders, and patterns.

Each result is written as DIR/NAME_k8.indexed.png, with its codebook as DIR/NAME_k8.json; with --one-palette, all share
the codebook DIR/palette_k8.json. Results that a PNG cannot hold are written as TIFF. PNG files are written faster than
by Export… in napari, and are about a tenth larger. The figures of all results are written to DIR/table.csv, or to
table-2.csv if DIR holds the table of an earlier run. Images in subfolders keep their paths below DIR.

\b
Examples:
  napari-quantize run photo.jpg
  napari-quantize run photos -k 16 --out small
  napari-quantize run "photos/*.png" -k 2-6,12 --mode global --out levels
  napari-quantize run photos -k 32 --one-palette --out series
  napari-quantize run photo.jpg --palette colours.gpl --out repainted
  napari-quantize run cells.tif -k 3 --method exact --ignore zeros --format tiff

Exit codes: 0; 1 if some images failed (the others are done) or output could not be written; 2 if the arguments do not
allow a run, for example if a file does not exist; 130 after Ctrl-C.
"""

COMPARE = """Print how far image B is from image A (error, PSNR, ΔE, SSIM …), for two images of the same size and type.

\b
Examples:
  napari-quantize compare photo.png small.png
  napari-quantize compare photo.png small.png --json
"""

PALETTE = """Find the colours of a photo, or the levels of a grey image, and write them for other programs.

The ending selects the format: .gpl (GIMP), .pal, .act, .aco, .hex, .txt, or .json for a codebook with all digits.
Without -o, the palette is printed.

\b
Examples:
  napari-quantize palette photo.jpg -k 8
  napari-quantize palette photo.jpg -k 8 -o colours.gpl
"""

INFO = """Show the contents of a file: an image, a result with its settings, a palette or a codebook.

\b
Examples:
  napari-quantize info photo.jpg
  napari-quantize info colours.gpl --json
"""

DEMO = """Open a sample photo with six results in napari; without a display, print their table.

\b
Example:
  napari-quantize demo
"""
