"""What the dialog *Export…* is built of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QTableView,
    QWidget,
)


def box(choices: Mapping[str, str], tip: str) -> QComboBox:
    """Make a box of choices, each with its value."""
    made = QComboBox()
    for text, value in choices.items():
        made.addItem(text, value)
    made.setToolTip(tip)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(12)
    return made


def check(text: str, tip: str) -> QCheckBox:
    """Make a box to tick."""
    made = QCheckBox(text)
    made.setToolTip(tip)
    return made


def button(text: str, tip: str) -> QPushButton:
    """Make a button that Enter does not press."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAutoDefault(False)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return made


def in_a_row(parts: Iterable[QWidget], parent: QWidget) -> None:
    """Lay widgets side by side."""
    layout = QHBoxLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for part in parts:
        layout.addWidget(part)


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


def _row(widgets: list[QWidget]) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def _toggle(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    return button


def menu_button(text: str, tip: str, entries: list[tuple[str, Signal]]) -> QPushButton:
    """Make a button with a menu whose entries emit signals."""
    button = QPushButton(text)
    button.setToolTip(tip)
    menu = QMenu(button)
    for title, signal in entries:
        menu.addAction(title).triggered.connect(lambda _=False, signal=signal: signal.emit())
    button.setMenu(menu)
    return button
