"""The programs that these tests run: which package of Debian has them, and how each says what it is.

As a script it prints the packages that are missing.
"""

import functools
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Program:
    """A program that is not ours.

    Parameters
    ----------
    package : str
        Debian's package, or "" if `make test-interop` brings the program in another way.
    names : tuple of str
        Names of its file, one of which is enough.
    question : tuple of str
        Arguments that make it say what it is.
    answer : str
        Words in what it then prints; other programs may have the same name.
    """

    package: str
    names: tuple[str, ...]
    question: tuple[str, ...]
    answer: str


PROGRAMS = {
    "ImageMagick": Program("imagemagick", ("convert",), ("-version",), "Version: ImageMagick"),
    "GraphicsMagick": Program("graphicsmagick", ("gm",), ("version",), "GraphicsMagick"),
    "pngcheck": Program("pngcheck", ("pngcheck",), ("-h",), "PNGcheck, version"),
    "optipng": Program("optipng", ("optipng",), ("--version",), "OptiPNG version"),
    "pngquant": Program("pngquant", ("pngquant",), ("--help",), "pngquant, "),
    "exiftool": Program("libimage-exiftool-perl", ("exiftool",), ("-ver", "-v"), "ExifTool version"),
    "tiffcp": Program("libtiff-tools", ("tiffcp",), ("-h",), "LIBTIFF, Version"),
    "GIMP": Program("gimp", ("gimp-console-2.10",), ("--version",), "GNU Image Manipulation Program"),
    "Chromium": Program("chromium", ("chromium", "chromium-browser", "google-chrome"), ("--version",), "Chrom"),
    "anypalette": Program("", ("node",), ("-p", "'any' + typeof require('anypalette').loadPalette"), "anyfunction"),
}


@functools.cache
def search(name: str) -> tuple[str | None, str]:
    """Return the path of the first program on the PATH that is what it claims to be, and what was found otherwise."""
    program, found = PROGRAMS[name], []
    for folder in os.get_exec_path():
        for path in filter(None, (shutil.which(file, path=folder) for file in program.names)):
            done = subprocess.run([path, *program.question], capture_output=True, timeout=60, check=False)
            said = (done.stdout + done.stderr).decode(errors="replace")
            if program.answer in said:
                return path, ""
            found.append(f"{path} says {said[:200]!r}")
    return None, "; ".join(found) or f"no {' or '.join(program.names)} on the PATH"


def find(name: str) -> str:
    """Return the path of a program; fail the test if it is missing or another one has its name."""
    path, found = search(name)
    if path is None:
        pytest.fail(f"{name} is needed, and `make test-interop` installs it: {found}", pytrace=False)
    return path


def run(name: str, *arguments: object, **options: object) -> bytes:
    """Run a program and return what it prints; fail if it does."""
    command = [find(name), *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, timeout=120, check=True, **options).stdout


if __name__ == "__main__":
    sys.stdout.write(
        " ".join(program.package for name, program in PROGRAMS.items() if program.package and not search(name)[0])
    )
