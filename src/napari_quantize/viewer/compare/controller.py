"""Show a family (a source and its results) in a view mode, and restore the user's arrangement afterwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakSet, WeakValueDictionary

from qtpy.QtCore import QObject, Signal

from napari_quantize.viewer.compare.difference import Difference, color_legend
from napari_quantize.viewer.compare.flip import Flip
from napari_quantize.viewer.compare.grid_overlay import GridOverlay
from napari_quantize.viewer.compare.saved_state import SavedArrangement, SavedView, set_visible
from napari_quantize.viewer.compare.swipe import Swipe
from napari_quantize.viewer.compare.view_mode_layers import ViewModeLayers
from napari_quantize.viewer.family.model import Display
from napari_quantize.viewer.family.pair import Pair
from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.layers.axes import plane_axes
from napari_quantize.viewer.layers.compat import fit_tiles, grid_of, n_cells
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.layers.world import world_extent
from napari_quantize.viewer.messages import caption_tip, plain_tooltip, sentence
from napari_quantize.viewer.widgets.canvas import find_canvas

if TYPE_CHECKING:
    from napari.components import Dims
    from napari.layers import Layer
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

_SPACING = 0.01
# The controller that arranges the layers of each viewer, by the viewer's id. Only one does at a time: the second of two
# docks would save the first one's arrangement, and restore it as if it were the user's.
_ARRANGING: WeakValueDictionary[int, CompareController] = WeakValueDictionary()


class CompareController(QObject):
    """Show a family in a view mode, and restore the user's arrangement afterwards.

    Entering the first mode saves the user's arrangement; leaving the last one restores it.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the family.
    dock : QWidget
        The docked widget.
    """

    leave_requested = Signal(str)
    """Emitted to leave the view mode, with a sentence if the user may wonder about it, else an empty string."""

    def __init__(self, viewer: Viewer, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer, self._dock = viewer, dock
        self.captions = GridOverlay(viewer, dock)
        self._temporary = (ViewModeLayers(viewer), ViewModeLayers(viewer))
        self.swipe = Swipe(viewer, dock, self._temporary[0])
        self.difference = Difference(viewer, dock, self._temporary[1])
        self.flip = Flip(dock)
        self._saved_arrangement: SavedArrangement | None = None
        self._saved_view: SavedView | None = None
        self._shown_layers: WeakSet[Layer] = WeakSet()
        self._pair: Pair | None = None
        self.mode = ViewMode.NONE
        self.difference.ready.connect(self._on_difference_ready)
        self.difference.failed.connect(self._on_failed)

    @property
    def note(self) -> str:
        """Note on the present mode for the bar; may be empty."""
        return color_legend(self._pair) if self.mode is ViewMode.DIFFERENCE and self._pair is not None else ""

    @property
    def is_intact(self) -> bool:
        """True if all temporary layers are still in the viewer."""
        return all(temporary.is_intact for temporary in self._temporary)

    def show(self, display: Display) -> None:
        """Show the family in a view mode; with `ViewMode.NONE`, restore the user's arrangement.

        Restoring hides results that were added meanwhile and leaves other new layers as they are.
        """
        mode = display.view_mode
        old, self.mode = self.mode, mode
        if mode is not old:
            self._end(old)
            self._enter(old)
        if mode is ViewMode.NONE:
            self._restore(old, selection=display.restores_selection)
        else:
            self._shown_layers.update(display.members)
            if mode is ViewMode.ONE and old is not ViewMode.ONE:
                self._restore_other_layers(display)
            self._show(display)
            if old is ViewMode.TILE and mode is not old and self._saved_view is not None:
                self._saved_view.restore_camera(self._viewer)
        if not mode.has_own_view:
            self._saved_view = None

    def follow(self, pair: Pair | None) -> None:
        """Compare another pair, or the same pair, whose data may have changed."""
        if self.mode.compares_two and pair is not None:
            self._compare(pair)

    def on_grid_changed(self) -> None:
        """Leave the mode if the user pressed napari's own grid button, and keep the grid as they set it."""
        enabled = grid_of(self._viewer).enabled
        # A mode with a view of its own has set the grid before this is called; in all other modes the grid is the
        # user's.
        if self._saved_view is not None and self.mode.has_own_view and enabled is not (self.mode is ViewMode.TILE):
            self._saved_view.grid["enabled"] = enabled
            self.leave()

    def leave(self, reason: str = "") -> None:
        """Ask to leave the view mode."""
        if self.mode is not ViewMode.NONE:
            self.leave_requested.emit(reason)

    def close(self) -> None:
        """Restore the user's arrangement and stop: the dock is closed, and may be opened again."""
        self.leave()
        self.difference.close()

    # Entering and leaving

    def _enter(self, old: ViewMode) -> None:
        if self.mode is ViewMode.NONE:
            return
        if old is ViewMode.NONE:
            self._end_other_comparison()
            self._saved_arrangement = SavedArrangement.of(self._viewer)
        if self.mode.has_own_view and self._saved_view is None:
            self._saved_view = SavedView.of(self._viewer)
        if self._saved_view is None:
            return
        if old is ViewMode.TILE or not self.mode.has_own_view:
            self._saved_view.restore_grid(self._viewer)
        if self.mode.compares_two:
            grid_of(self._viewer).enabled = False

    def _end_other_comparison(self) -> None:
        """End the comparison of another dock in this viewer, so that its arrangement is not saved as the user's."""
        other = _ARRANGING.get(id(self._viewer))
        if other is not None and other is not self:
            other.leave()
        _ARRANGING[id(self._viewer)] = self

    def _end(self, old: ViewMode) -> None:
        if old is ViewMode.TILE:
            self.captions.hide()
        elif old is ViewMode.SWIPE:
            self.swipe.hide()
        elif old is ViewMode.DIFFERENCE:
            self.difference.hide()
        elif old is ViewMode.FLIP:
            self.flip.hide()
        self._pair = None

    def _restore(self, old: ViewMode, *, selection: bool) -> None:
        before, self._saved_arrangement = self._saved_arrangement, None
        shown_layers, self._shown_layers = self._shown_layers, WeakSet()
        if _ARRANGING.get(id(self._viewer)) is self:
            del _ARRANGING[id(self._viewer)]
        if before is None:
            return
        if self._saved_view is not None:
            self._saved_view.restore_grid(self._viewer)
        before.restore_visibility(self._viewer, shown_layers)
        if self._saved_view is not None:
            self._saved_view.restore_camera(self._viewer)
        if selection:
            before.restore_selection(self._viewer)

    # Showing

    def _show(self, display: Display) -> None:
        if self.mode is ViewMode.TILE:
            self._tile(display)
        elif self.mode is ViewMode.ONE:
            for layer in display.members:
                set_visible(layer, layer in display.single)
        elif display.pair is not None:
            self._show_only({display.pair.result})
            self._compare(display.pair)

    def _tile(self, display: Display) -> None:
        for layer in self._viewer.layers:
            set_visible(layer, layer in display.tiles)
        self._lay_out(list(display.tiles), display.n_cells or len(display.tiles), display.n_columns)
        tips = {layer: plain_tooltip(caption_tip(provenance_of(layer))) for layer in display.tiles}
        self.captions.show(display.tiles, tips)

    def _restore_other_layers(self, display: Display) -> None:
        before = self._saved_arrangement.visible if self._saved_arrangement is not None else {}
        for layer, visible in before.items():
            if layer not in display.members and layer in self._viewer.layers:
                set_visible(layer, visible)

    def _show_only(self, shown: set[Layer]) -> None:
        """Hide all other layers but temporary ones, which may belong to another part of the dock."""
        for layer in self._viewer.layers:
            if not is_temporary(layer):
                set_visible(layer, layer in shown)

    def _compare(self, pair: Pair) -> None:
        self._pair = pair
        if self.mode is ViewMode.SWIPE:
            self.swipe.show(pair)
            set_visible(pair.result, False)
        elif self.mode is ViewMode.DIFFERENCE:
            self.difference.show(pair)
        else:
            self.flip.show(pair)

    def _on_difference_ready(self) -> None:
        if self.mode is ViewMode.DIFFERENCE:
            for layer in self._shown_layers:
                set_visible(layer, False)

    def _on_failed(self, message: str) -> None:
        if self.mode is ViewMode.DIFFERENCE:
            self.leave(sentence(message))

    def _lay_out(self, layers: Sequence[Layer], cells: int, n_columns: int) -> None:
        grid = grid_of(self._viewer)
        needed = max(n_cells(self._viewer, len(layers)), cells)
        shape = best_shape(needed, _aspect(self._viewer.dims, layers[0]), self._canvas_aspect(), multiple=n_columns)
        settings = {"stride": 1, "shape": shape, "spacing": _SPACING, "enabled": True}
        if all(getattr(grid, name) == value for name, value in settings.items()):
            return
        for name, value in settings.items():
            setattr(grid, name, value)
        fit_tiles(self._viewer, layers, self._canvas_size())

    def _canvas_size(self) -> tuple[int, int]:
        """Return height and width of the canvas."""
        canvas = find_canvas(self._dock)
        return (canvas.height(), canvas.width()) if canvas is not None else (600, 900)

    def _canvas_aspect(self) -> float:
        height, width = self._canvas_size()
        return width / height if height and width else 1.5


def best_shape(cells: int, image_aspect: float, canvas_aspect: float, *, multiple: int = 1) -> tuple[int, int]:
    """Return the rows and columns that show `cells` pictures largest.

    Aspects are width over height; the number of columns is a multiple of `multiple`.
    """

    def picture_size(columns: int) -> float:
        rows = math.ceil(cells / columns)
        return min(canvas_aspect / columns / image_aspect, 1 / rows)

    columns = max(range(multiple, max(cells, multiple) + 1, multiple), key=picture_size)
    return math.ceil(cells / columns), columns


def _aspect(dims: Dims, layer: Layer) -> float:
    """Return width over height of a layer in the 2-D display."""
    low, high = world_extent(dims, layer)
    height, width = (high - low)[list(plane_axes(dims, layer.ndim))]
    return float(width / height) if width > 0 and height > 0 else 1.0
