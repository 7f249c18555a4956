// Writes the palette of test_palette_others.py with anypalette: node palettes_by_others.js FOLDER
const fs = require("fs");
const anypalette = require("anypalette");

const palette = new anypalette.Palette();
for (const [red, green, blue, name] of [
  [255, 0, 0, "Red"], [0, 128, 0, "Grün"], [1, 2, 3, "Almost black"], [254, 255, 0, "Yellow"], [77, 99, 200, "Blue"],
]) palette.push(new anypalette.Color({ red: red / 255, green: green / 255, blue: blue / 255, name }));
palette.name = "Five";
for (const [format, file] of Object.entries({
  GIMP_PALETTE: "any.gpl", PAINT_SHOP_PRO_PALETTE: "any-jasc.pal", RIFF_PALETTE: "any-riff.pal",
  ADOBE_COLOR_TABLE_PALETTE: "any.act", ADOBE_COLOR_SWATCH_PALETTE: "any.aco", PAINTDOTNET_PALETTE: "any.txt",
})) fs.writeFileSync(`${process.argv[2]}/${file}`, Buffer.from(anypalette.writePalette(palette, anypalette.formats[format])));
