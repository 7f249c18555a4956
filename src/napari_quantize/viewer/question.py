"""Parts of the dock that have no state of their own: forms, texts, tables, and the question about the first axis."""

from __future__ import annotations

from typing import Any

from magicgui.widgets import ComboBox
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)


def wrapping(label: QLabel) -> QLabel:
    """Let a label wrap, never widen the dock, and show names as they are, whatever they look like."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def form(rows: list[tuple[str, QWidget]], wide: list[QWidget], parent: QWidget) -> QFormLayout:
    """Lay out fields under each other, with their titles or over the whole width."""
    layout = QFormLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for title, field in rows:
        label = QLabel(title)
        label.setToolTip(field.toolTip())
        layout.addRow(label, field)
    for field in wide:
        layout.addRow(field)
    return layout


def list_rows(table: QTableView) -> None:
    """Let a table be a list of rows: one at a time is chosen, none is edited, and Tab leads out of it."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 6)
    table.horizontalHeader().setHighlightSections(False)


class AxisBox(ComboBox):
    """A choice among axes, or none of them: magicgui tells of a change to None only where the box is nullable."""

    null_string = "one channel"

    def __init__(self, **options: Any) -> None:
        super().__init__(nullable=True, **options)


class Question(QWidget):
    """Asks whether the first axis holds channels."""

    answered = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._text = wrapping(QLabel())
        channels, planes = QPushButton("Channels"), QPushButton("Time or z")
        channels.setToolTip("Each entry is a channel: it may get levels of its own")
        planes.setToolTip("Each entry is a time point or a plane of one channel: all share the same levels")
        # No lambdas: PySide6 keeps what they hold, and so the dock, for good.
        channels.clicked.connect(self._on_channels)
        planes.clicked.connect(self._on_planes)
        buttons = QHBoxLayout()
        buttons.addWidget(channels)
        buttons.addWidget(planes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._text)
        layout.addLayout(buttons)

    def _on_channels(self) -> None:
        self.answered.emit(True)

    def _on_planes(self) -> None:
        self.answered.emit(False)

    def ask(self, text: str) -> None:
        """Ask, or go away if there is nothing to ask."""
        self._text.setText(text)
        self.setVisible(bool(text))
