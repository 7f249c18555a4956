#!/bin/bash
# Makes the palettes in made_by_others again, with programs that are not ours.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# anypalette 0.6.0 (npm), adobe-color-swatch 1.0.0 (PyPI), GIMP 2.10 (Debian).
npm install --silent --prefix "$work" anypalette@0.6.0
NODE_PATH=$work/node_modules node ../interop/anypalette.js write made_by_others
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
"$work/venv/bin/swatch" generate -i "$work/mixed.csv" -o "made_by_others/swatch-mixed.aco"
HOME=$work gimp-console -i -b '(gimp-palette-new "Von GIMP")' \
    -b '(gimp-palette-add-entry "Von GIMP" "Rot" (list 255 0 0))' \
    -b '(gimp-palette-add-entry "Von GIMP" "Grün" (list 0 128 0))' \
    -b '(gimp-palette-add-entry "Von GIMP" "Untitled" (list 1 2 3))' \
    -b '(gimp-palette-set-columns "Von GIMP" 2)' -b '(gimp-quit 0)' > /dev/null 2>&1
cp "$work/.config/GIMP/2.10/palettes/Von-GIMP.gpl" "made_by_others/gimp.gpl"
