"""*Flip*: the source and a result in turn, at the same position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_quantize.viewer.compare.canvas_overlay import Drawing, Overlay, overlay_for
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
        self._second = False
        self._overlay: Overlay | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.turn)

    @property
    def is_running(self) -> bool:
        """True while layers are shown in turn."""
        return bool(self._timer.isActive())

    def show(self, pair: Pair) -> None:
        """Show a pair, the result first."""
        if pair == self._pair:
            return
        if self._pair is None:
            self._overlay = overlay_for(self._dock, self._draw)
            self._timer.start()
            self._second = True
        else:
            set_visible(self._pair.result, False)
        self._pair = pair
        self._look()

    def hide(self) -> None:
        """Stop flipping and remove the text."""
        self._timer.stop()
        self._pair = None
        if self._overlay is not None:
            self._overlay.close_down()
            self._overlay = None

    def turn(self) -> None:
        """Show the other layer."""
        self._second = not self._second
        self._look()

    def _look(self) -> None:
        if self._pair is not None:
            # Show before hiding, else the canvas is empty for a moment.
            come, go = (self._pair.result, self._pair.source)[:: 1 if self._second else -1]
            set_visible(come, True)
            set_visible(go, False)
            if self._overlay is not None:
                self._overlay.update()

    def _draw(self, _width: int, _height: int) -> Drawing:
        return Drawing(texts=(self._pair.captions[self._second],)) if self._pair is not None else Drawing()
