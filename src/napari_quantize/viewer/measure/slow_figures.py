"""Figures that take long: ΔE, SSIM, PNG size and noise. Measured in a thread, cached until the data change."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.quality.noise import own_noise
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.text.error_curve import unknown_noise
from napari_quantize.text.figures import DELTA_E, KB, NOISE, SSIM
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.cache import DataVersion, LayerCache, data_version
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.raster_conversion import raster_to_export, saved_attributes
from napari_quantize.viewer.layers.sources import Source

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_quantize.core.request.request import Tick


Key = tuple[str, Plane | None, tuple[str, ...], int | None]

# Larger stacks are measured in the displayed plane only; this many values take a second or two.
_MAX_STACK_VALUES = 2**24

STALE = "the image has changed since: quantize again"
OF_PLANE = "of the plane that is shown"


@dataclass(frozen=True)
class MeasuredFigure:
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
class FigureTask:
    """Task that measures one figure: created in the GUI thread, run in another.

    Attributes
    ----------
    layer : Image
        The layer that the figure describes.
    key : tuple
        Cache key: name of the column, the plane (None for the whole stack), for file sizes the scale, which the file
        holds, and the axis of the channels.
    data_versions : tuple of DataVersion
        DataVersions of the image's and the layer's data.
    source, data : array-like
        Data of the image and of the layer.
    rgb, channel_axis : bool, int or None
        Meaning of the axes.
    displayed_plane, attributes : Plane, dict
        The displayed plane, and the attributes that a file of the layer holds.
    white : float or None
        Value of a full channel of the image, of which a plane may hold the dark part only; None if it is not known.
    """

    layer: Image
    key: Key
    data_versions: tuple[DataVersion, DataVersion]
    source: Any
    data: Any
    rgb: bool
    channel_axis: int | None
    displayed_plane: Plane
    attributes: dict[str, Any] = field(repr=False)
    white: float | None = None

    @classmethod
    def of(
        cls, name: str, image: Source, source: Image, layer: Image, plane: Plane, channel_axis: int | None = None
    ) -> FigureTask:
        """Return the task for the present data, without reading them.

        Parameters
        ----------
        name : str
            Name of the column.
        image, source : Source, Image
            The image, and its layer.
        layer : Image
            The layer that the figure describes.
        plane : Plane
            The displayed plane: the task measures only this plane of a stack that is too large, or always, depending
            on the figure.
        channel_axis : int or None
            Axis of the channels.
        """
        method = _METHODS[name]
        whole = method.takes_stacks and (source.ndim == 2 or math.prod(image.shape) <= _MAX_STACK_VALUES)
        attributes = saved_attributes(layer)
        scale = (str(attributes["scale"]), str(attributes["units"])) if method.depends_on_file else ()
        key = name, None if whole else plane, scale, channel_axis
        data_versions = data_version(source), data_version(layer)
        data, provenance = Source.of(layer).data, provenance_of(layer)
        white = None if provenance is None else provenance.quality.white
        return cls(layer, key, data_versions, image.data, data, source.rgb, channel_axis, plane, attributes, white)

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.key[0]

    @property
    def identity(self) -> tuple[Image, Key, tuple[DataVersion, DataVersion]]:
        """Key that is equal for the same figure of the same layer and data."""
        return self.layer, self.key, self.data_versions

    def recall(self) -> MeasuredFigure | None:
        """Return the cached figure; None if it was not measured."""
        return _figures.get(self.layer, self.key, self.data_versions)

    def remember(self, figure: MeasuredFigure) -> None:
        """Cache the figure, and drop those of former data."""
        _figures.put(self.layer, self.key, figure, self.data_versions)

    def run(self, tick: Tick) -> MeasuredFigure:
        """Return the figure; called in the thread."""
        plane = self.key[1]
        try:
            figure = _METHODS[self.name].run(self, tick)
        except (ValueError, TypeError, OSError) as error:  # such data have no such figure: the reason is the note
            return MeasuredFigure(None, str(error))
        is_of_stack = plane is not None and len(plane.position) > 2
        return MeasuredFigure(figure.value, "; ".join(filter(None, [OF_PLANE if is_of_stack else "", figure.note])))

    def read(self, data: Any) -> np.ndarray:
        """Return the measured part of `data` as an array."""
        plane = self.key[1]
        return np.asarray(data) if plane is None else plane.extract(data)


# A figure depends on two layers but is cached for one. So the versions of both layers' data are part of the entry: it
# is no longer found as soon as either layer gets other data.
_figures: LayerCache[Key, MeasuredFigure] = LayerCache()


def _measure_delta_e(task: FigureTask, tick: Tick) -> MeasuredFigure:
    found = delta_e(task.read(task.source), task.read(task.data), white=task.white, tick=tick)
    return MeasuredFigure(found.mean, percentile_note(found.p95))


def _measure_ssim(task: FigureTask, tick: Tick) -> MeasuredFigure:
    source, data = task.read(task.source), task.read(task.data)
    axis = -1 if task.rgb else None
    return MeasuredFigure(ssim(source, data, channel_axis=axis, alpha=task.rgb and source.shape[-1] == 4, tick=tick))


def _measure_kb(task: FigureTask, tick: Tick) -> MeasuredFigure:
    from napari_quantize.formats.png.encode import png_kb

    raster = raster_to_export(task.data, task.displayed_plane, task.attributes)
    tick()
    return MeasuredFigure(png_kb(raster))


def _measure_noise(task: FigureTask, tick: Tick) -> MeasuredFigure:
    image, axis = task.source, task.channel_axis  # a whole stack is read at a few planes only
    if task.key[1] is not None:
        image, axis = task.read(image), None
    if task.rgb:
        axis = -1
    found = own_noise(image, axis, task.rgb and image.shape[-1] == 4, tick)
    return MeasuredFigure(None, unknown_noise(found)) if isinstance(found, str) else MeasuredFigure(found)


@dataclass(frozen=True)
class _Method:
    """Method of measuring a figure.

    Attributes
    ----------
    run : callable
        Measures; called in the thread.
    takes_stacks : bool
        Whether it measures whole stacks, unless they are too large; else the displayed plane.
    depends_on_file : bool
        Whether the figure depends on what a file of the layer holds beside its pixels.
    """

    run: Callable[[FigureTask, Tick], MeasuredFigure]
    takes_stacks: bool = False
    depends_on_file: bool = False


_METHODS = {
    DELTA_E.name: _Method(_measure_delta_e, takes_stacks=True),
    SSIM.name: _Method(_measure_ssim),
    KB.name: _Method(_measure_kb, depends_on_file=True),
    NOISE.name: _Method(_measure_noise, takes_stacks=True),
}


def percentile_note(p95: float) -> str:
    """Return the note on the 95th percentile of ΔE."""
    return f"95 % of the pixels moved by {p95:.1f} at most"
