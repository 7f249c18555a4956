"""Two lines of text under a plot that describe the pointed position."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget


class Readout(QWidget):
    """Two lines of text, each elided at its end. Empty lines keep their height, so that the layout does not jump."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = ("", "")
        self._labels = (QLabel(), QLabel())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 2, 0)
        layout.setSpacing(0)
        for label in self._labels:
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setIndent(0)  # with napari's style sheet, labels have one, which takes room
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            layout.addWidget(label)

    @property
    def lines(self) -> tuple[str, str]:
        """The two lines in full."""
        return self._lines

    def show_lines(self, first: str, second: str = "") -> None:
        """Show two lines; screen readers read both in full."""
        if (first, second) != self._lines:
            self._lines = (first, second)
            self.setAccessibleName("; ".join(filter(None, self._lines)))
            self._elide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Elide the lines for the new width."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        for label, line in zip(self._labels, self._lines, strict=True):
            room = max(0, self.width() - 8)
            fitting = label.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, room)
            label.setText(fitting or " ")  # an empty label would be less high
            label.setToolTip("" if fitting == line else line)
