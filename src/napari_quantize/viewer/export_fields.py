"""What the dialog *Export…* is built of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QWidget


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
