"""The list of layers that are the channels of one image, and their weights."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import QLabel, QListWidget, QListWidgetItem, QSizePolicy, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_quantize.viewer.widgets.forms import check_box, wrap_text

_MAX_ROWS_SHOWN = 4
_TIP = "Ticked layers are the channels of one image: pixels of one class are alike in all of them"
_BALANCE_TIP = (
    "Divide each channel by its range first, so that strong and weak channels count the same;\n"
    "else the classes follow the brightest channel"
)


class ChannelList(QWidget):
    """Choose the layers that are the channels of one image; the chosen image is always one of them.

    Attributes
    ----------
    list : QListWidget
        The layers, with boxes to tick.
    balance : QCheckBox
        Ticked if all channels have the same weight.
    """

    changed = Signal()
    """Emitted when the user has ticked or unticked a layer or the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.list = _ShortList()
        self.list.setToolTip(_TIP)
        self.balance = check_box("Equal weight", _BALANCE_TIP)
        self.balance.setChecked(True)
        self._rows: list[tuple[str, str, bool]] = []  # id, name, and whether the layer is ticked
        self._own_id = ""
        self._selected: frozenset[str] = frozenset()
        self._unticked: set[str] = set()
        title = wrap_text(QLabel("Channels, in layers of their own:"))
        title.setToolTip(_TIP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (title, self.list, self.balance):
            layout.addWidget(part)
        self.list.itemChanged.connect(self._on_item_changed)
        self.balance.toggled.connect(self._on_toggled)

    @property
    def ticked(self) -> frozenset[str]:
        """Ids of the ticked layers."""
        return frozenset(layer_id for layer_id, _, ticked in self._rows if ticked)

    def show_layers(self, layers: Sequence[tuple[str, str]], own_id: str, selected: Collection[str]) -> None:
        """Show the layers that can be channels. All are ticked, until the user unticks or selects some.

        Parameters
        ----------
        layers : sequence of (str, str)
            Ids and names of the layers.
        own_id : str
            Id of the chosen image, which stays ticked.
        selected : collection of str
            Ids of the layers that are selected in napari. If these are several, they are ticked, and no others.
        """
        chosen = frozenset(selected) & {layer_id for layer_id, _ in layers}
        if chosen != self._selected and len(chosen) > 1:
            self._unticked = {layer_id for layer_id, _ in layers} - chosen
        self._selected = chosen
        self._unticked.discard(own_id)
        rows = [(layer_id, name, layer_id not in self._unticked) for layer_id, name in layers]
        if rows == self._rows and own_id == self._own_id:
            return  # the list may be emitting a change
        self._rows, self._own_id = rows, own_id
        with signals_blocked(self.list):
            self.list.clear()
            for layer_id, name, ticked in rows:
                self.list.addItem(_item(name, ticked=ticked, is_own=layer_id == own_id))
        self.list.updateGeometry()

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        index = self.list.row(item)
        layer_id, name, _ = self._rows[index]
        ticked = item.checkState() == Qt.CheckState.Checked
        (self._unticked.discard if ticked else self._unticked.add)(layer_id)
        self._rows[index] = layer_id, name, ticked
        self.changed.emit()

    def _on_toggled(self, _on: bool) -> None:
        self.changed.emit()


def _item(name: str, *, ticked: bool, is_own: bool) -> QListWidgetItem:
    item = QListWidgetItem(name)
    item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
    if is_own:
        item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
        item.setToolTip("The chosen image")
    return item


class _ShortList(QListWidget):
    """A list that is as high as its rows, up to four of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def sizeHint(self) -> QSize:
        rows = max(1, min(_MAX_ROWS_SHOWN, self.count()))
        row_height = max(self.sizeHintForRow(0), self.fontMetrics().height() + 2)
        return QSize(120, rows * row_height + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
