"""The dialog that asks which layers get the levels of a result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_quantize.viewer import messages
from napari_quantize.viewer.widgets.forms import wrap_text

if TYPE_CHECKING:
    from napari_quantize.viewer.plan.compatibility import Target

_ID = Qt.ItemDataRole.UserRole


class TargetDialog(QDialog):
    """List of layers to tick; those that do not fit are greyed, with the reason.

    Parameters
    ----------
    parent : QWidget
        The dock.
    question : str
        Text above the list.
    targets : sequence of Target
        The layers.
    """

    chosen = Signal(list)
    """Emitted with the ids of the ticked layers when the user applies the levels."""

    def __init__(self, parent: QWidget, question: str, targets: Sequence[Target]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Apply these levels to…")
        self.list = QListWidget()
        self.list.setToolTip("Tick the layers that shall get these levels; grey ones do not fit")
        self.list.setWordWrap(True)
        for target in targets:
            self.list.addItem(_item(target))
        self.list.itemChanged.connect(self._show_count)
        self.list.itemActivated.connect(_toggle)
        self.apply_button = QPushButton()
        self.apply_button.setDefault(True)
        self.apply_button.setToolTip("Make one new layer for each ticked one; the images themselves are not changed")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.apply_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for part in (wrap_text(QLabel(question)), self.list, buttons):
            layout.addWidget(part)
        self.resize(380, 300)
        self._show_count()

    def ticked(self) -> list[str]:
        """Return the ids of the ticked layers."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item.data(_ID) for item in items if item.checkState() == Qt.CheckState.Checked]

    def _show_count(self) -> None:
        n_ticked = len(self.ticked())
        self.apply_button.setText(messages.apply_button(n_ticked))
        self.apply_button.setEnabled(n_ticked > 0)

    def _on_accepted(self) -> None:
        ticked = self.ticked()
        self.accept()
        self.chosen.emit(ticked)


def _item(target: Target) -> QListWidgetItem:
    item = QListWidgetItem(f"{target.name}: {target.problem}" if target.problem else target.name)
    item.setData(_ID, target.layer_id)
    item.setToolTip(messages.plain_tooltip(item.text()))
    item.setCheckState(Qt.CheckState.Unchecked)
    flags = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(Qt.ItemFlag.NoItemFlags if target.problem else flags)
    return item


def _toggle(item: QListWidgetItem) -> None:
    """Tick or untick an item; called for a double click on its name."""
    ticked = item.checkState() == Qt.CheckState.Checked
    item.setCheckState(Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked)
