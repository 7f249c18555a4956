"""How a family (a source and its results) is seen: carries out the ways, and gives back what was there before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakSet, WeakValueDictionary

from qtpy.QtCore import QObject, Signal

from napari_quantize.viewer.compare.captions import Captions
from napari_quantize.viewer.compare.difference import Difference, scale_told
from napari_quantize.viewer.compare.flip import Flip
from napari_quantize.viewer.compare.pair import Pair
from napari_quantize.viewer.compare.saved_state import Arrangement, View, set_visible
from napari_quantize.viewer.compare.swipe import Swipe
from napari_quantize.viewer.compare.temporary_layers import Stage
from napari_quantize.viewer.family.view_modes import Way
from napari_quantize.viewer.layers.compat import fit_view, grid_of, n_cells
from napari_quantize.viewer.layers.temporary import is_temporary

if TYPE_CHECKING:
    from napari.layers import Image, Layer
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

_SPACING = 0.01
# Of each viewer the comparison that arranges its layers: two docks would give back what the other one made of them.
_ARRANGING: WeakValueDictionary[int, Comparison] = WeakValueDictionary()


@dataclass(frozen=True)
class Cast:
    """Who can be seen.

    Attributes
    ----------
    members : dict of Image to str
        The source and its results with a caption for each, in reading order.
    shown : Image or None
        The one that is shown alone.
    pair : Pair or None
        The two that are compared.
    cells : int
        For how many tiles there must be room, if more are to come.
    """

    members: Mapping[Image, str] = field(default_factory=dict)
    shown: Image | None = None
    pair: Pair | None = None
    cells: int = 0


class Comparison(QObject):
    """Shows a family in one of the ways.

    What the user had is remembered when the first way is entered, and given back when the last one is left.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where.
    dock : QWidget
        The docked widget.
    """

    left = Signal(str)
    """Emitted where a way was left by itself, with the reason if the user may wonder."""

    def __init__(self, viewer: Viewer, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self.captions = Captions(viewer, dock)
        self._stages = (Stage(viewer, dock), Stage(viewer, dock))
        self.swipe = Swipe(viewer, dock, self._stages[0])
        self.difference = Difference(viewer, dock, self._stages[1])
        self.flip = Flip(dock)
        self._before: Arrangement | None = None
        self._view: View | None = None
        self._touched: WeakSet[Layer] = WeakSet()
        self._pair: Pair | None = None
        self._changing = False
        self.way = Way.NONE
        self.difference.ready.connect(self._on_difference_ready)
        self.difference.failed.connect(self._on_failed)

    @property
    def note(self) -> str:
        """What is to be said of the present way."""
        return scale_told(self._pair) if self.way is Way.DIFFERENCE and self._pair is not None else ""

    @property
    def is_intact(self) -> bool:
        """Whether the temporary layers are all there."""
        return all(stage.is_intact for stage in self._stages)

    def go(self, way: Way, cast: Cast, *, selection: bool = True) -> None:
        """See the family in a way; with `Way.NONE`, give back what the user had.

        Results that have come since are hidden then; other new layers stay as they are.

        Parameters
        ----------
        way : Way
            Which one.
        cast : Cast
            Who is seen.
        selection : bool
            Whether the selection is given back, too; not so where the user has just selected what to see next.
        """
        self._changing = True
        try:
            old, self.way = self.way, way
            if way is not old:
                self._end(old)
                self._enter(old)
            if way is Way.NONE:
                self._give_back(old, selection=selection)
            else:
                self._touched.update(cast.members)
                if way is Way.ONE and old is not Way.ONE:
                    self._restore_strangers(cast)
                self._show(cast)
                if old is Way.TILE and way is not old and self._view is not None:
                    self._view.give_back_camera(self._viewer)
            if not way.has_own_view:
                self._view = None
        finally:
            self._changing = False

    def follow(self, pair: Pair | None) -> None:
        """Compare another pair, or the same one whose data may be others now."""
        if self.way.compares_two and pair is not None:
            self._compare(pair)

    def on_grid_changed(self) -> None:
        """Follow the user who presses napari's own grid button: what the grid is then, it stays."""
        enabled = grid_of(self._viewer).enabled
        if not self._changing and self._view is not None and enabled is not (self.way is Way.TILE):
            self._view.grid["enabled"] = enabled
            self.leave()

    def leave(self, why: str = "", *, selection: bool = True) -> None:
        """Give back what the user had, and tell of it."""
        if self.way is not Way.NONE:
            self.go(Way.NONE, Cast(), selection=selection)
            self.left.emit(why)

    def close(self) -> None:
        """Give back what the user had: the dock is closed, and may be opened again."""
        self.leave()
        self.difference.close()
        for stage in self._stages:
            stage.close()

    # Entering and leaving

    def _enter(self, old: Way) -> None:
        if self.way is Way.NONE:
            return
        if old is Way.NONE:
            self._make_room()
            self._before = Arrangement.of(self._viewer)
        if self.way.has_own_view and self._view is None:
            self._view = View.of(self._viewer)
        if self._view is None:
            return
        if old is Way.TILE or not self.way.has_own_view:
            self._view.give_back_grid(self._viewer)
        if self.way.compares_two:
            grid_of(self._viewer).enabled = False

    def _make_room(self) -> None:
        other = _ARRANGING.get(id(self._viewer))
        if other is not None and other is not self:
            other.leave()
        _ARRANGING[id(self._viewer)] = self

    def _end(self, old: Way) -> None:
        if old is Way.TILE:
            self.captions.show({})
        elif old is Way.SWIPE:
            self.swipe.hide()
        elif old is Way.DIFFERENCE:
            self.difference.hide()
        elif old is Way.FLIP:
            self.flip.hide()
        self._pair = None

    def _give_back(self, old: Way, *, selection: bool) -> None:
        before, self._before = self._before, None
        touched, self._touched = self._touched, WeakSet()
        if _ARRANGING.get(id(self._viewer)) is self:
            del _ARRANGING[id(self._viewer)]
        if before is None:
            return
        if self._view is not None:
            self._view.give_back_grid(self._viewer)
        before.give_back_visibility(self._viewer, touched)
        if self._view is not None:
            self._view.give_back_camera(self._viewer)
        if selection:
            before.give_back_selection(self._viewer)

    # Showing

    def _show(self, cast: Cast) -> None:
        if self.way is Way.TILE:
            self._tile(cast)
        elif self.way is Way.ONE:
            for layer in cast.members:
                set_visible(layer, layer is cast.shown)
        elif cast.pair is not None:
            self._show_only({cast.pair.result})
            self._compare(cast.pair)

    def _tile(self, cast: Cast) -> None:
        for layer in self._viewer.layers:
            set_visible(layer, layer in cast.members)
        self._lay_out(list(cast.members), cast.cells or len(cast.members))
        self.captions.show(cast.members)

    def _restore_strangers(self, cast: Cast) -> None:
        before = self._before.visible if self._before is not None else {}
        for layer, visible in before.items():
            if layer not in cast.members and layer in self._viewer.layers:
                set_visible(layer, visible)

    def _show_only(self, shown: set[Layer]) -> None:
        """Hide all but these, and what is only there for a while: that is not the user's, nor always ours."""
        for layer in self._viewer.layers:
            if not is_temporary(layer):
                set_visible(layer, layer in shown)

    def _compare(self, pair: Pair) -> None:
        self._pair = pair
        if self.way is Way.SWIPE:
            self.swipe.show(pair)
            set_visible(pair.result, False)
        elif self.way is Way.DIFFERENCE:
            self.difference.show(pair)
        else:
            self.flip.show(pair)

    def _on_difference_ready(self) -> None:
        if self.way is Way.DIFFERENCE:
            for layer in self._touched:
                set_visible(layer, False)

    def _on_failed(self, message: str) -> None:
        if self.way is Way.DIFFERENCE:
            self.leave(f"{message[:1].upper()}{message[1:]}.")

    def _lay_out(self, layers: Sequence[Layer], cells: int) -> None:
        grid = grid_of(self._viewer)
        needed = max(n_cells(self._viewer, len(layers)), cells)
        shape = best_shape(needed, _aspect(layers[0]), self._canvas_aspect())
        settings = {"stride": 1, "shape": shape, "spacing": _SPACING, "enabled": True}
        if all(getattr(grid, name) == value for name, value in settings.items()):
            return
        for name, value in settings.items():
            setattr(grid, name, value)
        fit_view(self._viewer, layers)

    def _canvas_aspect(self) -> float:
        canvas = getattr(self._viewer, "canvas", None)
        height, width = canvas.size if canvas is not None else (2, 3)
        return float(width) / float(height) if height and width else 1.5


def best_shape(cells: int, image_aspect: float, canvas_aspect: float) -> tuple[int, int]:
    """Return rows and columns in which `cells` pictures become largest; aspects are width over height."""

    def picture_size(columns: int) -> float:
        rows = math.ceil(cells / columns)
        return min(canvas_aspect / columns / image_aspect, 1 / rows)

    columns = max(range(1, cells + 1), key=picture_size)
    return math.ceil(cells / columns), columns


def _aspect(layer: Layer) -> float:
    """Return width over height of what a layer shows in 2-D."""
    low, high = layer.extent.world
    height, width = (high - low)[-2:]
    return float(width / height) if width > 0 and height > 0 else 1.0
