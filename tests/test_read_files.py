"""The script that reads a folder of files tells what became of each."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from tools import read_files

ROOT = Path(__file__).parents[1]
IMAGE = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    """A folder with a file that can be read, a damaged one, and one that is no image."""
    Image.fromarray(IMAGE).save(tmp_path / "good.png")
    Image.fromarray(IMAGE).save(tmp_path / "whole.tif", compression="tiff_deflate")
    (tmp_path / "damaged.tif").write_bytes((tmp_path / "whole.tif").read_bytes()[:200])
    (tmp_path / "whole.tif").unlink()
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def test_each_file_has_a_line(folder):
    script = [sys.executable, "tools/read_files.py", str(folder)]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0].split() for line in lines[:3]] == [
        ["refused", "damaged.tif"],
        ["right", "good.png"],
        ["refused", "notes.txt"],
    ]
    assert lines[3:] == ["2 refused, 1 right"]


def test_other_pixels_are_told(folder, monkeypatch):
    other = IMAGE.copy()
    other[3, 4] ^= 1
    monkeypatch.setattr(imagecodecs, "imread", lambda _: other)
    assert read_files.read(folder / "good.png") == ("DIFFERENT", "1 of 600 values")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(KeyError("width"), "TRACEBACK"), (ValueError("a\nb"), "TRACEBACK"), (OSError(2, "no"), "refused")],
)
def test_only_one_sentence_is_a_refusal(error, outcome, folder, monkeypatch):
    def fail(_):
        raise error

    monkeypatch.setattr(read_files, "load", fail)
    assert read_files.read(folder / "good.png")[0] == outcome


def test_a_process_that_ends_is_told(folder, monkeypatch):
    monkeypatch.setattr(read_files, "read", lambda _: os._exit(3))
    assert read_files.read_apart(folder / "good.png") == ("CRASHED", "exit code 3")


def test_a_process_that_takes_long_is_told(folder, monkeypatch):
    monkeypatch.setattr(read_files, "read", lambda _: time.sleep(600))
    monkeypatch.setattr(read_files, "MOST_SECONDS", 0)
    assert read_files.read_apart(folder / "good.png") == ("SLOW", "over 0 s")


def test_a_process_that_needs_much_memory_is_told(folder, monkeypatch):
    monkeypatch.setattr(read_files, "MOST_BYTES", 0)
    outcome, size = read_files.read_apart(folder / "good.png")
    assert outcome == "LARGE"
    assert re.fullmatch(r"\d+\.\d GB", size)


def test_a_folder_is_needed():
    done = subprocess.run(
        [sys.executable, "tools/read_files.py"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stderr) == (1, "usage: python tools/read_files.py FOLDER\n")
