"""The choice of the channel axis, and the question whether the first axis holds channels."""

from __future__ import annotations

from typing import Any

from magicgui.widgets import ComboBox
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_quantize.viewer.widgets.forms import wrap_text


class AxisBox(ComboBox):
    """Choice of an axis or none. Nullable, since magicgui else emits no change to None."""

    null_string = "one channel"

    def __init__(self, **options: Any) -> None:
        super().__init__(nullable=True, **options)


class ChannelQuestion(QWidget):
    """Ask the user whether the first axis holds channels."""

    answered = Signal(bool)
    """Emitted with True if the axis holds channels, False if it holds time points or planes."""

    def __init__(self) -> None:
        super().__init__()
        self._text = wrap_text(QLabel())
        channels, planes = QPushButton("Channels"), QPushButton("Time or z")
        channels.setToolTip("Each entry is a channel: it may get levels of its own")
        planes.setToolTip("Each entry is a time point or a plane of one channel: all share the same levels")
        # No lambdas: PySide6 would keep the objects that they refer to alive, and so the whole dock.
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
        """Show the question; hide it if the text is empty."""
        self._text.setText(text)
        self.setVisible(bool(text))
