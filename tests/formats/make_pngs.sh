#!/bin/bash
# Makes the PNG files in made_by_others again, with programs that are not ours.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A file of ours as others write it anew; what it holds is in test_png_record.py. Debian packages: optipng,
# libimage-exiftool-perl. PYTHON is one that has napari_quantize.
cd made_by_others/png
"${PYTHON:-python}" - "$work/ours.png" <<'END'
import sys
import numpy as np
from napari_quantize import Codebook
from napari_quantize.core.request.request import Request
from napari_quantize.formats.png.encode import encode_png
from napari_quantize.formats.raster import Calibration, Raster
levels = np.array([[0.1, 0.2, 40.3], [100 / 3, 50.0, 7.7], [250.25, 1 / 7, 99.9]])
codebook = Codebook(3, (levels,), np.dtype(np.uint8), Request(mode="color", channel_axis=-1))
image = codebook.outputs[0][np.arange(12 * 16).reshape(12, 16) % 5 % 3]
calibration = Calibration(("y", "x"), (0.5, 0.25), ("micrometer", "micrometer"))
open(sys.argv[1], "wb").write(encode_png(Raster(image, True, calibration, codebook, {"source_name": "ü"})))
END
cp "$work/ours.png" optipng.png && optipng -quiet -force optipng.png
cp "$work/ours.png" exiftool.png && exiftool -q -overwrite_original -Title=hello exiftool.png
