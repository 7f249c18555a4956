"""The classes of a result's pixels, and the meaning of its axes: channels, slices and plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.histogram import channel_name
from napari_quantize.viewer.layers.axes import Axes, displayed_axes, pixel_at
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.layers.pixel_size import pixel_size_of
from napari_quantize.viewer.layers.sources import JoinedChannels, Source
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.model import Encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari.components import Dims
    from napari.layers import Image

    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.viewer.layers.pixel_size import PixelSize
    from napari_quantize.viewer.layers.provenance import Provenance


@dataclass(frozen=True)
class Looked:
    """A result as it is when its pixels are first asked for.

    Attributes
    ----------
    layer : Image
        The result.
    made : Provenance
        How it was made.
    data_id : int
        Tells its data from others that take their place.
    encoded : Encoded
        Its pixels' classes.
    """

    layer: Image
    made: Provenance
    data_id: int
    encoded: Encoded

    @classmethod
    def of(cls, layer: Image, made: Provenance, source: Image | None, together: Sequence[Image]) -> Looked:
        """Look at a result of `source`, or of layers that were quantized together."""
        codebook = made.codebook
        if made.together:
            tints = np.array([part.colormap.map(1.0).reshape(-1)[:3] for part in together])
            encoded = Encoded(codebook, _joined(made, together), rgb=False, tints=tints)
        else:
            encoded = Encoded(codebook, _reader(layer, made, codebook, source), rgb=layer.rgb)
        return cls(layer, made, id(layer.data), encoded)

    def is_of(self, layer: Image, made: Provenance) -> bool:
        """Return whether `layer` and `made` are still this result."""
        return self.layer is layer and self.made == made and self.data_id == id(layer.data)

    @property
    def codebook(self) -> Codebook:
        """The codebook of the result."""
        return self.encoded.codebook

    @property
    def shows_colours(self) -> bool:
        """True if its classes are colours."""
        return self.codebook.mode == "color"

    @property
    def channels(self) -> list[str]:
        """Names of the channels that have classes of their own; none where there is one, or classes are colours."""
        axis = self.codebook.channel_axis
        if axis is None or self.shows_colours:
            return []
        n_channels = self.layer.data.shape[axis] - self.codebook.alpha
        return [channel_name(channel, rgb=self.layer.rgb).capitalize() for channel in range(n_channels)]

    @property
    def channel_axis(self) -> int | None:
        """The layer's axis of channels, if sliders lead through it."""
        axis = self.codebook.channel_axis
        return None if axis is None or self.layer.rgb or self.made.together else axis % int(self.layer.ndim)

    def sliced(self, dims: Dims) -> list[int]:
        """Return the axes that the sliders lead through, that of the channels apart."""
        apart = {*displayed_axes(dims, self.layer.ndim), self.channel_axis}
        return [axis for axis in range(self.layer.ndim) if axis not in apart and self.layer.data.shape[axis] > 1]

    def measure(self, dims: Dims, *, this_slice: bool) -> PixelSize | None:
        """Return what a pixel measures in space: along all of its axes, or those that are shown."""
        axes = Axes.of(self.layer, dims, self.channel_axis)
        shown = displayed_axes(dims, self.layer.ndim)
        return pixel_size_of(axes, [axis for axis in axes.connected_axes() if axis in shown or not this_slice])

    def slice_at(self, dims: Dims) -> tuple[slice, ...]:
        """Return the index of the slice that the sliders point at."""
        index = [slice(None)] * self.layer.ndim
        place = pixel_at(dims, self.layer)
        for axis in self.sliced(dims):
            index[axis] = slice(place[axis], place[axis] + 1)
        return tuple(index)

    def channel_at(self, dims: Dims) -> int | None:
        """Return the channel that the sliders point at; None where they do not lead through channels."""
        axis = self.channel_axis
        if axis is None or self.shows_colours or axis in displayed_axes(dims, self.layer.ndim):
            return None
        return pixel_at(dims, self.layer)[axis]


def _joined(made: Provenance, layers: Sequence[Image]) -> Callable[[], np.ndarray]:
    if len(layers) < len(made.together):
        return _nothing
    return JoinedChannels(tuple(Source.of(layer).data for layer in layers)).__array__


def _nothing() -> np.ndarray:
    raise ValueError(classes_messages.PARTS_GONE)


def _reader(layer: Image, made: Provenance, codebook: Codebook, source: Image | None) -> Callable[[], np.ndarray]:
    """Return what reads the source's pixels where they are still what was learnt from, else the result's own.

    Two centers that are rounded to one colour can only be told apart in the source.
    """
    own = layer.data
    samples = cached_samples(source, codebook.request)
    data = Source.of(source).data if source is not None else own

    def read() -> np.ndarray:
        in_memory = isinstance(data, np.ndarray) and data.shape == own.shape
        known = in_memory and samples is not None and tuple(counted.digest() for counted in samples) == made.samples
        return np.asarray(data if known else own)

    return read
