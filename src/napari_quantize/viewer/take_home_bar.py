"""The last row of the dock: buttons for what can be taken out of it."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_quantize.viewer.compare_bar import menu_button
from napari_quantize.viewer.labels_button import LabelsButton


class TakeHomeBar(QWidget):
    """Tells what the user wants to copy or save."""

    copy_table = Signal()
    copy_methods = Signal()
    save_table = Signal()
    copy_script = Signal()
    save_figure = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.labels = LabelsButton()
        self.save_button = QPushButton("Save figure…")
        self.save_button.setToolTip("Save the image and all its results, with captions and histograms, as one figure")
        self.save_button.clicked.connect(self.save_figure)
        copies = [
            ("Table", self.copy_table),
            ("Methods sentence", self.copy_methods),
            ("Python script", self.copy_script),
            ("Save table…", self.save_table),
        ]
        tip = (
            "Copy or save the table's numbers; or copy a sentence that says how the current result was made, "
            "or a script that makes it again"
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)  # as above it; with more, a floating dock of napari 0.6.6 is wider than 300 pixels
        layout.addWidget(self.labels)
        layout.addWidget(self.save_button)
        layout.addStretch()
        layout.addWidget(menu_button("Copy", tip, copies))
