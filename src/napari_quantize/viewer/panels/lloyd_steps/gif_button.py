"""The button *Save GIF…*, which writes the steps of a run in the background and shows the progress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.compat import isalive
from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QPushButton

from napari_quantize.viewer import messages
from napari_quantize.viewer.panels.lloyd_steps import messages as steps_messages
from napari_quantize.viewer.panels.lloyd_steps.model import StepsProgress, StepsRequest, write_gif
from napari_quantize.viewer.widgets.background import Background
from napari_quantize.viewer.widgets.file_notices import notify_saved
from napari_quantize.viewer.widgets.plot import ask_path

if TYPE_CHECKING:
    from napari_quantize.plots.lloyd_data import LloydData

_POLL_MS = 200


class GifButton(QPushButton):
    """Button that saves a run as a GIF. It is disabled without a run, and while a file is written."""

    failed = Signal(str)
    """Emitted with a sentence when a file could not be written."""

    def __init__(self) -> None:
        super().__init__(steps_messages.SAVE)
        self.setToolTip(steps_messages.SAVE_TIP)
        self._run: tuple[StepsRequest, LloydData] | None = None
        self._log = True
        self._progress = StepsProgress()
        self._background = Background(self)
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._show_progress)
        self.clicked.connect(self._ask_and_save)
        self._show_progress()

    def set_run(self, run: tuple[StepsRequest, LloydData] | None) -> None:
        """Set the run to save; None if there is none."""
        self._run = run
        self._show_progress()

    def set_log(self, log: bool) -> None:
        """Set whether counts are drawn on a logarithmic scale."""
        self._log = log

    def close_down(self) -> None:
        """Cancel the writing; no part of a file is left."""
        self._background.close()
        self._show_progress()

    def _ask_and_save(self) -> None:
        run = self._run  # behind the dialog, the panel may come to show another one, or none
        if run is None:
            return
        path = ask_path(self, "Save steps", f"steps of K={run[0].k}", "GIF (*.gif)", (".gif",))
        if path is not None:
            self._save(run, path)

    def _save(self, run: tuple[StepsRequest, LloydData], path: Path) -> None:
        """Write all steps of a run."""
        request, data = run
        self.setMinimumWidth(self.sizeHint().width())  # else it shrinks with the text of the progress
        self._progress = progress = StepsProgress()
        log, tick = self._log, self._background.tick
        self._background.submit(
            lambda: write_gif(request, data, path, log=log, progress=progress, tick=tick),
            self._on_saved,
            self._on_failed,
        )
        self._poll.start()
        self._show_progress()

    def _show_progress(self) -> None:
        busy = self._background.busy
        self.setEnabled(self._run is not None and not busy)
        self.setText(steps_messages.saving(self._progress.done, self._progress.total) if busy else steps_messages.SAVE)
        if not busy:
            self._poll.stop()

    def _on_saved(self, path: Path) -> None:
        if isalive(self):
            self._show_progress()
            notify_saved(path)

    def _on_failed(self, text: str) -> None:
        if isalive(self):
            self._show_progress()
            self.failed.emit(messages.sentence(text))
