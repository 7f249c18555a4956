// anypalette, for test_interop_palettes.py and make_palettes.sh:
//   node anypalette.js write FOLDER      writes a palette in all formats
//   node anypalette.js read FILE…        prints the colours and names of each file as JSON
const fs = require("fs");
const path = require("path");
const anypalette = require("anypalette");

const FILES = {
  GIMP_PALETTE: "any.gpl", PAINT_SHOP_PRO_PALETTE: "any-jasc.pal", RIFF_PALETTE: "any-riff.pal",
  ADOBE_COLOR_TABLE_PALETTE: "any.act", ADOBE_COLOR_SWATCH_PALETTE: "any.aco", PAINTDOTNET_PALETTE: "any.txt",
};

function write(folder) {
  const palette = new anypalette.Palette();
  palette.name = "Five";
  for (const [red, green, blue, name] of [
    [255, 0, 0, "Red"], [0, 128, 0, "Grün"], [1, 2, 3, "Almost black"], [254, 255, 0, "Yellow"], [77, 99, 200, "Blue"],
  ]) palette.push(new anypalette.Color({ red: red / 255, green: green / 255, blue: blue / 255, name }));
  for (const [format, file] of Object.entries(FILES))
    fs.writeFileSync(path.join(folder, file), Buffer.from(anypalette.writePalette(palette, anypalette.formats[format])));
}

function read(files) {
  for (const file of files)
    anypalette.loadPalette({ data: fs.readFileSync(file), fileExt: path.extname(file).slice(1) }, (error, palette) => {
      if (error) throw error;
      const colors = palette.map(({ red, green, blue }) => [red, green, blue].map((value) => Math.round(255 * value)));
      console.log(JSON.stringify([path.extname(file), colors, palette.map(({ name }) => name || "")]));
    });
}

const [, , what, ...rest] = process.argv;
if (what === "write") write(rest[0]);
else read(rest);
