"""*Export…*: predict and write the files of results in the background, as the dialog says."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from qtpy.compat import isalive
from qtpy.QtCore import QObject, QTimer

from napari_quantize.viewer import messages
from napari_quantize.viewer.export import messages as export_messages
from napari_quantize.viewer.export.dialog import ExportDialog
from napari_quantize.viewer.export.model import (
    Candidate,
    ExportInputs,
    OutputFile,
    existing,
    file_stems,
    legal_file_name,
)
from napari_quantize.viewer.export.options import Choice, left_out_notice
from napari_quantize.viewer.export.predict import PredictedFile, predict_result_file
from napari_quantize.viewer.export.report import why_no_part
from napari_quantize.viewer.export.staleness import why_stale
from napari_quantize.viewer.export.write_files import ExportOutcome, ExportProgress, list_files, write_files
from napari_quantize.viewer.family.find_layers import sources_of
from napari_quantize.viewer.layers.raster_conversion import raster_of, saved_attributes
from napari_quantize.viewer.layers.sources import data_of
from napari_quantize.viewer.widgets.background import Background
from napari_quantize.viewer.widgets.question import Question

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.table.widget import ResultsTable

_POLL_MS = 100
_MAX_FAILURES_SHOWN = 5


class ExportController(QObject):
    """Open the dialog, show in it which files the results become, and write them.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        The viewer.
    family : Family
        The model.
    table : ResultsTable
        The table, which can be exported, too.
    parent : QWidget
        Parent of the dialog, in the dock.
    show_notice : callable
        Shows a notice.
    """

    def __init__(
        self, viewer: Viewer, family: Family, table: ResultsTable, parent: QWidget, show_notice: Callable[[str], None]
    ) -> None:
        super().__init__(parent)
        self._viewer, self._family, self._table, self._parent, self._show_notice = (
            viewer,
            family,
            table,
            parent,
            show_notice,
        )
        self._dialog: ExportDialog | None = None
        self._candidates: list[Candidate] = []
        self._folder = Path.home()
        self._pending_files: tuple[list[OutputFile], Path] = [], self._folder
        # By `Choice.for_image`, which holds only what an image file depends on: other choices keep the predictions.
        self._predictions: dict[Choice, PredictedFile] = {}
        self._waiting: deque[Choice] = deque()
        self._predicted_choice = Choice(Path(), "", ())
        self._predicting, self._writing = Background(self), Background(self)
        self._progress, self._stop = ExportProgress(), Event()
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._show_progress)

    def open_dialog(self) -> None:
        """Open the dialog."""
        source, current = self._family.source, self._family.current
        results = self._family.results
        if current is None:
            self._show_notice(messages.NO_RESULT)
            return
        pixels = None if source is None else data_of(source)
        self._candidates = [
            Candidate(
                provenance.layer_id,
                layer.name,
                provenance,
                raster_of(data_of(layer), saved_attributes(layer)),
                pixels,
                why_stale(layer, provenance, sources_of(self._viewer, provenance)),
                why_no_part(provenance, source),
            )
            for layer, provenance in results
        ]
        self._predictions = {}
        path = source.source.path if source is not None else None
        folder = Path(path).absolute().parent if path and Path(path).exists() else self._folder
        stem = legal_file_name(current[1].source_name) or "image"
        self._dialog = ExportDialog(self._parent, self._candidates, current[1].layer_id, folder, stem)
        self._dialog.changed.connect(self._on_changed)
        self._dialog.export_requested.connect(self._on_export_requested)
        self._dialog.close_requested.connect(self._on_close_requested)
        self._on_changed()
        self._dialog.open()

    def close_down(self) -> None:
        """Stop the background work: finished files stay, and none is left half-written."""
        self._stop.set()
        self._predicting.close()
        self._writing.close()
        self._poll.stop()

    # Predicting the files

    def _on_changed(self) -> None:
        """Show the files that are predicted, and predict the others."""
        choice = self._choice()
        if choice is None:
            return
        self._waiting = deque(each for each in self._image_choices(choice) if each not in self._predictions)
        self._show_files(choice)
        # Let a running prediction go on if it is still needed: names are typed letter by letter, and starting anew with
        # each letter would never end for large images.
        if self._predicting.busy and self._predicted_choice in self._waiting:
            self._waiting.remove(self._predicted_choice)
        else:
            self._predicting.cancel()
            self._predict_next()

    def _predict_next(self) -> None:
        if not self._waiting:
            return
        image_choice = self._predicted_choice = self._waiting.popleft()
        [candidate] = image_choice.ticked(self._candidates)
        work = partial(predict_result_file, candidate, image_choice)
        self._predicting.submit(
            work, partial(self._on_predicted, image_choice), partial(self._on_failure, image_choice)
        )

    def _on_predicted(self, image_choice: Choice, predicted: PredictedFile) -> None:
        choice = self._choice()
        if choice is None:
            return
        self._predictions[image_choice] = predicted
        self._show_files(choice)
        self._predict_next()

    def _on_failure(self, image_choice: Choice, problem: str) -> None:
        self._on_predicted(image_choice, PredictedFile(image_choice.image, messages.sentence(problem)))

    def _show_files(self, choice: Choice) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        names = file_stems(choice.stem, self._candidates)
        files = {}
        unknown = PredictedFile(choice.image, export_messages.PREDICTING)
        for each in choice.ticked(self._candidates) if choice.image else ():
            predicted = self._predictions.get(choice.for_image(each), unknown)
            files[each.layer_id] = (f"{names[each.layer_id]}{predicted.suffix}", predicted.description)
        dialog.show_files(files)
        notice = left_out_notice(choice, self._candidates)
        idle = choice.idle(self._candidates)
        dialog.show_offer(self._files(choice), choice.problem, notice, idle, ready=self._is_all_predicted(choice))

    def _image_choices(self, choice: Choice) -> list[Choice]:
        """Return for each ticked result what its image file depends on; nothing if no images are exported."""
        return [choice.for_image(each) for each in choice.ticked(self._candidates)] if choice.image else []

    def _is_all_predicted(self, choice: Choice) -> bool:
        return all(each in self._predictions for each in self._image_choices(choice))

    def _choice(self) -> Choice | None:
        """Return the choices in the dialog; None if it was closed."""
        dialog = self._dialog
        return dialog.choice() if dialog is not None and isalive(dialog) else None

    # Writing

    def _files(self, choice: Choice) -> list[OutputFile]:
        """Return the files that would be written now."""
        family, table = self._family, self._table
        inputs = ExportInputs(self._candidates, self._viewer, family.source, family.results, table.sheet, table.shown)
        image_choices = {each.layer_id: choice.for_image(each) for each in choice.ticked(self._candidates)}
        known = {each: self._predictions[key] for each, key in image_choices.items() if key in self._predictions}
        return list_files(choice, inputs, known)

    def _on_export_requested(self) -> None:
        choice, dialog = self._choice(), self._dialog
        if choice is None or dialog is None or choice.problem or not self._is_all_predicted(choice):
            return
        files = self._files(choice)
        existing_files = existing(files)
        if not existing_files:
            self._write(files, choice.folder, replace=False)
            return
        text = export_messages.exist_already(existing_files)
        box = Question(dialog, export_messages.EXIST_TITLE, text, "Replace", "Skip")
        box.all.setToolTip("Write all files; what is there now is lost")
        box.others.setToolTip("Write only the files that are not there yet")
        # Kept here and not in a `partial` that is connected: PySide6 would never release it, nor the dock it refers to.
        self._pending_files = files, choice.folder
        box.answered.connect(self._on_answered)
        box.open()

    def _on_answered(self, replace: bool) -> None:
        self._write(*self._pending_files, replace=replace)

    def _write(self, files: list[OutputFile], folder: Path, *, replace: bool) -> None:
        if self._dialog is None:
            return
        self._predicting.cancel()
        self._folder = folder
        self._stop, self._progress = Event(), ExportProgress(total=sum(file.n_files for file in files))
        work = partial(write_files, files, self._progress, self._stop, replace=replace)
        self._writing.submit(work, partial(self._on_written, folder), self._on_failed)
        self._dialog.show_running(True)
        self._show_progress()
        self._dialog.say("")
        self._poll.start()

    def _show_progress(self) -> None:
        if self._dialog is not None and self._writing.busy:
            now = self._progress
            self._dialog.show_progress(now.done, now.total, now.name)

    def _on_written(self, folder: Path, outcome: ExportOutcome) -> None:
        """Show what was written; keep the dialog open if a file could not be written."""
        self._poll.stop()
        if self._choice() is None or self._dialog is None:
            return
        text = export_messages.saved(outcome.n_files, outcome.n_bytes, folder, outcome.kept, stopped=outcome.stopped)
        self._dialog.show_running(False)
        if outcome.failures:
            self._dialog.say("\n".join([*outcome.failures[:_MAX_FAILURES_SHOWN], text]))
            return
        self._close()
        self._show_notice(text)

    def _on_failed(self, problem: str) -> None:
        self._poll.stop()
        if self._choice() is not None and self._dialog is not None:
            self._dialog.show_running(False)
            self._dialog.say(messages.sentence(problem))

    def _on_close_requested(self) -> None:
        """Stop the writing, or close the dialog."""
        if self._dialog is None:
            return
        if self._writing.busy:
            self._stop.set()
            self._dialog.show_stopping()
        else:
            self._close()

    def _close(self) -> None:
        """Close the dialog, and release the results."""
        self._predicting.cancel()
        if self._dialog is not None:
            self._dialog.close_dialog()
        self._dialog, self._candidates, self._predictions = None, [], {}
        self._pending_files = [], self._folder
