#!/bin/bash
# Makes the TIFF files in made_by_others again, with programs that are not ours.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 4×3 numbers (they are in test_tiffs_of_others.py) and small stacks. Debian packages: imagemagick, libtiff-tools,
# graphicsmagick, ffmpeg, imagej, xvfb
cd made_by_others/tiff
printf 'P2\n4 3\n65535\n0 1 255 256 1000 4660 22136 39612 32767 32768 65534 65535\n' > "$work/deep.pgm"
printf 'P3\n4 3\n65535\n' > "$work/deep.ppm"
printf '%d %d %d\n' 0 65535 0 1 65534 7 255 65280 14 256 65279 21 1000 64535 28 4660 60875 35 22136 43399 42 39612 25923 49 \
    32767 32768 56 32768 32767 63 65534 1 70 65535 0 77 >> "$work/deep.ppm"
printf 'P3\n4 3\n255\n' > "$work/rgb.ppm"
printf '%d %d %d\n' 0 255 0 1 254 7 2 253 14 3 252 21 50 205 28 51 204 35 52 203 42 53 202 49 \
    200 55 56 201 54 63 254 1 70 255 0 77 >> "$work/rgb.ppm"
TIFF=(-strip -define tiff:rows-per-strip=2)
for way in none lzw zip zstd; do convert "$work/deep.ppm" -depth 16 "${TIFF[@]}" -compress $way rgb16_$way.tif; done
tiffcp -c lzw:2 rgb16_none.tif rgb16_lzw_predictor.tif
tiffcp -c zip:2 rgb16_none.tif rgb16_zip_predictor.tif
tiffcp -c packbits rgb16_none.tif rgb16_packbits.tif
tiffcp -t -w 16 -l 16 -c zip rgb16_none.tif rgb16_tiled.tif
convert "$work/deep.ppm" -depth 16 "${TIFF[@]}" -endian MSB -interlace plane rgb16_planes.tif
ffmpeg -v error -y -i "$work/deep.ppm" -pix_fmt rgb48le -bitexact rgb16_ffmpeg.tif
convert "$work/deep.pgm" -depth 16 "${TIFF[@]}" -endian MSB -compress lzw grey16_msb.tif
convert "$work/deep.pgm" -depth 16 "${TIFF[@]}" -compress zip TIFF64:grey16_big.tif
convert "$work/deep.pgm" -depth 16 "${TIFF[@]}" -define quantum:polarity=min-is-white grey16_white.tif
convert "$work/deep.pgm" -depth 16 "${TIFF[@]}" -units PixelsPerCentimeter -density 40000x20000 grey16_cm.tif
convert "$work/deep.pgm" -depth 16 "${TIFF[@]}" -units PixelsPerInch -density 300 grey16_inch.tif
convert "$work/deep.pgm" -depth 32 "${TIFF[@]}" -define quantum:format=floating-point -compress lzw grey_float.tif
tiffcp -c zip:3 grey_float.tif grey_float_predictor.tif
convert "$work/deep.pgm" -depth 16 "${TIFF[@]}" -alpha set -channel A -evaluate set 65535 +channel grey16_alpha.tif
convert "$work/deep.pgm" "$work/deep.pgm" "$work/deep.pgm" -depth 16 "${TIFF[@]}" pages.tif
convert "$work/deep.pgm" "$work/rgb.ppm" -depth 16 "${TIFF[@]}" pages_differ.tif
convert "$work/deep.pgm" -threshold 50% "${TIFF[@]}" -compress Group4 bits.tif
convert "$work/rgb.ppm" -depth 8 "${TIFF[@]}" rgb8.tif
tiffcp -p separate rgb8.tif rgb8_planes.tif
gm convert "$work/rgb.ppm" -compress zip rgb8_gm.tif
convert "$work/rgb.ppm" -type Palette -depth 8 "${TIFF[@]}" palette.tif
convert "$work/rgb.ppm" -scale 1600% -quality 100 -sampling-factor 1x1 -compress jpeg "${TIFF[@]}" jpeg.tif

# By ImageJ: a hyperstack; values with a lookup table; and a file of ours, with other pixels, and with another scale
"${PYTHON:-python3}" - "$work/ours.tif" <<'OURS'
import sys
import numpy as np
from napari_quantize import fit
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.save import save_raster
image = np.arange(35, dtype=np.uint16).reshape(5, 7) * 10
calibration = Calibration(("y", "x"), (0.1083, 0.1083), ("micrometer", "micrometer"))
save_raster(sys.argv[1], Raster(fit(image, 3).apply(image), False, calibration, fit(image, 3), {"by": "us"}))
OURS
cat > "$work/stacks.ijm" <<'MACRO'
tmp = getArgument();
newImage("a", "16-bit grayscale-mode", 7, 5, 2, 3, 4);
for (t = 1; t <= 4; t++) for (z = 1; z <= 3; z++) for (c = 1; c <= 2; c++) {
    Stack.setPosition(c, z, t);
    for (y = 0; y < 5; y++) for (x = 0; x < 7; x++) setPixel(x, y, 10000 * t + 1000 * z + 100 * c + 10 * y + x);
}
setVoxelSize(0.1083, 0.2166, 1.5, "um"); Stack.setFrameInterval(0.5);
saveAs("Tiff", tmp + "/imagej_hyperstack.tif"); close();
newImage("b", "8-bit ramp", 7, 5, 1); run("Fire"); saveAs("Tiff", tmp + "/imagej_lut.tif"); close();
open(tmp + "/ours.tif"); setPixel(3, 2, 12345); saveAs("Tiff", tmp + "/ours_other_pixels.tif"); close();
open(tmp + "/ours.tif"); setVoxelSize(0.5, 0.5, 1, "um"); saveAs("Tiff", tmp + "/ours_other_scale.tif"); close();
MACRO
xvfb-run -a java -jar /usr/share/java/ij.jar -batch "$work/stacks.ijm" "$work" > "$work/log" 2>&1
cp "$work"/imagej_*.tif "$work"/ours_*.tif .
