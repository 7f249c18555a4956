"""Run the Python of a page, and draw the pictures of the examples anew: ``python -m docs.run_pages``."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import chdir, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from napari_quantize import Calibration, Raster, encode_png, quantize

DOCS = Path(__file__).parent
PICTURES = DOCS / "images" / "examples"
# A block of code, and the output that may stand right behind it.
_BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n+```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)


def run_page(page: Path, folder: Path) -> list[tuple[str, str]]:
    """Run all blocks of Python on a page, in one namespace and in `folder`.

    Parameters
    ----------
    page : Path
        A Markdown file.
    folder : Path
        Where the blocks find and leave their files.

    Returns
    -------
    list of (str, str)
        For each block what it printed, and what the page says that it prints.
    """
    text = page.read_text(encoding="utf-8")
    names = {"__name__": page.stem}
    outputs = []
    with chdir(folder):
        for block in _BLOCK.finditer(text):
            # Empty lines before it: errors name the line on the page.
            code = "\n" * text.count("\n", 0, block.start(1)) + block[1]
            with redirect_stdout(io.StringIO()) as printed:
                exec(compile(code, page.name, "exec"), names)  # noqa: S102
            outputs.append((printed.getvalue(), block[2] or ""))
    return outputs


def with_palette(picture: np.ndarray) -> bytes:
    """Return an RGB picture as a PNG of at most 256 colours: a third of the size, and nobody sees it."""
    colors = quantize(picture, 256, mode="color", channel_axis=-1)
    return encode_png(Raster(colors, rgb=True, calibration=Calibration.of_pixels("y", "x")))


def main() -> None:
    """Draw the pictures of all examples, or of those that are named."""
    os.environ.setdefault("MPLBACKEND", "agg")
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:]
    for page in sorted((DOCS / "examples").glob("*.md")):
        if wanted and page.stem not in wanted:
            continue
        with TemporaryDirectory() as folder:
            for printed, said in run_page(page, Path(folder)):
                if printed != said:
                    print(f"{page.name} says\n{said}but prints\n{printed}")
            for picture in sorted(Path(folder).glob("*.png")):
                if f"images/examples/{picture.name}" in page.read_text(encoding="utf-8"):
                    small = with_palette(np.asarray(Image.open(picture).convert("RGB")))
                    (PICTURES / picture.name).write_bytes(small)
                    print(f"{page.name}: {picture.name}, {len(small) / 1024:.0f} KB")


if __name__ == "__main__":
    main()
