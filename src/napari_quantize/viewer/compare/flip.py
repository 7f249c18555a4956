"""*Flip*: the source and a result in turn, at the same position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_quantize.viewer.compare.canvas_overlay import Drawing, Overlay, create_overlay
from napari_quantize.viewer.compare.saved_state import set_visible

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_quantize.viewer.family.pair import Pair

INTERVAL_MS = 500  # more than three flashes a second can trigger seizures (WCAG 2.3.1)


class Flip(QObject):
    """Show the layers of a pair in turn, with the name of the visible one.

    Parameters
    ----------
    dock : QWidget
        The docked widget.
    """

    def __init__(self, dock: QWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self._pair: Pair | None = None
        self._shows_result = False
        self._overlay: Overlay | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.show_other)

    @property
    def is_running(self) -> bool:
        """True while the layers alternate."""
        return bool(self._timer.isActive())

    def show(self, pair: Pair) -> None:
        """Show a pair, the result first."""
        if pair == self._pair:
            return
        if self._pair is None:
            self._overlay = create_overlay(self._dock, self._draw)
            self._timer.start()
            self._shows_result = True
        else:
            set_visible(self._pair.result, False)
        self._pair = pair
        self._update_visibility()

    def hide(self) -> None:
        """Stop flipping and remove the text."""
        self._timer.stop()
        self._pair = None
        if self._overlay is not None:
            self._overlay.close_down()
            self._overlay = None

    def show_other(self) -> None:
        """Show the other layer."""
        self._shows_result = not self._shows_result
        self._update_visibility()

    def _update_visibility(self) -> None:
        if self._pair is not None:
            # Show one layer before hiding the other, else the canvas is empty for a moment.
            visible, hidden = (self._pair.result, self._pair.source)[:: 1 if self._shows_result else -1]
            set_visible(visible, True)
            set_visible(hidden, False)
            if self._overlay is not None:
                self._overlay.update()

    def _draw(self, _width: int, _height: int) -> Drawing:
        return Drawing(texts=(self._pair.captions[self._shows_result],)) if self._pair is not None else Drawing()
