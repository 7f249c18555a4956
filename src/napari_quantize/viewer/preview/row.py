"""The row *Try K*: a check box, a slider and a number for K, and the button *Keep*."""

from __future__ import annotations

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QSlider, QSpinBox, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_quantize.viewer.preview.model import LEAST, MOST, STEPS, step_of
from napari_quantize.viewer.widgets.forms import wrap_text

_FIRST_K = 8
_PATIENCE_MS = 300  # a text that is shown for a shorter time only flickers

_TRY = "Show the image with K values left, as a layer over it that goes away when you untick this"
_K = "How many values are left; moving it ticks “Try K”"
_MORE = f"How many values are left: any number up to {MOST}"
_KEEP = "Make what you see while “Try K” is ticked a result: a layer, and a row in the table"


class TryRow(QWidget):
    """Signal which K the user tries, and whether they try at all.

    Attributes
    ----------
    check : QCheckBox
        Switches the preview on.
    slider : QSlider
        The usual values of K.
    number : QSpinBox
        Any K.
    keep : QPushButton
        Makes the tried K a result.
    """

    changed = Signal()
    """Emitted when the user chooses another K, or switches the preview on or off."""

    kept = Signal(int)
    """Emitted with the K to make a result."""

    def __init__(self) -> None:
        super().__init__()
        self.check = QCheckBox("Try K")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(STEPS) - 1)
        self.slider.setPageStep(4)
        self.slider.setMinimumWidth(40)
        self.number = QSpinBox()
        self.number.setRange(LEAST, MOST)
        # napari's buttons are wider than the number, and the slider is there for small steps.
        self.number.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.number.setStyleSheet("min-width: 2.5em; max-width: 2.5em; padding: 1px 4px;")
        self.keep = QPushButton("Keep")
        self._text = wrap_text(QLabel())
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PATIENCE_MS)
        self._later.timeout.connect(self._show_text)
        self._problem, self._busy = "", False
        self.say("")
        self._set_k(_FIRST_K)
        self._lay_out()
        self.check.toggled.connect(self._on_toggled)
        self.slider.valueChanged.connect(self._on_slid)
        self.number.valueChanged.connect(self._on_typed)
        self.keep.clicked.connect(self._on_keep)
        self._show_what_can_be_done()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.check)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        row.addWidget(self.keep)
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
        self._show_what_can_be_done()

    def allow(self, problem: str, *, busy: bool) -> None:
        """Enable or disable the controls.

        Parameters
        ----------
        problem : str
            Reason why no preview is possible; empty if it is.
        busy : bool
            True during a run, when *Keep* is disabled.
        """
        self._problem, self._busy = problem, busy
        self._show_what_can_be_done()

    def _show_what_can_be_done(self) -> None:
        problem = self._problem
        # The user can always untick the check box.
        self.check.setEnabled(self.is_on or not problem)
        self.slider.setEnabled(not problem)
        self.number.setEnabled(not problem)
        self.keep.setEnabled(self.is_on and not problem and not self._busy)
        controls = {self.check: _TRY, self.slider: _K, self.number: _MORE, self.keep: _KEEP}
        for control, tip in controls.items():
            control.setToolTip(problem or tip)

    def say(self, text: str, *, soon: bool = False) -> None:
        """Show a sentence under the row, or none. With `soon`, wait, since another text may replace it soon."""
        self._text.setText(text)
        if text and soon:
            if not self._later.isActive():
                self._later.start()
        else:
            self._later.stop()
            self._show_text()

    def _show_text(self) -> None:
        self._text.setVisible(bool(self._text.text()))

    def _set_k(self, k: int) -> None:
        with signals_blocked(self.slider), signals_blocked(self.number):
            self.number.setValue(k)
            self.slider.setValue(step_of(k))

    def _on_toggled(self) -> None:
        self._show_what_can_be_done()
        self.changed.emit()

    def _on_slid(self, step: int) -> None:
        self._on_chosen(STEPS[step])

    def _on_typed(self, k: int) -> None:
        self._on_chosen(k)

    def _on_chosen(self, k: int) -> None:
        self._set_k(k)
        if self.is_on:
            self.changed.emit()
        else:
            self.check.setChecked(True)

    def _on_keep(self) -> None:
        self.kept.emit(self.k)
