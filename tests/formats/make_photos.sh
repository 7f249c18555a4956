#!/bin/bash
# Makes the photos in made_by_others again, with programs that are not ours.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Photos of 24×16 pixels with four corners; what they show is in test_photos_of_others.py. Programs of Debian's packages
# imagemagick, pngquant, webp, libavif-bin, gifsicle, libjpeg-turbo-progs, libimage-exiftool-perl, netpbm, ffmpeg; the
# profiles are from icc-profiles-free and imagecodecs.
cd made_by_others/photos
corners() { # the four colours, the file
    convert -size 24x16 "xc:$1" -fill "$2" -draw 'rectangle 12,0 23,7' -fill "$3" -draw 'rectangle 0,8 11,15' \
        -fill "$4" -draw 'rectangle 12,8 23,15' -strip -define png:exclude-chunks=date,gama,chrm "$5"
}
corners 'rgb(220,40,30)' 'rgb(40,180,60)' 'rgb(30,60,200)' 'rgb(240,230,90)' "$work/rgb.png"
convert "$work/rgb.png" "$work/rgb.ppm"
corners 'gray(0)' 'gray(85)' 'gray(170)' 'gray(255)' "$work/grey.pgm"
corners 'gray(0)' 'gray(255)' 'gray(255)' 'gray(0)' "$work/bits.pgm"
DATELESS=(-define png:exclude-chunks=date,time)
PLAIN=(-strip -define png:exclude-chunks=date,gama,chrm,bkgd)

# Each shows the same picture once it is turned as its tag says.
cjpeg -quality 95 -sample 1x1 "$work/rgb.ppm" > "$work/rgb.jpg"
stored=([1]='-trim' [2]='-flip horizontal' [3]='-rotate 180' [4]='-flip vertical' [5]=-transpose [6]='-rotate 270'
    [7]=-transverse [8]='-rotate 90')
drawn=([1]=+repage [2]=-flop [3]='-rotate 180' [4]=-flip [5]=-transpose [6]='-rotate 270' [7]=-transverse [8]='-rotate 90')
for n in 1 2 3 4 5 6 7 8; do
    jpegtran -copy none ${stored[$n]} "$work/rgb.jpg" > "turned_$n.jpg"
    # shellcheck disable=SC2086
    convert "$work/rgb.png" ${drawn[$n]} +repage "${PLAIN[@]}" "turned_$n.png"
    cwebp -quiet -lossless "turned_$n.png" -o "turned_$n.webp"
    convert "turned_$n.png" -compress LZW "turned_$n.tif"
    exiftool -q -overwrite_original "-Orientation#=$n" "turned_$n.jpg" "turned_$n.png" "turned_$n.webp" "turned_$n.tif"
done
convert "$work/rgb.png" -transpose +repage -depth 16 "${PLAIN[@]}" PNG48:turned_16bit_5.png
exiftool -q -overwrite_original '-Orientation#=5' turned_16bit_5.png
for irot in 0 1 2 3; do # anti-clockwise, then mirrored
    for imir in none 0 1; do
        mirror=([0]=-flip [1]=-flop)
        [ $imir = none ] && { shown=+repage; options=(); } || { shown=${mirror[$imir]}; options=(--imir $imir); }
        convert "$work/rgb.png" $shown -rotate $((90 * irot)) +repage "$work/a.png"
        avifenc --min 0 --max 4 -y 444 -s 6 --ignore-exif --irot $irot "${options[@]}" "$work/a.png" "turned_${irot}_$imir.avif" > "$work/log"
    done
done

# Kinds of pixels
convert "$work/rgb.png" "${PLAIN[@]}" PNG8:palette.png
convert "$work/rgb.png" -alpha set -region 12x8+12+8 -channel A -evaluate set 50% +channel +region "${PLAIN[@]}" PNG32:alpha.png
pngquant --force --nofs 16 alpha.png -o palette_alpha.png
cwebp -quiet -lossless -exact alpha.png -o alpha.webp
avifenc --min 0 --max 4 -y 444 -s 6 alpha.png alpha.avif > "$work/log"
convert alpha.png -compress zip alpha.tif
convert "$work/rgb.png" -transparent 'rgb(240,230,90)' see_through.gif
pnmtopng -quiet -transparent '=rgb:aa/aa/aa' "$work/grey.pgm" > grey_see_through.png
for depth in 2 4 8 16; do
    convert "$work/grey.pgm" -depth $depth "${PLAIN[@]}" -define png:bit-depth=$depth -define png:color-type=0 grey_$depth.png
done
convert "$work/grey.pgm" -depth 16 grey_16.pgm
convert "$work/grey.pgm" -depth 16 -endian MSB grey_16.tif
cjpeg -quality 95 "$work/grey.pgm" > grey.jpg
convert "$work/bits.pgm" "${PLAIN[@]}" -define png:bit-depth=1 -define png:color-type=0 bits.png
convert "$work/bits.pgm" bits.pbm
convert "$work/bits.pgm" -compress none bits_plain.pbm
convert "$work/bits.pgm" -threshold 50% -compress Group4 bits.tif
convert "$work/bits.pgm" -threshold 50% -define quantum:polarity=min-is-black -compress fax bits_black.tif
printf 'P3\n4 1\n65535\n4660 22136 39612 1 255 256 65534 65535 0 257 32768 32767\n' > "$work/deep.ppm"
pnmtopng -quiet -force "$work/deep.ppm" > deep_netpbm.png
convert "$work/deep.ppm" -depth 16 "${PLAIN[@]}" PNG48:deep_magick.png
convert "$work/deep.ppm" -depth 16 "${PLAIN[@]}" -interlace PNG PNG48:deep_interlaced.png
convert "$work/deep.ppm" -depth 16 -alpha set -channel A -evaluate set 25% +channel "${PLAIN[@]}" PNG64:deep_alpha.png
convert "$work/deep.ppm" -depth 16 deep.ppm
ffmpeg -v error -y -i deep.ppm -pix_fmt rgb48be -bitexact deep_ffmpeg.png
ffmpeg -v error -y -framerate 5 -loop 1 -t 0.4 -i deep.ppm -pix_fmt rgb48be -bitexact -f apng deep_animated.png
convert "$work/deep.ppm" -depth 16 deep.jp2
avifenc --min 0 --max 4 -y 444 -s 6 -d 10 "$work/rgb.png" ten_bits.avif > "$work/log"
avifenc --min 0 --max 4 -y 444 -s 6 -d 12 "$work/rgb.png" twelve_bits.avif > "$work/log"

# Inks: cyan, magenta, black, none
printf 'P7\nWIDTH 4\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\n\xff\0\0\0\0\xff\0\0\0\0\0\xff\0\0\0\0' > "$work/inks.pam"
convert "$work/inks.pam" -colorspace CMYK -scale 3200% -quality 95 -sampling-factor 1x1 ycck.jpg
convert "$work/inks.pam" -colorspace CMYK -compress zip inks.tif

# Other formats, losslessly
for kind in bmp gif pcx sgi sun xpm ppm jp2; do convert "$work/rgb.png" -quality 0 "rgb.$kind"; done
mv rgb.sun rgb.ras
ppmtotga -rgb "$work/rgb.ppm" > rgb.tga
convert "$work/rgb.png" -compress none rgb_plain.ppm
convert "$work/rgb.png" -compress RLE -type Palette BMP3:rgb_rle.bmp
convert "$work/rgb.png" -alpha set rgb.ico
convert "$work/rgb.png" -quality 90 rgb.heic
cjpeg -quality 95 -sample 1x1 -progressive "$work/rgb.ppm" > progressive.jpg
cjpeg -quality 95 -sample 1x1 -arithmetic "$work/rgb.ppm" > arithmetic.jpg
cjpeg -quality 95 -sample 1x1 -rgb "$work/rgb.ppm" > stored_rgb.jpg

# Colour profiles: the same numbers, which mean other colours
ADOBE=/usr/share/color/icc/compatibleWithAdobeRGB1998.icc
"${PYTHON:-python3}" - "$work/p3.icc" <<'PROFILE'
import sys
import imagecodecs
p3 = [0.680, 0.320, 1, 0.265, 0.690, 1, 0.150, 0.060, 1]
profile = imagecodecs.cms_profile("rgb", whitepoint=[0.3127, 0.3290, 1], primaries=p3, gamma=2.2)
open(sys.argv[1], "wb").write(profile)
PROFILE
for profile in adobe p3; do
    icc=$work/p3.icc
    [ $profile = adobe ] && icc=$ADOBE
    convert "$work/rgb.png" -profile "$icc" "${DATELESS[@]}" profile_$profile.png
    convert "$work/rgb.png" -depth 16 -profile "$icc" "${DATELESS[@]}" PNG48:profile_${profile}_16bit.png
    convert "$work/rgb.png" -profile "$icc" -compress zip profile_$profile.tif
    cjpeg -quality 98 -sample 1x1 -icc "$icc" "$work/rgb.ppm" > profile_$profile.jpg
    cwebp -quiet -lossless -metadata icc profile_$profile.png -o profile_$profile.webp
    avifenc --min 0 --max 4 -y 444 -s 6 profile_$profile.png profile_$profile.avif > "$work/log"
done

# Animations of 12×8 pixels: a red square moves over blue; some by parts of the picture
for i in 0 1 2; do
    convert -size 12x8 'xc:rgb(0,0,255)' -fill 'rgb(255,0,0)' -draw "rectangle $((4 * i)),2 $((4 * i + 3)),5" "$work/move$i.png"
done
convert -size 12x8 'xc:rgb(0,0,255)' "$work/blue.gif"
convert -size 4x4 'xc:rgb(255,0,0)' "$work/red.gif"
convert -size 4x4 'xc:rgb(0,255,0)' "$work/green.gif"
convert -size 2x2 'xc:rgb(255,255,255)' "$work/white.gif"
convert "$work/blue.gif" -fill 'rgb(9,9,9)' -draw 'point 11,7' -transparent 'rgb(9,9,9)' "$work/holed.gif"
convert "$work/red.gif" -fill 'rgb(9,9,9)' -draw 'rectangle 1,1 2,2' -transparent 'rgb(9,9,9)' "$work/ring.gif"
for shapes in blue,red holed,ring; do
    gifsicle --no-warnings --loop --background '#0000ff' -d10 "$work/${shapes%,*}.gif" \
        -d0 --disposal=background --position 2,2 "$work/${shapes#*,}.gif" \
        -d25 --disposal=previous --position 6,2 "$work/green.gif" \
        -d5 --disposal=none --position 0,0 "$work/white.gif" > disposal_${shapes%,*}.gif
done
convert -delay 10 "$work/move0.png" -delay 20 "$work/move1.png" -delay 30 "$work/move2.png" "$work/move.gif"
gifsicle -O3 "$work/move.gif" > moving.gif
convert "$work/move.gif" -set delay 0 moving_0ms.gif
ffmpeg -v error -y -framerate 4 -i "$work/move%d.png" -final_delay 1/2 -pix_fmt rgb24 -bitexact -f apng moving.png
img2webp -lossless -d 100 "$work/move0.png" -d 1 "$work/move1.png" -d 300 "$work/move2.png" -o moving.webp > "$work/log" 2>&1
avifenc --min 0 --max 4 -y 444 -s 6 --timescale 1000 --duration 100 "$work/move0.png" --duration 200 "$work/move1.png" \
    --duration 300 "$work/move2.png" moving.avif > "$work/log"
convert "$work/move0.png" "$work/move1.png" "$work/move2.png" -compress zip moving.tif
convert "$work/move0.png" "$work/grey.pgm" -compress zip pages_differ.tif
