"""The dialog *Export…*: results, formats, folder, names and progress."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QStyledItemDelegate,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_quantize.text.results import format_k
from napari_quantize.viewer import messages
from napari_quantize.viewer.export import messages as export_messages
from napari_quantize.viewer.export.options import OPTIONS, ROWS, Choice, Option
from napari_quantize.viewer.widgets.forms import check_box, combo_box, form, lay_out_in_row, push_button, wrap_text
from napari_quantize.viewer.widgets.theme import fit_text, font_scale

if TYPE_CHECKING:
    from napari_quantize.viewer.export.model import Candidate, OutputFile

_ID = Qt.ItemDataRole.UserRole
_RESULT, _FILE, _DESCRIPTION = range(3)
_MOST_OF_SCREEN = 0.8


class _NameDelegate(QStyledItemDelegate):
    """Elide long names in the middle, since K and the suffix stand at their ends; set the height of the rows."""

    def initStyleOption(self, option: Any, index: Any) -> None:
        """Set the position of the ellipsis."""
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle

    def sizeHint(self, option: Any, index: Any) -> QSize:
        """Return one and a half times the height of letters."""
        size = super().sizeHint(option, index)
        size.setHeight(round(1.5 * option.fontMetrics.height()))
        return size


class ExportDialog(QDialog):
    """Show results with the files that they become; signal the user's choices.

    Parameters
    ----------
    parent : QWidget
        The dock.
    candidates : sequence of Candidate
        The results.
    current : str
        Id of the current result's layer.
    folder : Path
        Folder that is proposed.
    stem : str
        Beginning of the file names that is proposed.
    """

    changed = Signal()
    """Emitted when any choice has changed."""

    export_requested = Signal()
    """Emitted when the user presses *Export*."""

    close_requested = Signal()
    """Emitted when the user presses *Close* or *Stop*, Escape, or closes the window."""

    def __init__(self, parent: QWidget, candidates: Sequence[Candidate], current: str, folder: Path, stem: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(export_messages.TITLE)
        self._candidates, self._current = candidates, current
        self.list = self._list()
        self.options = {name: _option_field(option) for name, option in OPTIONS.items()}
        self.folder, self.names = QLineEdit(str(folder)), QLineEdit(stem)
        self.folder.setToolTip(export_messages.FOLDER_TIP)
        self.names.setToolTip(export_messages.NAMES_TIP)
        self._browse = push_button("Browse…", "Choose the folder")
        self._all, self._only_current = (
            push_button("All", export_messages.ALL_TIP),
            push_button("Only current", export_messages.CURRENT_TIP),
        )
        self.notice = wrap_text(QLabel())
        self.bar = QProgressBar()
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # else the buttons move when it appears
        self.bar.setSizePolicy(policy)
        self.export = push_button("Export", "Write the files")
        self.cancel = push_button("Close", export_messages.CLOSE_TIP)
        self.export.setDefault(True)
        self._fields = QWidget()
        self._lay_out()
        self._fit_text()
        self._connect()
        self.show_running(False)
        self.say("")

    def choice(self) -> Choice:
        """Return the present choice."""
        ticked = (item for item in self._items() if item.checkState(_RESULT) == Qt.CheckState.Checked)
        return Choice(
            Path(self.folder.text().strip()),
            self.names.text().strip(),
            tuple(item.data(_RESULT, _ID) for item in ticked),
            **{name: self._value(name) for name in OPTIONS},
        )

    def _value(self, name: str) -> Any:
        field = self.options[name]
        # Not `isEnabled`: while files are written all fields are disabled, but the choice must stay what it was.
        if not field.isEnabledTo(self._fields):
            return OPTIONS[name].default
        return field.currentData() if isinstance(field, QComboBox) else field.isChecked()

    def show_files(self, files: Mapping[str, tuple[str, str]]) -> None:
        """Show the file name and its description for each result, by layer id."""
        with signals_blocked(self.list):
            for item in self._items():
                for column, text in zip(
                    (_FILE, _DESCRIPTION), files.get(item.data(_RESULT, _ID), ("", "")), strict=True
                ):
                    item.setText(column, text)
                    item.setToolTip(column, messages.plain_tooltip(text) if text else "")

    def show_offer(
        self, files: Sequence[OutputFile], problem: str, notice: str, idle: Collection[str], *, ready: bool
    ) -> None:
        """Show what *Export* would write now.

        Parameters
        ----------
        files : sequence of OutputFile
            The files.
        problem : str
            Why nothing can be exported; empty if it can.
        notice : str
            Shown if there is no problem.
        idle : collection of str
            Names of the options that change no image; they are disabled.
        ready : bool
            Whether all image files are predicted.
        """
        self.export.setText(export_messages.export_button(sum(file.n_files for file in files)))
        self.export.setToolTip(export_messages.listed(list(map(_listed, files))))
        self.export.setEnabled(ready and len(files) > 0 and not problem)
        for name, option in OPTIONS.items():
            self.options[name].setEnabled(name not in idle)
            self.options[name].setToolTip(option.tip_if_idle if name in idle else option.tip)
        self.say(problem or notice)

    def say(self, text: str) -> None:
        """Show a notice; hide it if the text is empty."""
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def show_running(self, running: bool) -> None:
        """Show whether files are being written."""
        self._fields.setEnabled(not running)
        self.list.setEnabled(not running)
        self.bar.setVisible(running)
        self.export.setVisible(not running)
        self.cancel.setEnabled(True)
        self.cancel.setText("Stop" if running else "Close")
        self.cancel.setToolTip(export_messages.STOP_TIP if running else export_messages.CLOSE_TIP)

    def show_stopping(self) -> None:
        """Show that writing stops after the present file."""
        self.cancel.setEnabled(False)
        self.cancel.setText("Stopping…")

    def show_progress(self, done: int, total: int, name: str) -> None:
        """Show the file that is being written."""
        self.bar.setMaximum(total)
        self.bar.setValue(done)
        self.bar.setFormat(export_messages.file_progress(done, total, name))

    def reject(self) -> None:
        """Emit `close_requested` instead of closing, since the controller must first stop the writing.

        Qt calls this for Escape, too.
        """
        self.close_requested.emit()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Do the same as the button *Close*."""
        if event is not None:
            event.ignore()
        self.close_requested.emit()

    def close_dialog(self) -> None:
        """Close the dialog."""
        self.done(0)

    def _list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setToolTip(export_messages.LIST_TIP)
        tree.setHeaderLabels(["Result", "File", "What it will be"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAllColumnsShowFocus(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for each in self._candidates:
            item = QTreeWidgetItem([format_k(each.provenance)])
            item.setData(_RESULT, _ID, each.layer_id)
            item.setToolTip(_RESULT, messages.plain_tooltip(each.name))
            item.setCheckState(_RESULT, Qt.CheckState.Checked)
            tree.addTopLevelItem(item)
        tree.setItemDelegateForColumn(_FILE, _NameDelegate(tree))
        header = tree.header()
        if header is not None:
            header.setSectionResizeMode(_RESULT, QHeaderView.ResizeMode.ResizeToContents)
        return tree

    def _lay_out(self) -> None:
        location = QWidget()
        lay_out_in_row((self.folder, self._browse), location)
        rows = [(row, self._row(row)) for row in ROWS]
        rows += [("Folder", location), ("Names", self.names)]
        form(rows, [], self._fields)
        ticks, ends = QWidget(), QWidget()
        lay_out_in_row((QLabel("Tick"), self._all, self._only_current), ticks)
        lay_out_in_row((self.bar, self.cancel, self.export), ends)
        layout = QVBoxLayout(self)
        layout.addWidget(ticks, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.list, 1)
        for part in (self._fields, self.notice, ends):
            layout.addWidget(part)
        self.list.setFocus()

    def _fit_text(self) -> None:
        """Give napari's size to the letters, and a size to the dialog that suits them."""
        fit_text(self)
        scale = font_scale(self.list.font())
        self.list.setColumnWidth(_FILE, round(240 * scale))
        self.resize((QSize(720, 480) * scale).boundedTo(self.screen().availableSize() * _MOST_OF_SCREEN))

    def _row(self, row: str) -> QWidget:
        fields = [self.options[name] for name, option in OPTIONS.items() if option.row == row]
        if len(fields) == 1:
            return fields[0]
        together = QWidget()
        lay_out_in_row(fields, together)
        return together

    def _connect(self) -> None:
        for field in self.options.values():
            changed = field.currentIndexChanged if isinstance(field, QComboBox) else field.toggled
            changed.connect(self._on_changed)
        for line in (self.folder, self.names):
            line.textChanged.connect(self._on_changed)
        self.list.itemChanged.connect(self._on_changed)
        self._browse.clicked.connect(self._on_browse)
        self._all.clicked.connect(self._on_all)
        self._only_current.clicked.connect(self._on_only)
        self.export.clicked.connect(self.export_requested)
        self.cancel.clicked.connect(self.close_requested)

    def _items(self) -> list[QTreeWidgetItem]:
        items = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item for item in items if item is not None]

    def _on_changed(self) -> None:
        self.changed.emit()

    def _on_all(self) -> None:
        self._tick({each.layer_id for each in self._candidates})

    def _on_only(self) -> None:
        self._tick({self._current})

    def _tick(self, layer_ids: Iterable[str]) -> None:
        with signals_blocked(self.list):
            for item in self._items():
                ticked = item.data(_RESULT, _ID) in layer_ids
                item.setCheckState(_RESULT, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.changed.emit()

    def _on_browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export to", self.folder.text())
        if folder:
            self.folder.setText(folder)


def _listed(file: OutputFile) -> str:
    name = file.path.name
    return export_messages.folder(name, file.n_in_folder) if file.n_in_folder else name


def _option_field(option: Option[Any]) -> QComboBox | QCheckBox:
    """Return the field of an option, with its default."""
    if not option.formats:
        tick = check_box(option.title, option.tip)
        tick.setChecked(option.default)
        return tick
    formats = combo_box(option.formats, option.tip)
    formats.setCurrentIndex(formats.findData(option.default))
    return formats
