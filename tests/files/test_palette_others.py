"""Other programs read what we write, and we read it again when they have written it.

GIMP is a package of Debian; anypalette is one of npm, and NODE_PATH says where it is.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from napari_quantize.files.palette import Palette, read_palette, write_palette

ANY = [shutil.which("node") or "node", str(Path(__file__).with_name("palettes_by_others.js"))]
HAS_ANY = (
    shutil.which("node") and not subprocess.run([ANY[0], "-e", "require('anypalette')"], capture_output=True).returncode
)
GIMP = shutil.which("gimp-console-2.10")
FIVE = np.array([[255, 0, 0], [0, 128, 0], [1, 2, 3], [254, 255, 0], [77, 99, 200]], np.uint8)
NAMES = ("Red", "Grün", "Almost black", "Yellow", "Blue")
PALETTE = Palette(FIVE, "Five", NAMES)


@pytest.mark.skipif(not HAS_ANY, reason="anypalette is not installed")
def test_anypalette_reads_what_we_write(tmp_path):
    files = [tmp_path / f"five{ending}" for ending in (".gpl", ".pal", ".act", ".aco", ".txt")]
    for file in files:
        write_palette(file, PALETTE)
    done = subprocess.run([*ANY, "read", *map(str, files)], capture_output=True, check=True, encoding="utf-8")
    found = {ending: (colors, names) for ending, colors, names in map(json.loads, done.stdout.splitlines())}
    assert sorted(found) == sorted(file.suffix for file in files)
    for ending, (colors, names) in found.items():
        assert colors[:5] == FIVE.tolist()
        if ending in (".gpl", ".aco"):
            assert names == list(NAMES)


@pytest.mark.skipif(not HAS_ANY, reason="anypalette is not installed")
def test_the_files_of_anypalette_are_its_own(tmp_path):
    subprocess.run([*ANY, "write", str(tmp_path)], check=True)
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (Path(__file__).parent / "made_by_others" / file.name).read_bytes()


@pytest.mark.skipif(GIMP is None, reason="GIMP 2.10 is not installed")
def test_gimp_reads_what_we_write_and_writes_it_again(tmp_path):
    (tmp_path / "palettes").mkdir()
    write_palette(tmp_path / "palettes" / "ours.gpl", PALETTE)
    commands = ['(gimp-palette-duplicate "Five")', '(gimp-palette-entry-set-name "Five copy" 0 "Rot")', "(gimp-quit 0)"]
    batch = [part for command in commands for part in ("-b", command)]
    home = {**os.environ, "GIMP2_DIRECTORY": str(tmp_path), "HOME": str(tmp_path)}
    subprocess.run([GIMP, "-i", *batch], env=home, capture_output=True, timeout=120)
    [copy] = (tmp_path / "palettes").glob("Five-copy*.gpl")
    assert read_palette(copy) == Palette(FIVE, "Five copy", ("Rot", *NAMES[1:]))
