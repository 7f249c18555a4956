"""Each command of the dock, called as a user calls it, and waited for where it takes a while."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from unittest.mock import patch

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QFileDialog, QPushButton, QSlider

from napari_quantize.core.api import fit
from napari_quantize.palettes.io import read_palette, write_palette
from napari_quantize.palettes.palette import Palette
from napari_quantize.viewer.compare.bar import CompareBar
from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.export.dialog import ExportDialog
from napari_quantize.viewer.fields.fields import InputFields
from napari_quantize.viewer.labels.button import LabelsButton
from napari_quantize.viewer.labels.messages import NO_LABELS
from napari_quantize.viewer.layers.palettes import swatch_layer
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.run.apply_dialog import TargetDialog
from napari_quantize.viewer.run.use_palette import CHOOSE_FILE
from napari_quantize.viewer.widgets.fold import Fold
from tools.stress.panel_commands import PanelCommands
from tools.stress.session import MODES, OPEN_MS, Command, Session, press
from tools.stress.states import KS, make_labels, remove_results
from tools.stress.table_commands import TableCommands

LEVELS, PALETTE = "levels.json", "palette.gpl"


class Commands:
    """The commands.

    Parameters
    ----------
    session : Session
        The window.
    folder : Path
        Empty folder for the files that are read and written.
    """

    def __init__(self, session: Session, folder: Path) -> None:
        self._session, self._random, self._folder = session, session.random, folder
        self._numbers = count()
        fit(session.images["cells"], 4).save(folder / LEVELS)
        write_palette(folder / PALETTE, Palette(np.diag([255] * 3).astype(np.uint8), PALETTE))

    def by_name(self) -> dict[str, Command]:
        """Return the commands by their names in the table."""
        click = self._session.click
        return {
            **{mode: partial(click, mode) for mode in MODES},
            "Move Swipe's line": self._move_line,
            "Try": self._try,
            "Try another K": self._try_another_k,
            "Add what is tried": self._add,
            "Quantize": self._quantize,
            "Keep other numbers": self._keep,
            "Options": self._open_options,
            "Learn from": partial(self._run_with, "learn_from"),
            "Ignore": partial(self._run_with, "ignore"),
            "Never replace results": self._add_copies,
            "Use a palette: file": self._use_file,
            "Use a palette: layer": self._use_layer,
            "Use best": partial(self._run_by, "Use best"),
            "Use best for all": partial(self._run_by, "For all results"),
            "Apply these levels": self._apply,
            "Remove results": partial(remove_results, self._session),
            "Remove results, Undo": self._remove_and_undo,
            "Undo": partial(click, "Undo"),
            **PanelCommands(self._session, self._folder).by_name(),
            **TableCommands(self._session).by_name(),
            "Make labels": partial(make_labels, self._session),
            "Options of labels": self._open_label_options,
            "Save table of labels": self._save_labels,
            "Export": self._export,
            "Copy table": partial(click, "Table"),
            "Copy methods": partial(click, "Methods sentence"),
            "Copy script": self._copy_script,
            "Delete by the bin": self._delete,
            "Close, open the dock": self._close_and_open,
            # Last, since napari keeps the cells of each grid (docs/known-issues.md) and is slow after many.
            "Quantize, Cancel": self._cancel,
        }

    # Runs

    def _run_by(self, text: str) -> bool:
        return self._session.await_run(partial(self._session.click, text))

    def _quantize(self) -> bool:
        run = self._session.widget.run.native
        if run.isEnabled():
            self._session.quantize(KS)
        return bool(run.isEnabled())

    def _cancel(self) -> bool:
        widget = self._session.widget
        widget.k_values.value = "2-12"
        return self._session.await_run(self._start_and_cancel)

    def _start_and_cancel(self) -> bool:
        widget = self._session.widget
        if not widget.run.native.isEnabled():
            return False
        widget.run.native.click()
        wait(self._random.randint(0, 100))
        self._session.click("Cancel")
        return True

    def _keep(self) -> bool:
        """Type numbers, right and wrong ones."""
        for text in ("", "0", "2-", "3, 5", KS):
            self._session.widget.k_values.value = text
            wait(20)
        return True

    def _run_with(self, name: str) -> bool:
        """Choose another entry of a field, quantize, and choose the first one again."""
        field = getattr(self._session.widget, name)
        if len(field.choices) < 2:
            return False
        field.value = self._random.choice(field.choices[1:])
        done = self._quantize()
        field.value = field.choices[0]
        return done

    def _add_copies(self) -> bool:
        """Add results of the numbers that there are already."""
        never_replace = self._session.widget.keep_earlier
        never_replace.value = True
        done = self._quantize()
        never_replace.value = False
        return done

    def _open_options(self) -> bool:
        fold = self._options()
        fold.unfold(True)
        wait(OPEN_MS)
        fold.unfold(False)
        return True

    def _options(self) -> Fold:
        fold: Fold = self._session.part(InputFields).findChild(Fold)
        return fold

    def _use_file(self) -> bool:
        image = self._session.widget.image.value
        path = self._folder / (PALETTE if image is not None and image.rgb else LEVELS)
        with patch.object(QFileDialog, "getOpenFileName", lambda *_: (str(path), "")):
            return self._use_palette(lambda action: action.text() == CHOOSE_FILE)

    def _use_layer(self) -> bool:
        """Use a palette that is open in napari."""
        image = self._session.widget.image.value
        name = PALETTE if image is not None and image.rgb else LEVELS
        data, attributes = swatch_layer(read_palette(self._folder / name), name)
        self._session.viewer.add_image(data, **attributes)
        return self._use_palette(lambda action: action.text().startswith(name))

    def _use_palette(self, is_meant: Callable[..., bool]) -> bool:
        self._options().unfold(True)
        wait(20)
        menu = self._session.part(InputFields).palette.menu()
        self._session.pop_up(menu)
        actions = [action for action in menu.actions() if is_meant(action)]
        menu.close()
        done = bool(actions) and self._session.await_run(partial(_trigger, self._random.choice(actions)))
        self._options().unfold(False)
        return done

    def _apply(self) -> bool:
        if not self._session.click("Apply these levels to…"):
            return False
        [dialog] = self._session.visible(TargetDialog)
        items = [dialog.list.item(row) for row in range(dialog.list.count())]
        fitting = [item for item in items if item.flags() & Qt.ItemFlag.ItemIsEnabled]
        self._random.choice(fitting).setCheckState(Qt.CheckState.Checked)
        return self._session.await_run(partial(press, dialog.apply_button))

    # Try

    def _try(self) -> bool:
        return press(self._session.part(TryRow).check)

    def _try_another_k(self) -> bool:
        row = self._session.part(TryRow)
        if row.number.isEnabled():
            row.number.setValue(self._random.choice([k for k in range(2, 13) if k != row.k]))
        return bool(row.number.isEnabled())

    def _add(self) -> bool:
        add = self._session.part(TryRow).add
        return bool(add.isEnabled()) and self._session.await_run(partial(press, add))

    # Results

    def _move_line(self) -> bool:
        slider: QSlider = self._session.part(CompareBar).findChild(QSlider)
        if not slider.isVisibleTo(self._session.widget.native):
            return False
        slider.setValue(self._random.randint(0, slider.maximum()))
        return True

    def _remove_and_undo(self) -> bool:
        return remove_results(self._session) and self._session.click("Undo")

    def _delete(self) -> bool:
        """Delete some of the results and temporary layers."""
        temporary = [layer for layer in self._session.viewer.layers if is_temporary(layer)]
        layers = [*self._session.results(), *temporary]
        self._session.delete_by_bin(self._random.sample(layers, min(len(layers), self._random.randint(1, 3))))
        return bool(layers)

    def _close_and_open(self) -> bool:
        self._session.close_and_open()
        return True

    # Labels and files

    def _open_label_options(self) -> bool:
        return self._with_label_options(lambda: None)

    def _save_labels(self) -> bool:
        path = self._folder / f"{next(self._numbers)}.csv"
        with patch.object(QFileDialog, "getSaveFileName", lambda *_: (str(path), "")):
            done = self._with_label_options(self._session.part(LabelsButton).form.save_button.click)
        message = self._session.widget.message
        if done:
            self._session.wait_until(lambda: path.exists() or message.value == NO_LABELS, "the table of labels")
        return done

    def _with_label_options(self, act: Callable[[], object]) -> bool:
        """Open the options of labels, do something, and close them."""
        buttons = self._session.part(LabelsButton).findChildren(QPushButton)
        [more] = [button for button in buttons if button.menu() is not None]
        if not more.isVisibleTo(self._session.widget.native):
            return False
        self._session.pop_up(more.menu())
        act()
        more.menu().close()
        return True

    def _export(self) -> bool:
        """Export the current result into a folder of its own."""
        if not self._session.click("Export…"):
            return False
        [dialog] = self._session.visible(ExportDialog)
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        dialog.folder.setText(str(folder))
        press(next(button for button in dialog.findChildren(QPushButton) if button.text() == "Only current"))
        self._session.wait_until(dialog.export.isEnabled, "the predicted files")
        dialog.export.click()
        self._session.wait_until(lambda: not self._session.visible(ExportDialog), "the exported files")
        return True

    def _copy_script(self) -> bool:
        """Copy the script, or get told why there is none."""
        clipboard, message = QGuiApplication.clipboard(), self._session.widget.message
        clipboard.clear()
        message.value = ""
        if not self._session.click("Python script"):
            return False
        self._session.wait_until(lambda: bool(clipboard.text() or message.value), "the script")
        return True


def _trigger(action: object) -> bool:
    action.trigger()  # type: ignore[attr-defined]
    return True
