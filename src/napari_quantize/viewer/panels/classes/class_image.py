"""The classes of a result's pixels, and the meaning of its axes: channels, slices and plane."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.histogram import channel_name
from napari_quantize.text.names import axis_title
from napari_quantize.viewer.layers.axes import Axes, displayed_axes, pixel_at, plain_shape
from napari_quantize.viewer.layers.pixel_size import mean_pixel_size_of, unit_symbol
from napari_quantize.viewer.layers.sources import JoinedChannels, channel_colors, data_of
from napari_quantize.viewer.measure.staleness import StalenessCheck
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.model import EncodedImage
from napari_quantize.viewer.panels.classes.over_planes import PlaneAxis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari.components import Dims
    from napari.layers import Image

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.viewer.layers.pixel_size import PixelSize
    from napari_quantize.viewer.layers.provenance import Provenance


@dataclass(frozen=True)
class ClassImage:
    """A result with the classes of its pixels, as it was when the panel first showed it.

    Attributes
    ----------
    layer : Image
        The result.
    provenance : Provenance
        Its provenance.
    data_id : int
        ``id`` of the layer's data, by which `is_of` finds that they were replaced.
    encoded : EncodedImage
        The classes of its pixels.
    """

    layer: Image
    provenance: Provenance
    data_id: int
    encoded: EncodedImage

    @classmethod
    def of(
        cls,
        layer: Image,
        provenance: Provenance,
        source: Image | None,
        together: Sequence[Image],
        channels: Sequence[Image] = (),
    ) -> ClassImage:
        """Return the class image of a result of `source`, or of the layers `together`; read no pixels.

        `channels` are the layers of a result of several layers.
        """
        codebook, white = provenance.codebook, provenance.white
        if provenance.together:
            read, colors = _joined(layer, provenance, together, channels), channel_colors(together)
            encoded = EncodedImage(codebook, read, rgb=False, white=white, channel_colors=colors)
        else:
            encoded = EncodedImage(codebook, _reader(layer, provenance, source), rgb=layer.rgb, white=white)
        return cls(layer, provenance, id(layer.data), encoded)

    def is_of(self, layer: Image, provenance: Provenance, together: Sequence[Image]) -> bool:
        """Return whether this is the class image of `layer`, with its present data, provenance and colours."""
        colors = self.encoded.channel_colors  # those of layers that were removed stay
        return (
            self.layer is layer
            and self.provenance == provenance
            and self.data_id == id(layer.data)
            and (colors is None or len(together) < len(colors) or np.array_equal(colors, channel_colors(together)))
        )

    @property
    def codebook(self) -> Codebook:
        """The codebook of the result."""
        return self.encoded.codebook

    @property
    def shows_colours(self) -> bool:
        """True if the classes are colours."""
        return self.codebook.mode == "color"

    @property
    def channels(self) -> list[str]:
        """Names of the channels, or slices with levels of their own; empty if there is one, or classes are colours."""
        axis = self.codebook.channel_axis
        if axis is None or self.shows_colours:
            return []
        if self.provenance.each_slice:
            return [f"{self.channel_title} {index}" for index in range(self.layer.data.shape[axis])]
        n_channels = self.layer.data.shape[axis] - self.codebook.alpha
        return [channel_name(channel, rgb=self.layer.rgb).capitalize() for channel in range(n_channels)]

    @property
    def channel_title(self) -> str:
        """Title for the `channels`: "channel", or the name of the axis of the slices."""
        axis = self.codebook.channel_axis
        if axis is None or not self.provenance.each_slice:
            return "channel"
        return axis_title(self.layer.axis_labels, axis) or "slice"

    @property
    def channel_axis(self) -> int | None:
        """The layer's channel axis; None if napari has none: RGB layers, and layers that are channels themselves."""
        axis = self.codebook.channel_axis
        return None if axis is None or self.layer.rgb or self.provenance.together else axis % int(self.layer.ndim)

    def sliced(self, dims: Dims) -> list[int]:
        """Return the axes that have sliders, without the channel axis."""
        others = {*displayed_axes(dims, self.layer.ndim), self.channel_axis}
        return [axis for axis in range(self.layer.ndim) if axis not in others and self.layer.data.shape[axis] > 1]

    def pixel_size(self, dims: Dims, *, this_slice: bool) -> PixelSize | None:
        """Return the size of a pixel along the axes of space; with `this_slice`, along the displayed ones only."""
        shown = displayed_axes(dims, self.layer.ndim)
        return self._pixel_size(dims, {*range(self.layer.ndim)}.difference(shown) if this_slice else set())

    def planes(self, dims: Dims) -> PlaneAxis | None:
        """Return the axis of time points, or of planes that have a slider; None if there is none."""
        axes = Axes.of(self.layer, dims, self.channel_axis)
        if self.provenance.each_slice and self.channel_axis is not None:
            possible = [self.channel_axis]
        else:
            possible = [axis for axis in self.sliced(dims) if axis not in axes.connected_axes()] or self.sliced(dims)
        if not possible or possible[0] in displayed_axes(dims, self.layer.ndim):
            return None
        axis = possible[0]
        origin, step = (
            self.layer.data_to_world(at)[axis] for at in (np.zeros(self.layer.ndim), np.eye(self.layer.ndim)[axis])
        )
        positions = origin + (step - origin) * np.arange(self.layer.data.shape[axis])
        return PlaneAxis(axis, axes.title(axis) or "slice", unit_symbol(axes.units[axis]), tuple(positions.tolist()))

    def plane_pixel_size(self, dims: Dims, planes: PlaneAxis) -> PixelSize | None:
        """Return the size of a pixel within each of the planes."""
        return self._pixel_size(dims, {planes.axis})

    def _pixel_size(self, dims: Dims, single: set[int]) -> PixelSize | None:
        """Return the size of a pixel where only one index of each of the axes `single` is counted."""
        axes = Axes.of(self.layer, dims, self.channel_axis)
        along = [axis for axis in axes.connected_axes() if axis not in single]
        lengths = plain_shape(self.layer)
        shape = [1 if axis in (*single, self.channel_axis) else length for axis, length in enumerate(lengths)]
        return mean_pixel_size_of(axes, along, shape)

    def plane_at(self, dims: Dims, planes: PlaneAxis) -> int:
        """Return the index of the time point or plane that the sliders point at."""
        return pixel_at(dims, self.layer)[planes.axis]

    def slice_at(self, dims: Dims) -> tuple[slice, ...]:
        """Return the index of the slice that the sliders point at, with an entry for each axis."""
        index = [slice(None)] * self.layer.ndim
        pixel = pixel_at(dims, self.layer)
        for axis in self.sliced(dims):
            index[axis] = slice(pixel[axis], pixel[axis] + 1)
        return tuple(index)

    def channel_at(self, dims: Dims) -> int | None:
        """Return the channel that the sliders point at; None if no slider moves along channels."""
        axis = self.channel_axis
        if axis is None or self.shows_colours or axis in displayed_axes(dims, self.layer.ndim):
            return None
        return pixel_at(dims, self.layer)[axis]


def _joined(
    layer: Image, provenance: Provenance, together: Sequence[Image], channels: Sequence[Image]
) -> Callable[[], np.ndarray]:
    """Return a function that reads the pixels of several layers if they are as they were, else those of the results."""
    if len(together) < len(provenance.together):
        return partial(_raise, classes_messages.LAYERS_REMOVED)
    is_as_it_was = StalenessCheck.of(layer, provenance, together).recall() is False
    if not is_as_it_was and len(channels) < len(provenance.together):
        return partial(_raise, classes_messages.LAYERS_CHANGED)
    return JoinedChannels(tuple(data_of(each) for each in (together if is_as_it_was else channels))).__array__


def _raise(message: str) -> np.ndarray:
    raise ValueError(message)


def _reader(layer: Image, provenance: Provenance, source: Image | None) -> Callable[[], np.ndarray]:
    """Return a function that reads the pixels to encode: the source's if they are as they were, else the result's.

    Two centers that are rounded to the same colour can be told apart only in the source.
    """
    # Lazy data would have to be read from disk, so the result stands for them.
    is_readable = source is not None and isinstance(data_of(source), np.ndarray)
    if source is None or not is_readable or StalenessCheck.of(layer, provenance, [source]).recall() is not False:
        return partial(np.asarray, layer.data)
    return partial(np.asarray, data_of(source))
