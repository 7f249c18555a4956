"""Figures that take long: ΔE, SSIM, PNG size and noise. Measured in a thread, cached until the data change."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.quality.noise import estimate_noise
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.text.figures import DELTA_E, KB, NOISE, SSIM
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.cache import LayerCache, Stamp, stamp
from napari_quantize.viewer.layers.rasters import as_exported, told_by
from napari_quantize.viewer.layers.sources import Source

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_quantize.core.request.request import Tick


Key = tuple[str, Plane | None, tuple[str, ...]]

# Larger stacks are measured in the displayed plane only; this many values take a second or two.
_MAX_WHOLE = 2**24

OLD = "the image has changed since: quantize again"
OF_PLANE = "of the plane that is shown"
NO_NOISE = "the image has no noise that could be measured"


@dataclass(frozen=True)
class Figure:
    """A measured figure.

    Attributes
    ----------
    value : float or None
        The figure; None if there is none.
    note : str
        Note on the figure, or the reason why there is none.
    """

    value: float | None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Measure:
    """Measurement of one figure: created in the GUI thread, taken in another.

    Attributes
    ----------
    layer : Image
        The layer that the figure describes.
    key : tuple
        Cache key: name of the column, the plane (None for the whole stack) and, for file sizes, the scale, which the
        file holds.
    basis : tuple of Stamp
        Stamps of the image's and the layer's data.
    source, data : array-like
        Data of the image and of the layer.
    rgb, channel_axis : bool, int or None
        Meaning of the axes.
    shown, told : Plane, dict
        The displayed plane, and the attributes that a file of the layer holds.
    """

    layer: Image
    key: Key
    basis: tuple[Stamp, Stamp]
    source: Any
    data: Any
    rgb: bool
    channel_axis: int | None
    shown: Plane
    told: dict[str, Any] = field(repr=False)

    @classmethod
    def of(
        cls, name: str, image: Source, source: Image, layer: Image, plane: Plane, channel_axis: int | None = None
    ) -> Measure:
        """Return the measurement of the present data, or of `plane` if the whole takes too long; read nothing."""
        method = _METHODS[name]
        whole = method.of_stack and (source.ndim == 2 or math.prod(image.shape) <= _MAX_WHOLE)
        told = told_by(layer)
        scale = (str(told["scale"]), str(told["units"])) if method.of_file else ()
        key, basis = (name, None if whole else plane, scale), (stamp(source), stamp(layer))
        return cls(layer, key, basis, image.data, Source.of(layer).data, source.rgb, channel_axis, plane, told)

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.key[0]

    @property
    def identity(self) -> tuple[Image, Key, tuple[Stamp, Stamp]]:
        """Key that is equal for the same figure of the same layer and data."""
        return self.layer, self.key, self.basis

    def recall(self) -> Figure | None:
        """Return the cached figure; None if it was not measured."""
        return _figures.get(self.layer, self.key, self.basis)

    def remember(self, figure: Figure) -> None:
        """Cache the figure, and drop those of former data."""
        _figures.put(self.layer, self.key, figure, self.basis)

    def take(self, tick: Tick) -> Figure:
        """Return the figure; called in the thread."""
        plane = self.key[1]
        try:
            figure = _METHODS[self.name].take(self, tick)
        except (ValueError, TypeError, OSError) as error:  # such data have no such figure: the reason is the note
            return Figure(None, str(error))
        stack = plane is not None and len(plane.at) > 2
        return Figure(figure.value, "; ".join(filter(None, [OF_PLANE if stack else "", figure.note])))

    def read(self, data: Any) -> np.ndarray:
        """Return the measured part of `data` as an array."""
        plane = self.key[1]
        return np.asarray(data) if plane is None else plane.of(data)


_figures: LayerCache[Key, Figure] = LayerCache()


def _take_delta_e(measure: Measure, tick: Tick) -> Figure:
    found = delta_e(measure.read(measure.source), measure.read(measure.data), tick=tick)
    return Figure(found.mean, most_differ_by(found.p95))


def _take_ssim(measure: Measure, tick: Tick) -> Figure:
    source, data = measure.read(measure.source), measure.read(measure.data)
    axis = -1 if measure.rgb else None
    return Figure(ssim(source, data, channel_axis=axis, alpha=measure.rgb and source.shape[-1] == 4, tick=tick))


def _take_kb(measure: Measure, tick: Tick) -> Figure:
    from napari_quantize.formats.png.encode import png_kb

    raster = as_exported(measure.data, measure.shown, measure.told)
    tick()
    return Figure(png_kb(raster))


def _take_noise(measure: Measure, tick: Tick) -> Figure:
    image = measure.read(measure.source)
    axis = -1 if measure.rgb else measure.channel_axis if measure.key[1] is None else None
    found = estimate_noise(image, channel_axis=axis, alpha=measure.rgb and image.shape[-1] == 4, tick=tick)
    return Figure(found, "" if found else NO_NOISE)


@dataclass(frozen=True)
class _Method:
    """How a figure is measured: of a whole stack or of one plane, of the pixels or of the file that they become."""

    take: Callable[[Measure, Tick], Figure]
    of_stack: bool = False
    of_file: bool = False


_METHODS = {
    DELTA_E.name: _Method(_take_delta_e, of_stack=True),
    SSIM.name: _Method(_take_ssim),
    KB.name: _Method(_take_kb, of_file=True),
    NOISE.name: _Method(_take_noise, of_stack=True),
}


def most_differ_by(p95: float) -> str:
    """Return the note on the 95th percentile of ΔE."""
    return f"95 % of the pixels moved by {p95:.1f} at most"
