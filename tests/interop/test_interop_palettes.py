"""Other programs read the palettes that we write, and we read them again when they have written them."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from programs import run

from napari_quantize import Palette, read_palette, write_palette

pytestmark = pytest.mark.interop

SCRIPT = Path(__file__).with_name("anypalette.js")
FIVE = np.array([[255, 0, 0], [0, 128, 0], [1, 2, 3], [254, 255, 0], [77, 99, 200]], np.uint8)
NAMES = ("Red", "Grün", "Almost black", "Yellow", "Blue")
PALETTE = Palette(FIVE, "Five", NAMES)


def test_anypalette_reads_our_palettes(tmp_path):
    files = [tmp_path / f"five{ending}" for ending in (".gpl", ".pal", ".act", ".aco", ".txt")]
    for file in files:
        write_palette(file, PALETTE)
    lines = run("anypalette", SCRIPT, "read", *files).decode().splitlines()
    found = {ending: (colors, names) for ending, colors, names in map(json.loads, lines)}
    assert sorted(found) == sorted(file.suffix for file in files)
    for ending, (colors, names) in found.items():
        assert colors[:5] == FIVE.tolist()
        if ending in (".gpl", ".aco"):
            assert names == list(NAMES)


def test_palettes_of_anypalette_are_read(tmp_path):
    run("anypalette", SCRIPT, "write", tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 6
    for file in files:
        np.testing.assert_array_equal(read_palette(file).colors[:5], FIVE)


def test_gimp_reads_our_palettes_and_writes_the_same_colours(tmp_path):
    (tmp_path / "palettes").mkdir()
    write_palette(tmp_path / "palettes" / "ours.gpl", PALETTE)
    commands = ['(gimp-palette-duplicate "Five")', '(gimp-palette-entry-set-name "Five copy" 0 "Rot")', "(gimp-quit 0)"]
    batch = [part for command in commands for part in ("-b", command)]
    run("GIMP", "-i", *batch, env={**os.environ, "GIMP2_DIRECTORY": str(tmp_path), "HOME": str(tmp_path)})
    [copy] = (tmp_path / "palettes").glob("Five-copy*.gpl")
    assert read_palette(copy) == Palette(FIVE, "Five copy", ("Rot", *NAMES[1:]))
