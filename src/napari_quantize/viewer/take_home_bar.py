"""The last row of the dock: buttons for what can be taken out of it."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_quantize.viewer.compare_bar import menu_button
from napari_quantize.viewer.labels_button import LabelsButton


class TakeHomeBar(QWidget):
    """Tells what the user wants to copy or export."""

    copy_table = Signal()
    copy_methods = Signal()
    copy_script = Signal()
    export = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.labels = LabelsButton()
        self.export_button = QPushButton("Export…")
        self.export_button.setToolTip(
            "Save results as small files, with their palettes, the table, or a figure of all of them"
        )
        self.export_button.clicked.connect(self.export)
        copies = [
            ("Table", self.copy_table),
            ("Methods sentence", self.copy_methods),
            ("Python script", self.copy_script),
        ]
        tip = (
            "Copy the table's numbers, a sentence that says how the current result was made, "
            "or a script that makes it again"
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)  # as above it; with more, a floating dock of napari 0.6.6 is wider than 300 pixels
        layout.addWidget(self.labels)
        layout.addWidget(self.export_button)
        layout.addStretch()
        layout.addWidget(menu_button("Copy", tip, copies))
