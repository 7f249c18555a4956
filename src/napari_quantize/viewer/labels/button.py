"""The button *Make labels*, and the options that open beside it."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget, QWidgetAction

from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.form import LabelsForm
from napari_quantize.viewer.messages import NO_RESULT
from napari_quantize.viewer.widgets.forms import more_button
from napari_quantize.viewer.widgets.theme import fit_text


class LabelsButton(QWidget):
    """Button that asks for labels or stops them, with a menu of options."""

    requested = Signal()
    """Emitted when the user asks for labels."""

    cancel_requested = Signal()
    """Emitted when the user presses the button while labels are being made."""

    menu_opened = Signal()
    """Emitted before the options are shown."""

    save_requested = Signal()
    """Emitted when the user asks to save the table."""

    def __init__(self) -> None:
        super().__init__()
        self._reason, self._busy = NO_RESULT, False
        self.button = QPushButton(labels_messages.MAKE)
        self.button.clicked.connect(self._on_clicked)
        self._form: LabelsForm | None = None
        more = more_button(labels_messages.OPTIONS_TIP)
        self._menu = more.menu()
        self._menu.aboutToShow.connect(self.menu_opened)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.button)
        layout.addWidget(more)
        self._show()

    @property
    def form(self) -> LabelsForm:
        """The options in the menu, made when they are first needed: they are a tenth of the dock's widgets."""
        if self._form is None:
            self._form = LabelsForm()
            self._form.save_requested.connect(self._menu.close)
            self._form.save_requested.connect(self.save_requested)
            action = QWidgetAction(self._menu)
            action.setDefaultWidget(self._form)
            self._menu.addAction(action)
            fit_text(self._menu)
        return self._form

    def show_reason(self, reason: str) -> None:
        """Disable the button and show the reason; enable it if the reason is empty."""
        self._reason = reason
        self._show()

    def show_busy(self, busy: bool) -> None:
        """Show whether labels are being made; the button then stops the work."""
        self._busy = busy
        self._show()

    def _show(self) -> None:
        self.button.setText(labels_messages.STOP if self._busy else labels_messages.MAKE)
        self.button.setToolTip(labels_messages.STOP_TIP if self._busy else self._reason or labels_messages.TIP)
        self.button.setEnabled(self._busy or not self._reason)

    def _on_clicked(self) -> None:
        (self.cancel_requested if self._busy else self.requested).emit()
