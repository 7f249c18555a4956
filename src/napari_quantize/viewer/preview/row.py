"""The row *Try K*: a check box, a slider and a number for K, and the button *Add*."""

from __future__ import annotations

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QSlider, QSpinBox, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_quantize.viewer.preview.model import MAX_PREVIEW_K, MIN_PREVIEW_K, SLIDER_KS, slider_position
from napari_quantize.viewer.widgets.notices import ReservedLines

_FIRST_K = 8
_TEXT_DELAY_MS = 300  # texts that are replaced sooner would flicker

_CHECK_TIP = "Show the image with K values left, as a layer over it that goes away when you untick this"
_SLIDER_TIP = "How many values are left; moving it ticks “Try K”"
_NUMBER_TIP = f"How many values are left: any number up to {MAX_PREVIEW_K}"
_FIGURES_TIP = (
    "±: by how much a value is off (root of the mean squared error, in the image's units)\n"
    "ΔE: how far colours have moved as the eye sees it; 1 can just be seen\nKB: size as a PNG"
)
_ADD_TIP = "Make what you see while “Try K” is ticked a result: a layer, and a row in the table"


class TryRow(QWidget):
    """The controls of the preview; signals when the user changes them.

    Attributes
    ----------
    check : QCheckBox
        Switches the preview on.
    slider : QSlider
        The usual values of K.
    number : QSpinBox
        Any K.
    add : QPushButton
        Makes the tried K a result.
    """

    changed = Signal()
    """Emitted when the user chooses another K, or switches the preview on or off."""

    add_requested = Signal(int)
    """Emitted with the K to make a result."""

    def __init__(self) -> None:
        super().__init__()
        self.check = QCheckBox("Try K")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(SLIDER_KS) - 1)
        self.slider.setPageStep(4)
        self.slider.setMinimumWidth(40)
        self.number = QSpinBox()
        self.number.setRange(MIN_PREVIEW_K, MAX_PREVIEW_K)
        # napari's style makes the buttons wider than the number; the slider does small steps.
        self.number.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.number.setStyleSheet("min-width: 2.5em; max-width: 2.5em; padding: 1px 4px;")
        self.add = QPushButton("Add")
        self._text = QLabel()
        self._text.setToolTip(_FIGURES_TIP)
        ReservedLines(self._text, 1)
        self._next_text = ""
        self._text_timer = QTimer(self)
        self._text_timer.setSingleShot(True)
        self._text_timer.setInterval(_TEXT_DELAY_MS)
        self._text_timer.timeout.connect(self._show_next_text)
        self._problem, self._busy = "", False
        self._set_k(_FIRST_K)
        self._lay_out()
        self.check.toggled.connect(self._on_toggled)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.number.valueChanged.connect(self._on_number_changed)
        self.add.clicked.connect(self._on_add)
        self._update_controls()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.check)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        row.addWidget(self.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self._text)

    @property
    def is_on(self) -> bool:
        """True if the preview is on."""
        return bool(self.check.isChecked())

    @property
    def k(self) -> int:
        """The chosen K."""
        return int(self.number.value())

    def switch_off(self) -> None:
        """Untick the check box; nothing is emitted."""
        with signals_blocked(self.check):
            self.check.setChecked(False)
        self._update_controls()

    def set_available(self, problem: str, *, busy: bool) -> None:
        """Enable or disable the controls.

        Parameters
        ----------
        problem : str
            Reason why no preview is possible; empty if it is.
        busy : bool
            True during a run, when *Add* is disabled.
        """
        self._problem, self._busy = problem, busy
        self._update_controls()

    def _update_controls(self) -> None:
        problem = self._problem
        # The user can always untick the check box.
        self.check.setEnabled(self.is_on or not problem)
        self.slider.setEnabled(not problem)
        self.number.setEnabled(not problem)
        self.add.setEnabled(self.is_on and not problem and not self._busy)
        controls = {self.check: _CHECK_TIP, self.slider: _SLIDER_TIP, self.number: _NUMBER_TIP, self.add: _ADD_TIP}
        for control, tip in controls.items():
            control.setToolTip(problem or tip)

    def show_text(self, text: str, *, delayed: bool = False) -> None:
        """Show a text under the row. With `delayed`, wait, since another text may come soon."""
        self._next_text = text
        if text and delayed:
            if not self._text_timer.isActive():
                self._text_timer.start()
        else:
            self._text_timer.stop()
            self._show_next_text()

    def _show_next_text(self) -> None:
        self._text.setText(self._next_text)

    def _set_k(self, k: int) -> None:
        with signals_blocked(self.slider), signals_blocked(self.number):
            self.number.setValue(k)
            self.slider.setValue(slider_position(k))

    def _on_toggled(self) -> None:
        self._update_controls()
        self.changed.emit()

    def _on_slider_moved(self, step: int) -> None:
        self._choose_k(SLIDER_KS[step])

    def _on_number_changed(self, k: int) -> None:
        self._choose_k(k)

    def _choose_k(self, k: int) -> None:
        self._set_k(k)
        if self.is_on:
            self.changed.emit()
        else:
            self.check.setChecked(True)

    def _on_add(self) -> None:
        self.add_requested.emit(self.k)
