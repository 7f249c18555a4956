"""The buttons that choose the view mode, and the controls of *Swipe*'s line."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.widgets.forms import menu_button, row_layout, toggle_button
from napari_quantize.viewer.widgets.notices import ReservedLines
from napari_quantize.viewer.widgets.wrapping_row import WrappingRow

_TIPS = {
    ViewMode.ONE: "Show only the layer of the current row: step through the rows with the arrow keys",
    ViewMode.TILE: "Show the image, the results of the last run, and those that are ticked in the table side by side;\n"
    "press again to go back",
    ViewMode.SWIPE: "Show the image and the current row's result on either side of a line that you drag; "
    "press again to go back",
    ViewMode.DIFFERENCE: "Show where the current row's result differs from the image, and how much; "
    "press again to go back",
    ViewMode.FLIP: "Show the image and the current row's result in turn, twice a second; press again to go back",
}
_NOTES = {
    ViewMode.ONE: "Only the layer of the current row: go through the rows with ↑ and ↓",
    ViewMode.TILE: "The image, the results of the last run, and the rows that are ticked",
    ViewMode.FLIP: "The image and the current row's result in turn",
}
_NOTE_LINES = 2
_STEPS = 1000
_VERTICAL_LINE, _HORIZONTAL_LINE = "↔", "↕"


class CompareBar(QWidget):
    """Show the view mode, and signal which one the user requests.

    Attributes
    ----------
    more : QPushButton
        Button with a menu of rarely needed commands.
    """

    mode_requested = Signal(str)
    """Emitted with the name of the mode whose button was pressed."""

    line_moved = Signal(float, bool)
    """Emitted with the line's position, from 0 to 1, and True if the line is horizontal."""

    apply = Signal()
    remove = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._buttons = {mode: toggle_button(mode.value, tip) for mode, tip in _TIPS.items()}
        self.more = menu_button("⋯", "More", [("Apply these levels to…", self.apply), ("Remove results", self.remove)])
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._direction = toggle_button(_VERTICAL_LINE, "Turn the line: the image is left of it, or above it")
        self._line_controls = QWidget()
        self._note = QLabel()
        self._lay_out()
        for button in self._buttons.values():
            button.clicked.connect(self._on_pressed)
        self._slider.valueChanged.connect(self._on_line)
        self._direction.clicked.connect(self._on_line)

    def show_view_mode(self, mode: ViewMode, note: str) -> None:
        """Show the present view mode, and a note on it or, if that is empty, what the mode shows."""
        for each, button in self._buttons.items():
            button.setChecked(each is mode)
        self._line_controls.setVisible(mode is ViewMode.SWIPE)
        self._note.setText(note or _NOTES.get(mode, ""))

    def show_line(self, position: float, *, horizontal: bool) -> None:
        """Show the position and direction of the line."""
        with signals_blocked(self._slider):
            self._slider.setValue(round(position * _STEPS))
        self._direction.setChecked(horizontal)
        self._direction.setText(_HORIZONTAL_LINE if horizontal else _VERTICAL_LINE)

    def _lay_out(self) -> None:
        self._slider.setRange(0, _STEPS)
        self._slider.setSingleStep(_STEPS // 100)
        self._slider.setPageStep(_STEPS // 10)
        self._slider.setToolTip("Where the line is: drag it here or in the picture, or use the arrow keys")
        ReservedLines(self._note, _NOTE_LINES)
        buttons = [*self._buttons.values(), self.more]
        for button in buttons:
            # As narrow as its text: six of them must fit in a row of 300 pixels.
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line = row_layout([self._slider, self._direction])
        line.setStretch(0, 1)
        self._line_controls.setLayout(line)
        # One room for both, so that nothing below moves with the mode.
        below = QGridLayout()
        below.addWidget(self._note, 0, 0)
        below.addWidget(self._line_controls, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(WrappingRow(buttons))
        layout.addLayout(below)
        self.show_view_mode(ViewMode.NONE, "")

    def _on_pressed(self) -> None:
        self.mode_requested.emit(next(mode.value for mode, button in self._buttons.items() if button is self.sender()))

    def _on_line(self) -> None:
        self.line_moved.emit(self._slider.value() / _STEPS, self._direction.isChecked())
        self.show_line(self._slider.value() / _STEPS, horizontal=self._direction.isChecked())
