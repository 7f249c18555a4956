"""Difference: what a result changed, signed, as a temporary layer that is grey where there is nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image
from napari.utils.colormaps import Colormap
from qtpy.compat import isalive
from qtpy.QtCore import QObject, QTimer, Signal

from napari_quantize.core.quality.difference import around_grey, signed_difference
from napari_quantize.text.numbers import format_number
from napari_quantize.viewer.layers.axes import Plane, plain_shape
from napari_quantize.viewer.layers.cache import stamp
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import place_of
from napari_quantize.viewer.widgets.background import Background
from napari_quantize.viewer.widgets.connections import Listeners

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_quantize.viewer.compare.pair import Pair
    from napari_quantize.viewer.compare.temporary_layers import TemporaryLayers

# Blue and orange, which the colour-blind tell apart, equally dark; the middle is what `around_grey` draws.
_COLOURS = [(0.10, 0.35, 0.95, 1), (128 / 255, 128 / 255, 128 / 255, 1), (1.0, 0.55, 0.05, 1)]
# Beyond three times the root of the mean square there are few pixels, on whose account all others would look grey.
_ROOTS = 3


class Difference(QObject):
    """Shows the signed difference of a pair in the slice that is displayed; computed in the background.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where.
    dock : QWidget
        The docked widget.
    temporary : TemporaryLayers
        Gets the temporary layer.
    """

    ready = Signal()
    """Emitted when the temporary layer has come."""

    failed = Signal(str)
    """Emitted with a message where it cannot be computed."""

    def __init__(self, viewer: Viewer, dock: QWidget, temporary: TemporaryLayers) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._temporary = temporary
        self._pair: Pair | None = None
        self._layer: Image | None = None
        self._asked: tuple[Any, ...] = ()
        self._background = Background(self)
        self._listeners = Listeners()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._compute)

    @property
    def busy(self) -> bool:
        """Whether a difference is going to come."""
        return self._background.busy or self._soon.isActive()

    def show(self, pair: Pair) -> None:
        """Show the difference of a pair; also of one that is shown already, whose data may be others now."""
        if self._pair is None:
            for emitter in (self._viewer.dims.events.point, self._viewer.dims.events.order):
                self._listeners.connect(emitter, self._compute_soon)
        self._pair = pair
        self._compute_soon()

    def hide(self) -> None:
        """Take it away."""
        self._pair = self._layer = None
        self._asked = ()
        self._soon.stop()
        self._background.cancel()
        self._listeners.disconnect()
        self._temporary.clear()

    def close(self) -> None:
        """End the thread."""
        self.hide()
        self._background.close()

    def _compute_soon(self, _event: Any = None) -> None:
        self._soon.start()

    def _compute(self) -> None:
        pair = self._pair
        if pair is None or not self._temporary.is_intact or pair.source not in self._viewer.layers:
            return
        shape, index = plain_shape(pair.source), Plane.shown(self._viewer.dims, pair.source).index
        arrays, limit = pair.data, limit_of(pair)
        asked = (stamp(pair.source), stamp(pair.result), index, limit, pair.source.rgb)
        if asked == self._asked:
            return
        self._asked = asked
        work = partial(_picture, arrays, index, limit if pair.source.rgb else None, self._background.tick)
        self._background.do(work, partial(self._on_computed, pair, shape), self._on_failed)

    def _on_failed(self, message: str) -> None:
        if not isalive(self):
            return
        self._asked = ()
        self.failed.emit(message)

    def _on_computed(self, pair: Pair, shape: tuple[int, ...], picture: np.ndarray) -> None:
        # A viewer that is closed takes the dock with it, and still holds its layers.
        if not isalive(self) or self._pair is None or not self._temporary.is_intact:
            return
        if pair.source.rgb:
            shape = (*shape, picture.shape[-1])
        # The whole stack's shape without its memory: the same slice wherever one looks, until the next has come.
        data = np.broadcast_to(picture, shape)
        limit = limit_of(pair)
        if self._layer is None:
            self._layer = self._make(pair, data, limit)
            self.ready.emit()
            return
        self._layer.data = data
        if not pair.source.rgb:
            self._layer.contrast_limits = (-limit, limit)

    def _make(self, pair: Pair, data: np.ndarray, limit: float) -> Image:
        look: dict[str, Any] = {"rgb": True}
        if not pair.source.rgb:
            colormap = Colormap(_COLOURS, name="blue-grey-orange")
            look = {"rgb": False, "colormap": colormap, "contrast_limits": (-limit, limit)}
        interpolation = pair.source.interpolation2d
        made = Image(
            data, **look, **place_of(pair.source), blending="translucent", interpolation2d=interpolation,
            name="Difference",
        )  # fmt: skip
        self._temporary.put(made)
        return made


def limit_of(pair: Pair) -> float:
    """Return the difference that gets the full colour: the largest, or three times the root of the mean square."""
    made = provenance_of(pair.result)
    if made is None:
        return 1.0
    largest, root = made.quality["max_error"], made.quality["rmse"]
    limit = min(largest, _ROOTS * root)
    return float(limit) if np.isfinite(limit) and limit > 0 else 1.0


def scale_told(pair: Pair) -> str:
    """Say what the colours of a difference mean."""
    limit = format_number(limit_of(pair))
    if pair.source.rgb:
        return f"Grey: no difference; colours: what the result has more of; full colour: ± {limit}"
    return f"Grey: no difference; orange: the result is brighter, blue: darker; full colour: ± {limit}"


def _picture(arrays: tuple[Any, Any], index: tuple[Any, ...], limit: float | None, tick: Any) -> np.ndarray:
    """Return the difference in a slice, with axes of length 1 for those that are not displayed."""
    source, result = (np.asarray(array[index]) for array in arrays)
    if limit is not None:  # colours, without alpha
        source, result = source[..., :3], result[..., :3]
    difference = signed_difference(source, result, tick)
    picture = difference if limit is None else around_grey(difference, limit, tick)
    return picture[tuple(None if isinstance(key, int) else key for key in index)]
