#!/bin/sh
# Makes the files in made_by_others/ again.
set -eu
cd "$(dirname "$0")"
out=$PWD/made_by_others
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Palettes: anypalette 0.6.0 (npm), adobe-color-swatch 1.0.0 (PyPI), GIMP 2.10 (Debian).
npm install --silent --prefix "$work" anypalette@0.6.0
NODE_PATH=$work/node_modules node palettes_by_others.js write "$out"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q adobe-color-swatch==1.0.0
cat > "$work/mixed.csv" <<'CSV'
name,space_id,color
Magenta,0,#FFFF0000FFFF
Deep,0,#123456789ABC
HSB,1,#55558000C000
Cyan ink,2,#0000FFFFFFFFFFFF
Half,2,#8000FFFFFFFFC000
Dark grey,8,#09C4
CSV
"$work/venv/bin/swatch" generate -i "$work/mixed.csv" -o "$out/swatch-mixed.aco"
HOME=$work gimp-console -i -b '(gimp-palette-new "Von GIMP")' \
    -b '(gimp-palette-add-entry "Von GIMP" "Rot" (list 255 0 0))' \
    -b '(gimp-palette-add-entry "Von GIMP" "Grün" (list 0 128 0))' \
    -b '(gimp-palette-add-entry "Von GIMP" "Untitled" (list 1 2 3))' \
    -b '(gimp-palette-set-columns "Von GIMP" 2)' -b '(gimp-quit 0)' > /dev/null 2>&1
cp "$work/.config/GIMP/2.10/palettes/Von-GIMP.gpl" "$out/gimp.gpl"
#!/bin/bash
# Makes the files in made_by_others again, with programs that are not ours. Debian packages: imagemagick, pngquant, webp,
# libavif-bin, gifsicle, libjpeg-turbo-progs, libimage-exiftool-perl, netpbm, ffmpeg, icc-profiles-free.
set -euo pipefail
cd "$(dirname "$0")/made_by_others"

# ---- reader: photos of 24×16 pixels with four corners, upright and in sRGB (the colours are in test_photos_of_others.py)
mkdir -p photos && cd photos
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
corners() { # the four colours, the file
    convert -size 24x16 "xc:$1" -fill "$2" -draw 'rectangle 12,0 23,7' -fill "$3" -draw 'rectangle 0,8 11,15' \
        -fill "$4" -draw 'rectangle 12,8 23,15' -strip -define png:exclude-chunks=date,gama,chrm "$5"
}
corners 'rgb(220,40,30)' 'rgb(40,180,60)' 'rgb(30,60,200)' 'rgb(240,230,90)' "$tmp/rgb.png"
convert "$tmp/rgb.png" "$tmp/rgb.ppm"
corners 'gray(0)' 'gray(85)' 'gray(170)' 'gray(255)' "$tmp/grey.pgm"
corners 'gray(0)' 'gray(255)' 'gray(255)' 'gray(0)' "$tmp/bits.pgm"
DATELESS=(-define png:exclude-chunks=date,time)
PLAIN=(-strip -define png:exclude-chunks=date,gama,chrm,bkgd)

# Each shows the same picture once it is turned as its tag says.
cjpeg -quality 95 -sample 1x1 "$tmp/rgb.ppm" > "$tmp/rgb.jpg"
stored=([1]='-trim' [2]='-flip horizontal' [3]='-rotate 180' [4]='-flip vertical' [5]=-transpose [6]='-rotate 270'
    [7]=-transverse [8]='-rotate 90')
drawn=([1]=+repage [2]=-flop [3]='-rotate 180' [4]=-flip [5]=-transpose [6]='-rotate 270' [7]=-transverse [8]='-rotate 90')
for n in 1 2 3 4 5 6 7 8; do
    jpegtran -copy none ${stored[$n]} "$tmp/rgb.jpg" > "turned_$n.jpg"
    # shellcheck disable=SC2086
    convert "$tmp/rgb.png" ${drawn[$n]} +repage "${PLAIN[@]}" "turned_$n.png"
    cwebp -quiet -lossless "turned_$n.png" -o "turned_$n.webp"
    convert "turned_$n.png" -compress LZW "turned_$n.tif"
    exiftool -q -overwrite_original "-Orientation#=$n" "turned_$n.jpg" "turned_$n.png" "turned_$n.webp" "turned_$n.tif"
done
convert "$tmp/rgb.png" -transpose +repage -depth 16 "${PLAIN[@]}" PNG48:turned_16bit_5.png
exiftool -q -overwrite_original '-Orientation#=5' turned_16bit_5.png
for irot in 0 1 2 3; do # anti-clockwise, then mirrored
    for imir in none 0 1; do
        mirror=([0]=-flip [1]=-flop)
        [ $imir = none ] && { shown=+repage; options=(); } || { shown=${mirror[$imir]}; options=(--imir $imir); }
        convert "$tmp/rgb.png" $shown -rotate $((90 * irot)) +repage "$tmp/a.png"
        avifenc --min 0 --max 4 -y 444 -s 6 --ignore-exif --irot $irot "${options[@]}" "$tmp/a.png" "turned_${irot}_$imir.avif" > "$tmp/log"
    done
done

# Kinds of pixels
convert "$tmp/rgb.png" "${PLAIN[@]}" PNG8:palette.png
convert "$tmp/rgb.png" -alpha set -region 12x8+12+8 -channel A -evaluate set 50% +channel +region "${PLAIN[@]}" PNG32:alpha.png
pngquant --force --nofs 16 alpha.png -o palette_alpha.png
cwebp -quiet -lossless -exact alpha.png -o alpha.webp
avifenc --min 0 --max 4 -y 444 -s 6 alpha.png alpha.avif > "$tmp/log"
convert alpha.png -compress zip alpha.tif
convert "$tmp/rgb.png" -transparent 'rgb(240,230,90)' see_through.gif
pnmtopng -quiet -transparent '=rgb:aa/aa/aa' "$tmp/grey.pgm" > grey_see_through.png
for depth in 2 4 8 16; do
    convert "$tmp/grey.pgm" -depth $depth "${PLAIN[@]}" -define png:bit-depth=$depth -define png:color-type=0 grey_$depth.png
done
convert "$tmp/grey.pgm" -depth 16 grey_16.pgm
convert "$tmp/grey.pgm" -depth 16 -endian MSB grey_16.tif
cjpeg -quality 95 "$tmp/grey.pgm" > grey.jpg
convert "$tmp/bits.pgm" "${PLAIN[@]}" -define png:bit-depth=1 -define png:color-type=0 bits.png
convert "$tmp/bits.pgm" bits.pbm
convert "$tmp/bits.pgm" -compress none bits_plain.pbm
convert "$tmp/bits.pgm" -threshold 50% -compress Group4 bits.tif
convert "$tmp/bits.pgm" -threshold 50% -define quantum:polarity=min-is-black -compress fax bits_black.tif
printf 'P3\n4 1\n65535\n4660 22136 39612 1 255 256 65534 65535 0 257 32768 32767\n' > "$tmp/deep.ppm"
pnmtopng -quiet -force "$tmp/deep.ppm" > deep_netpbm.png
convert "$tmp/deep.ppm" -depth 16 "${PLAIN[@]}" PNG48:deep_magick.png
convert "$tmp/deep.ppm" -depth 16 "${PLAIN[@]}" -interlace PNG PNG48:deep_interlaced.png
convert "$tmp/deep.ppm" -depth 16 -alpha set -channel A -evaluate set 25% +channel "${PLAIN[@]}" PNG64:deep_alpha.png
convert "$tmp/deep.ppm" -depth 16 deep.ppm
ffmpeg -v error -y -i deep.ppm -pix_fmt rgb48be -bitexact deep_ffmpeg.png
ffmpeg -v error -y -framerate 5 -loop 1 -t 0.4 -i deep.ppm -pix_fmt rgb48be -bitexact -f apng deep_animated.png
convert "$tmp/deep.ppm" -depth 16 deep.jp2
avifenc --min 0 --max 4 -y 444 -s 6 -d 10 "$tmp/rgb.png" ten_bits.avif > "$tmp/log"
avifenc --min 0 --max 4 -y 444 -s 6 -d 12 "$tmp/rgb.png" twelve_bits.avif > "$tmp/log"

# Inks: cyan, magenta, black, none
printf 'P7\nWIDTH 4\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\n\xff\0\0\0\0\xff\0\0\0\0\0\xff\0\0\0\0' > "$tmp/inks.pam"
convert "$tmp/inks.pam" -colorspace CMYK -scale 3200% -quality 95 -sampling-factor 1x1 ycck.jpg
convert "$tmp/inks.pam" -colorspace CMYK -compress zip inks.tif

# Other formats, losslessly
for kind in bmp gif pcx sgi sun xpm ppm jp2; do convert "$tmp/rgb.png" -quality 0 "rgb.$kind"; done
mv rgb.sun rgb.ras
ppmtotga -rgb "$tmp/rgb.ppm" > rgb.tga
convert "$tmp/rgb.png" -compress none rgb_plain.ppm
convert "$tmp/rgb.png" -compress RLE -type Palette BMP3:rgb_rle.bmp
convert "$tmp/rgb.png" -alpha set rgb.ico
convert "$tmp/rgb.png" -quality 90 rgb.heic
cjpeg -quality 95 -sample 1x1 -progressive "$tmp/rgb.ppm" > progressive.jpg
cjpeg -quality 95 -sample 1x1 -arithmetic "$tmp/rgb.ppm" > arithmetic.jpg
cjpeg -quality 95 -sample 1x1 -rgb "$tmp/rgb.ppm" > stored_rgb.jpg

# Colour profiles: the same numbers, which mean other colours
ADOBE=/usr/share/color/icc/compatibleWithAdobeRGB1998.icc
"${PYTHON:-python3}" - "$tmp/p3.icc" <<'PROFILE'
import sys
import imagecodecs
p3 = [0.680, 0.320, 1, 0.265, 0.690, 1, 0.150, 0.060, 1]
profile = imagecodecs.cms_profile("rgb", whitepoint=[0.3127, 0.3290, 1], primaries=p3, gamma=2.2)
open(sys.argv[1], "wb").write(profile)
PROFILE
for profile in adobe p3; do
    icc=$tmp/p3.icc
    [ $profile = adobe ] && icc=$ADOBE
    convert "$tmp/rgb.png" -profile "$icc" "${DATELESS[@]}" profile_$profile.png
    convert "$tmp/rgb.png" -depth 16 -profile "$icc" "${DATELESS[@]}" PNG48:profile_${profile}_16bit.png
    convert "$tmp/rgb.png" -profile "$icc" -compress zip profile_$profile.tif
    cjpeg -quality 98 -sample 1x1 -icc "$icc" "$tmp/rgb.ppm" > profile_$profile.jpg
    cwebp -quiet -lossless -metadata icc profile_$profile.png -o profile_$profile.webp
    avifenc --min 0 --max 4 -y 444 -s 6 profile_$profile.png profile_$profile.avif > "$tmp/log"
done

# Animations of 12×8 pixels: a red square moves over blue; some by parts of the picture
for i in 0 1 2; do
    convert -size 12x8 'xc:rgb(0,0,255)' -fill 'rgb(255,0,0)' -draw "rectangle $((4 * i)),2 $((4 * i + 3)),5" "$tmp/move$i.png"
done
convert -size 12x8 'xc:rgb(0,0,255)' "$tmp/blue.gif"
convert -size 4x4 'xc:rgb(255,0,0)' "$tmp/red.gif"
convert -size 4x4 'xc:rgb(0,255,0)' "$tmp/green.gif"
convert -size 2x2 'xc:rgb(255,255,255)' "$tmp/white.gif"
convert "$tmp/blue.gif" -fill 'rgb(9,9,9)' -draw 'point 11,7' -transparent 'rgb(9,9,9)' "$tmp/holed.gif"
convert "$tmp/red.gif" -fill 'rgb(9,9,9)' -draw 'rectangle 1,1 2,2' -transparent 'rgb(9,9,9)' "$tmp/ring.gif"
for shapes in blue,red holed,ring; do
    gifsicle --no-warnings --loop --background '#0000ff' -d10 "$tmp/${shapes%,*}.gif" \
        -d0 --disposal=background --position 2,2 "$tmp/${shapes#*,}.gif" \
        -d25 --disposal=previous --position 6,2 "$tmp/green.gif" \
        -d5 --disposal=none --position 0,0 "$tmp/white.gif" > disposal_${shapes%,*}.gif
done
convert -delay 10 "$tmp/move0.png" -delay 20 "$tmp/move1.png" -delay 30 "$tmp/move2.png" "$tmp/move.gif"
gifsicle -O3 "$tmp/move.gif" > moving.gif
convert "$tmp/move.gif" -set delay 0 moving_0ms.gif
ffmpeg -v error -y -framerate 4 -i "$tmp/move%d.png" -final_delay 1/2 -pix_fmt rgb24 -bitexact -f apng moving.png
img2webp -lossless -d 100 "$tmp/move0.png" -d 1 "$tmp/move1.png" -d 300 "$tmp/move2.png" -o moving.webp > "$tmp/log" 2>&1
avifenc --min 0 --max 4 -y 444 -s 6 --timescale 1000 --duration 100 "$tmp/move0.png" --duration 200 "$tmp/move1.png" \
    --duration 300 "$tmp/move2.png" moving.avif > "$tmp/log"
convert "$tmp/move0.png" "$tmp/move1.png" "$tmp/move2.png" -compress zip moving.tif
convert "$tmp/move0.png" "$tmp/grey.pgm" -compress zip pages_differ.tif
cd ..

# ---- png: a file of ours as others write it anew; what it holds is in test_png_record.py. Debian packages: optipng,
# libimage-exiftool-perl. PYTHON is one that has napari_quantize.
mkdir -p png && cd png
"${PYTHON:-python}" - "$tmp/ours.png" <<'END'
import sys
import numpy as np
from napari_quantize import Codebook
from napari_quantize.core.arguments import Request
from napari_quantize.files.png import encode_png
from napari_quantize.files.raster import Place, Raster
levels = np.array([[0.1, 0.2, 40.3], [100 / 3, 50.0, 7.7], [250.25, 1 / 7, 99.9]])
codebook = Codebook(3, (levels,), np.dtype(np.uint8), Request(mode="color", channel_axis=-1))
image = codebook.outputs[0][np.arange(12 * 16).reshape(12, 16) % 5 % 3]
place = Place(("y", "x"), (0.5, 0.25), ("micrometer", "micrometer"))
open(sys.argv[1], "wb").write(encode_png(Raster(image, True, place, codebook, {"source_name": "ü"})))
END
cp "$tmp/ours.png" optipng.png && optipng -quiet -force optipng.png
cp "$tmp/ours.png" exiftool.png && exiftool -q -overwrite_original -Title=hello exiftool.png
cd ..

# ---- tiff: 4×3 numbers (they are in test_tiffs_of_others.py) and small stacks. Debian packages: imagemagick, libtiff-tools,
# graphicsmagick, ffmpeg, imagej, xvfb
mkdir -p tiff && cd tiff
printf 'P2\n4 3\n65535\n0 1 255 256 1000 4660 22136 39612 32767 32768 65534 65535\n' > "$tmp/deep.pgm"
printf 'P3\n4 3\n65535\n' > "$tmp/deep.ppm"
printf '%d %d %d\n' 0 65535 0 1 65534 7 255 65280 14 256 65279 21 1000 64535 28 4660 60875 35 22136 43399 42 39612 25923 49 \
    32767 32768 56 32768 32767 63 65534 1 70 65535 0 77 >> "$tmp/deep.ppm"
printf 'P3\n4 3\n255\n' > "$tmp/rgb.ppm"
printf '%d %d %d\n' 0 255 0 1 254 7 2 253 14 3 252 21 50 205 28 51 204 35 52 203 42 53 202 49 \
    200 55 56 201 54 63 254 1 70 255 0 77 >> "$tmp/rgb.ppm"
TIFF=(-strip -define tiff:rows-per-strip=2)
for way in none lzw zip zstd; do convert "$tmp/deep.ppm" -depth 16 "${TIFF[@]}" -compress $way rgb16_$way.tif; done
tiffcp -c lzw:2 rgb16_none.tif rgb16_lzw_predictor.tif
tiffcp -c zip:2 rgb16_none.tif rgb16_zip_predictor.tif
tiffcp -c packbits rgb16_none.tif rgb16_packbits.tif
tiffcp -t -w 16 -l 16 -c zip rgb16_none.tif rgb16_tiled.tif
convert "$tmp/deep.ppm" -depth 16 "${TIFF[@]}" -endian MSB -interlace plane rgb16_planes.tif
ffmpeg -v error -y -i "$tmp/deep.ppm" -pix_fmt rgb48le -bitexact rgb16_ffmpeg.tif
convert "$tmp/deep.pgm" -depth 16 "${TIFF[@]}" -endian MSB -compress lzw grey16_msb.tif
convert "$tmp/deep.pgm" -depth 16 "${TIFF[@]}" -compress zip TIFF64:grey16_big.tif
convert "$tmp/deep.pgm" -depth 16 "${TIFF[@]}" -define quantum:polarity=min-is-white grey16_white.tif
convert "$tmp/deep.pgm" -depth 16 "${TIFF[@]}" -units PixelsPerCentimeter -density 40000x20000 grey16_cm.tif
convert "$tmp/deep.pgm" -depth 16 "${TIFF[@]}" -units PixelsPerInch -density 300 grey16_inch.tif
convert "$tmp/deep.pgm" -depth 32 "${TIFF[@]}" -define quantum:format=floating-point -compress lzw grey_float.tif
tiffcp -c zip:3 grey_float.tif grey_float_predictor.tif
convert "$tmp/deep.pgm" -depth 16 "${TIFF[@]}" -alpha set -channel A -evaluate set 65535 +channel grey16_alpha.tif
convert "$tmp/deep.pgm" "$tmp/deep.pgm" "$tmp/deep.pgm" -depth 16 "${TIFF[@]}" pages.tif
convert "$tmp/deep.pgm" "$tmp/rgb.ppm" -depth 16 "${TIFF[@]}" pages_differ.tif
convert "$tmp/deep.pgm" -threshold 50% "${TIFF[@]}" -compress Group4 bits.tif
convert "$tmp/rgb.ppm" -depth 8 "${TIFF[@]}" rgb8.tif
tiffcp -p separate rgb8.tif rgb8_planes.tif
gm convert "$tmp/rgb.ppm" -compress zip rgb8_gm.tif
convert "$tmp/rgb.ppm" -type Palette -depth 8 "${TIFF[@]}" palette.tif
convert "$tmp/rgb.ppm" -scale 1600% -quality 100 -sampling-factor 1x1 -compress jpeg "${TIFF[@]}" jpeg.tif

# By ImageJ: a hyperstack; values with a lookup table; and a file of ours, with other pixels, and with another scale
"${PYTHON:-python3}" - "$tmp/ours.tif" <<'OURS'
import sys
import numpy as np
from napari_quantize import fit
from napari_quantize.files.raster import Place, Raster
from napari_quantize.files.save import save_raster
image = np.arange(35, dtype=np.uint16).reshape(5, 7) * 10
place = Place(("y", "x"), (0.1083, 0.1083), ("micrometer", "micrometer"))
save_raster(sys.argv[1], Raster(fit(image, 3).apply(image), False, place, fit(image, 3), {"by": "us"}))
OURS
cat > "$tmp/stacks.ijm" <<'MACRO'
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
xvfb-run -a java -jar /usr/share/java/ij.jar -batch "$tmp/stacks.ijm" "$tmp" > "$tmp/log" 2>&1
cp "$tmp"/imagej_*.tif "$tmp"/ours_*.tif .
cd ..
