"""Reports of small images, and pages as browsers read them."""

import base64
import io
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from PIL import Image

from napari_quantize import sweep
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.report.item import ReportItem
from napari_quantize.report.page import write_report

VOID = {"meta", "img", "input", "br", "link"}
RNG = np.random.default_rng(3)
GREY = RNG.integers(0, 200, (12, 16), dtype=np.uint8)
RGB = RNG.integers(0, 256, (12, 16, 3), dtype=np.uint8)


def raster(image, *, rgb=False, axes=None, scale=None, units=None):
    n_axes = image.ndim - rgb
    axes = axes or ("t", "z", "y", "x")[-n_axes:]
    return Raster(image, rgb, Calibration(tuple(axes), scale or (1.0,) * n_axes, units or ("pixel",) * n_axes))


def item(
    image, ks=(2, 4), name="it.png", *, rgb=False, info=None, written=(), learnt_from="", calibration=None, **options
):
    source = raster(image, rgb=rgb, **(calibration or {}))
    return ReportItem(name, source, list(sweep(image, ks, **options)), written, info or {}, learnt_from)


def photo(**options):
    return item(RGB, rgb=True, mode="color", channel_axis=-1, **options)


class Page(HTMLParser):
    """What a page holds; it complains of what is not well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        {"script": self.scripts, "style": []}.get(self._open[-1] if self._open else "", self.words).append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def pictures(self):
        return [decoded(attributes["src"]) for attributes in self.all("img")]


def decoded(uri):
    head, _, content = uri.partition(",")
    assert head == "data:image/png;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(content)))
    has_alpha = "A" in picture.mode or "transparency" in picture.info
    return np.asarray(picture.convert("RGBA" if has_alpha else "RGB"))


def page_of(folder: Path, *items, **options) -> Page:
    path = folder / "report.html"
    write_report(path, items, overwrite=True, **options)
    return Page(path.read_text("utf-8"))
