"""Texts over the cells of napari's grid. napari has none, so these are Qt labels over the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import QLabel, QToolTip, QWidget

from napari_quantize.viewer.layers.compat import cell_of, grid_of, grid_shape
from napari_quantize.viewer.widgets.canvas import find_canvas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Layer
    from napari.viewer import Viewer

_STYLE = "background: rgba(0, 0, 0, 150); color: white; padding: 2px 6px; border-radius: 3px;"
_MARGIN = 6
_BREAK = " · "  # becomes a line break in narrow cells


class GridOverlay(QObject):
    """Show a caption in each cell of the grid.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the grid.
    dock : QWidget
        Widget docked in the viewer's window; leads to the canvas.
    """

    def __init__(self, viewer: Viewer, dock: QWidget) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._dock = dock
        self._labels: dict[Layer, QLabel] = {}
        self._canvas: QWidget | None = None

    def show(self, texts: Mapping[Layer, str], tips: Mapping[Layer, str]) -> None:
        """Replace the captions by `texts`, one for each layer, with the tooltips `tips`."""
        self.hide()
        self._canvas = find_canvas(self._dock)
        if self._canvas is None:
            return
        self._canvas.installEventFilter(self)
        for layer, text in texts.items():
            label = QLabel(text, self._canvas)
            label.setStyleSheet(_STYLE)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.setToolTip(tips[layer])
            label.show()
            self.destroyed.connect(label.deleteLater)  # a dock can be deleted without being closed
            self._labels[layer] = label
        self.update_positions()

    def hide(self) -> None:
        """Remove all captions."""
        if self._canvas is not None:
            self._canvas.removeEventFilter(self)
        for label in self._labels.values():
            label.hide()
            label.deleteLater()
        self._labels.clear()

    def texts(self) -> list[str]:
        """Return the shown captions, in no particular order."""
        return [label.text().replace("\n", _BREAK) for label in self._labels.values()]

    def update_positions(self) -> None:
        """Move each caption to the top of its cell; break it into lines if it is wider than the cell."""
        if self._canvas is None or not grid_of(self._viewer).enabled:
            return
        rows, columns = grid_shape(self._viewer)
        width, height = self._canvas.width() / columns, self._canvas.height() / rows
        for layer in [layer for layer in self._labels if layer not in self._viewer.layers]:
            label = self._labels.pop(layer)
            label.hide()
            label.deleteLater()
        for layer, label in self._labels.items():
            label.setVisible(layer.visible)
            if label.isHidden():
                continue
            row, column = cell_of(self._viewer, layer)
            label.setMaximumWidth(max(1, int(width) - 2 * _MARGIN))
            label.setText(label.text().replace("\n", _BREAK))
            if label.sizeHint().width() > label.maximumWidth():
                label.setText(label.text().replace(_BREAK, "\n"))
            label.adjustSize()
            # napari centers the picture in its cell, whatever its aspect.
            label.move(int((column + 0.5) * width - label.width() / 2), int(row * height) + _MARGIN)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Move the captions when the canvas changes its size, and show their tooltips."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self.update_positions()
        # The captions let the mouse through to the canvas, so it is the canvas that is asked for a tooltip.
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for label in self._labels.values():
                if not label.isHidden() and label.geometry().contains(event.pos()):
                    QToolTip.showText(event.globalPos(), label.toolTip(), label)
                    return True
        return False
