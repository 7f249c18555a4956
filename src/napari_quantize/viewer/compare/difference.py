"""*Difference* as a temporary layer: for colours a map of ΔE, else result minus source, grey where they are equal.

Colours are sRGB, as napari shows them: layers with ``rgb`` whose white is known. Channels of other images have no
colour that people see, and so no ΔE: their difference is that of the displayed channel.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image
from napari.utils.colormaps import Colormap
from qtpy.compat import isalive
from qtpy.QtCore import QObject, QTimer, Signal

from napari_quantize.core.quality.difference import around_grey, signed_difference
from napari_quantize.core.quality.perception import delta_e_map
from napari_quantize.text.numbers import format_number
from napari_quantize.viewer.layers.axes import Plane, plain_shape
from napari_quantize.viewer.layers.cache import cached_facts, data_version
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import GEOMETRY, geometry_of, set_geometry
from napari_quantize.viewer.widgets.background import Background
from napari_quantize.viewer.widgets.connections import Listeners

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.compare.view_mode_layers import ViewModeLayers
    from napari_quantize.viewer.family.pair import Pair

# Blue and orange of equal lightness, which colour-blind people can tell apart; the middle is the grey of `around_grey`.
_COLOURS = [(0.10, 0.35, 0.95, 1), (128 / 255, 128 / 255, 128 / 255, 1), (1.0, 0.55, 0.05, 1)]
# Full colour stands for at most three times the root mean square error: a few pixels differ more, but scaled to these
# all others would look grey.
_MAX_RMSE_MULTIPLE = 3
# The same for all results, so that they can be compared: plainly another colour. Black is no difference.
_MAX_DELTA_E = 20.0
_DELTA_E_COLORMAP = "magma"


class Difference(QObject):
    """Compute the difference of a pair in the displayed slice in the background, and show it.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with both layers.
    dock : QWidget
        The docked widget.
    temporary : ViewModeLayers
        Holds the temporary layer.
    """

    ready = Signal()
    """Emitted when the temporary layer was added."""

    failed = Signal(str)
    """Emitted with the message if the difference cannot be computed."""

    def __init__(self, viewer: Viewer, dock: QWidget, temporary: ViewModeLayers) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._temporary = temporary
        self._pair: Pair | None = None
        self._layer: Image | None = None
        self._requested_key: tuple[Any, ...] = ()
        self._background = Background(self)
        self._listeners = Listeners()
        # Interval 0: several events within one turn of the event loop, as of a moved slider, compute once.
        self._compute_timer = QTimer(self)
        self._compute_timer.setSingleShot(True)
        self._compute_timer.timeout.connect(self._compute)

    @property
    def busy(self) -> bool:
        """True while a difference is being computed, or about to be."""
        return self._background.busy or self._compute_timer.isActive()

    def show(self, pair: Pair) -> None:
        """Show the difference of a pair; also of the shown pair, whose data may have changed."""
        if self._pair is None or pair.source is not self._pair.source:
            self._connect(pair.source)
        self._pair = pair
        self._compute_soon()

    def hide(self) -> None:
        """Remove the temporary layer."""
        self._pair = self._layer = None
        self._requested_key = ()
        self._compute_timer.stop()
        self._background.cancel()
        self._listeners.disconnect()
        self._temporary.clear()

    def close(self) -> None:
        """Remove the temporary layer and end the thread."""
        self.hide()
        self._background.close()

    def _connect(self, source: Image) -> None:
        self._listeners.disconnect()
        for emitter in (self._viewer.dims.events.point, self._viewer.dims.events.order):
            self._listeners.connect(emitter, self._compute_soon)
        for name in GEOMETRY:
            self._listeners.connect(getattr(source.events, name), self._on_geometry_changed)

    def _on_geometry_changed(self, _event: Any = None) -> None:
        if self._pair is not None and self._layer is not None:
            set_geometry(self._layer, geometry_of(self._pair.source))
        self._compute_soon()  # the sliders may point at another slice of a layer that has moved

    def _compute_soon(self, _event: Any = None) -> None:
        self._compute_timer.start()

    def _compute(self) -> None:
        pair = self._pair
        if pair is None or not self._temporary.is_intact or pair.source not in self._viewer.layers:
            return
        shape, index = plain_shape(pair.source), Plane.displayed(self._viewer.dims, pair.source).index
        arrays, limit, is_map = pair.data, limit_of(pair), shows_delta_e(pair)
        key = (data_version(pair.source), data_version(pair.result), index, limit, pair.source.rgb, is_map)
        if key == self._requested_key:
            return
        self._requested_key = key
        tick, provenance = self._background.tick, provenance_of(pair.result)
        work: Callable[[], np.ndarray]
        if is_map:
            work = partial(
                _delta_e_picture, arrays, index, None if provenance is None else provenance.quality.white, tick
            )
        else:
            work = partial(_difference_picture, arrays, index, limit, tick, rgb=pair.source.rgb)
        self._background.submit(work, partial(self._on_computed, pair, shape), self._on_failed)

    def _on_failed(self, message: str) -> None:
        if not isalive(self):
            return
        self._requested_key = ()
        self.failed.emit(message)

    def _on_computed(self, pair: Pair, shape: tuple[int, ...], picture: np.ndarray) -> None:
        # Closing a viewer deletes the dock before the viewer's layers, so this may arrive late.
        if not isalive(self) or self._pair is None or not self._temporary.is_intact:
            return
        is_rgb = picture.ndim > len(shape)
        if is_rgb:
            shape = (*shape, picture.shape[-1])
        # A view with the shape of the whole stack takes no memory. Each slice looks like this one until its own
        # difference is ready.
        data = np.broadcast_to(picture, shape)
        if self._layer is not None and self._layer.rgb is not is_rgb:  # the source's range has become known, or unknown
            self._layer = None
            self._temporary.clear()
        if self._layer is None:
            self._layer = self._add_layer(pair, data, is_rgb=is_rgb)
            self.ready.emit()
            return
        self._layer.data = data
        if not is_rgb:
            self._layer.contrast_limits = _contrast_limits(pair)

    def _add_layer(self, pair: Pair, data: np.ndarray, *, is_rgb: bool) -> Image:
        appearance: dict[str, Any] = {"rgb": is_rgb}
        if not is_rgb:
            colormap = _DELTA_E_COLORMAP if shows_delta_e(pair) else Colormap(_COLOURS, name="blue-grey-orange")
            appearance |= {"colormap": colormap, "contrast_limits": _contrast_limits(pair)}
        interpolation = pair.source.interpolation2d
        layer = Image(
            data, **appearance, **geometry_of(pair.source), blending="translucent", interpolation2d=interpolation,
            name="Difference",
        )  # fmt: skip
        self._temporary.put(layer)
        layer.colorbar.visible = not is_rgb
        return layer


def shows_delta_e(pair: Pair) -> bool:
    """Return whether the map of ΔE is shown: for colours of 8 and 16 bits, and floats from 0 to 1."""
    if not pair.source.rgb:
        return False
    dtype = np.dtype(pair.source.dtype).newbyteorder("=")
    return dtype in (np.uint8, np.uint16) or (dtype.kind == "f" and _lies_in_unit_interval(pair))


def _lies_in_unit_interval(pair: Pair) -> bool:
    """Return whether all values of source and result are known to lie from 0 to 1."""
    facts, provenance = cached_facts(pair.source), provenance_of(pair.result)
    if facts is None or provenance is None:
        return False
    bounds = [facts.low, facts.high]
    for values in provenance.codebook.outputs:
        bounds += [values.min(), values.max()]
    return min(bounds) >= 0 and max(bounds) <= 1


def _contrast_limits(pair: Pair) -> tuple[float, float]:
    if shows_delta_e(pair):
        return 0.0, _MAX_DELTA_E
    limit = limit_of(pair)
    return -limit, limit


def limit_of(pair: Pair) -> float:
    """Return the difference shown in full colour: the largest, at most three times the root mean square."""
    provenance = provenance_of(pair.result)
    if provenance is None:
        return 1.0
    largest, rmse = provenance.quality.max_error, provenance.quality.rmse
    limit = min(largest, _MAX_RMSE_MULTIPLE * rmse)
    return float(limit) if np.isfinite(limit) and limit > 0 else 1.0


def color_legend(pair: Pair) -> str:
    """Return a sentence that explains the colours of a difference, in two short lines."""
    if shows_delta_e(pair):
        return f"Black: equal; brightest: ΔE ≥ {_MAX_DELTA_E:g}; 1 can just be seen"
    limit = format_number(limit_of(pair))
    if pair.source.rgb:
        return f"Grey: equal; colours: what the result has more of, fully at ± {limit}"
    return f"Grey: equal; orange: brighter, blue: darker, fully at ± {limit}"


def _delta_e_picture(arrays: tuple[Any, Any], index: tuple[Any, ...], white: float | None, tick: Tick) -> np.ndarray:
    """Return the map of ΔE of a slice; the axes that are not displayed have length 1."""
    source, result = (np.asarray(array[index]) for array in arrays)
    return _with_all_axes(delta_e_map(source, result, white=white, tick=tick), index)


def _difference_picture(
    arrays: tuple[Any, Any], index: tuple[Any, ...], limit: float, tick: Tick, *, rgb: bool
) -> np.ndarray:
    """Return the difference in a slice; the axes that are not displayed have length 1."""
    source, result = (np.asarray(array[index]) for array in arrays)
    if rgb:
        picture = around_grey(signed_difference(source[..., :3], result[..., :3], tick), limit, tick)
    else:
        picture = signed_difference(source, result, tick)
    return _with_all_axes(picture, index)


def _with_all_axes(picture: np.ndarray, index: tuple[Any, ...]) -> np.ndarray:
    """Return the picture of a slice with an axis of length 1 for each integer in the slice's index."""
    return picture[tuple(None if isinstance(key, int) else key for key in index)]
