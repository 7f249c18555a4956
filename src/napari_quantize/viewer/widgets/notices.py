"""Labels for notices: they have room for some lines whether or not there is anything to say, and stay in view."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QHelpEvent, QMouseEvent, QPainter, QTextLayout, QTextOption
from qtpy.QtWidgets import QAbstractScrollArea, QFrame, QLabel, QSizePolicy, QToolTip, QVBoxLayout

from napari_quantize.viewer.messages import plain_tooltip

_WRAPPING = QTextOption()
_WRAPPING.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
_LINE_SEPARATOR = "\N{LINE SEPARATOR}"
_RESIZING = (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.Polish)


class ReservedLines(QObject):
    """Give a label the height of some lines, so that nothing moves when a notice appears.

    A text that needs more lines is elided, and its tooltip shows all of it; or it gets the room that it needs.

    Parameters
    ----------
    label : QLabel
        The label; its text is not read as HTML.
    n_lines : int
        Number of lines.
    grows : bool
        Whether the label grows with a text that needs more lines.
    """

    def __init__(self, label: QLabel, n_lines: int, *, grows: bool = False) -> None:
        super().__init__(label)
        self._label, self._n_lines, self._grows = label, n_lines, grows
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        label.setIndent(0)  # with napari's style sheet, labels have an indent, also from above
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        label.installEventFilter(self)
        self._fit()

    @property
    def is_elided(self) -> bool:
        """True if the text does not fit."""
        return not self._grows and len(self._broken()) > self._n_lines

    def lines(self) -> list[str]:
        """Return the lines that are shown; the last one is elided if there are more."""
        lines = self._broken()
        if len(lines) <= self._n_lines:
            return lines
        last, metrics = self._n_lines - 1, self._label.fontMetrics()
        rest = "".join(lines[last:])
        return [*lines[:last], metrics.elidedText(rest, Qt.TextElideMode.ElideRight, self._width)]

    @property
    def _width(self) -> int:
        return int(self._label.contentsRect().width())

    def _broken(self) -> list[str]:
        """Return the whole text in lines that fit the width."""
        text = self._label.text().replace("\n", _LINE_SEPARATOR)
        layout, starts = QTextLayout(text, self._label.font()), []
        layout.setTextOption(_WRAPPING)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(self._width)
            starts.append(line.textStart())
        layout.endLayout()
        parts = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
        return [part.replace(_LINE_SEPARATOR, " ") for part in parts]

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the font, paint an elided text, and show all of it in the tooltip."""
        kind = event.type() if event is not None else None
        if kind in _RESIZING:
            self._fit()
        elif kind == QEvent.Type.Paint and self.is_elided:
            self._paint()
            return True
        elif isinstance(event, QHelpEvent) and kind == QEvent.Type.ToolTip and self.is_elided:
            text = f"{self._label.text()}\n{self._label.toolTip()}".strip()
            QToolTip.showText(event.globalPos(), plain_tooltip(text), self._label)
            return True
        return False

    def _fit(self) -> None:
        metrics = self._label.fontMetrics()
        height = metrics.height() + (self._n_lines - 1) * metrics.lineSpacing() + 2
        self._label.setMinimumHeight(height)
        if not self._grows:
            self._label.setMaximumHeight(height)

    def _paint(self) -> None:
        painter = QPainter(self._label)
        painter.drawText(self._label.contentsRect(), Qt.AlignmentFlag.AlignTop, "\n".join(self.lines()))
        painter.end()


class StickyNotice(QFrame):
    """Show a label's text at the top of a scroll area while the label, or a part of it, is scrolled out above it.

    It lies over the area's content, so that nothing moves; a click hides it.

    Parameters
    ----------
    area : QAbstractScrollArea
        The scroll area.
    label : QLabel
        A label in the area.
    n_lines : int
        Number of lines.
    """

    def __init__(self, area: QAbstractScrollArea, label: QLabel, n_lines: int) -> None:
        super().__init__(area)
        self._area, self._label, self._hidden_text = area, label, ""
        self.setObjectName("StickyNotice")
        self.setStyleSheet("QFrame#StickyNotice { border-bottom: 1px solid; }")
        self.setToolTip("Click to hide")
        self._copy = QLabel()
        ReservedLines(self._copy, n_lines)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 2, 3, 2)
        layout.addWidget(self._copy)
        area.verticalScrollBar().valueChanged.connect(self.follow)
        area.viewport().installEventFilter(self)
        self.hide()

    def follow(self, *_: int) -> None:
        """Follow the label's text and its position."""
        text, viewport = self._label.text(), self._area.viewport()
        if text != self._hidden_text:
            self._hidden_text = ""
        is_cut = self._label.mapTo(viewport, self._label.rect().topLeft()).y() < 0
        self._copy.setText(text)
        self.setVisible(bool(text) and is_cut and not self._hidden_text)
        if self.isVisible():
            self.setGeometry(0, 0, viewport.width(), self.sizeHint().height())
            self.raise_()

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the size of the area."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self.follow()
        return False

    def mousePressEvent(self, _event: QMouseEvent | None) -> None:
        """Hide this until there is another text."""
        self._hidden_text = self._label.text()
        self.follow()
