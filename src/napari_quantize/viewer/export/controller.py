"""*Export…*: results become files, in the background, as the dialog says."""

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
from napari_quantize.viewer.export.dialog import ExistingFiles, ExportDialog
from napari_quantize.viewer.export.foresee import Foreseen, foresee_result
from napari_quantize.viewer.export.model import Candidate, Exported, OutputFile, existing, legal, stems
from napari_quantize.viewer.export.options import Choice, left_out_notice
from napari_quantize.viewer.export.report import why_outdated
from napari_quantize.viewer.export.write_files import ExportOutcome, ExportProgress, carry_out, list_files
from napari_quantize.viewer.layers.rasters import raster_of, told_by
from napari_quantize.viewer.layers.sources import data_of
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.table.widget import ResultsTable

_POLL_MS = 100
_MAX_TOLD = 5  # sentences on what could not be written


class Export(QObject):
    """Asks what is to be exported, and writes it.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    family : Family
        The model.
    table : ResultsTable
        What is exported as a table.
    parent : QWidget
        The part of the dock that the dialog belongs to.
    tell : callable
        Shows a notice.
    """

    def __init__(
        self, viewer: Viewer, family: Family, table: ResultsTable, parent: QWidget, tell: Callable[[str], None]
    ) -> None:
        super().__init__(parent)
        self._viewer, self._family, self._table, self._parent, self._tell = viewer, family, table, parent, tell
        self._dialog: ExportDialog | None = None
        self._candidates: list[Candidate] = []
        self._folder = Path.home()
        self._asked: tuple[list[OutputFile], Path] = [], self._folder
        # By what the image file of one result depends on (`Choice.for_image`).
        self._foreseen: dict[Choice, Foreseen] = {}
        self._waiting: deque[Choice] = deque()
        self._looked_at = Choice(Path(), "", ())
        self._looking, self._writing = Background(self), Background(self)
        self._progress, self._stop = ExportProgress(), Event()
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._show_progress)

    def ask(self) -> None:
        """Open the dialog."""
        source, current = self._family.source, self._family.current
        results = self._family.results
        if current is None:
            self._tell(messages.NO_RESULT)
            return
        pixels = None if source is None else data_of(source)
        self._candidates = [
            Candidate(
                made.layer_id,
                layer.name,
                made,
                raster_of(data_of(layer), told_by(layer)),
                pixels,
                why_outdated(layer, made, source),
            )
            for layer, made in results
        ]
        self._foreseen = {}
        path = source.source.path if source is not None else None
        folder = Path(path).absolute().parent if path and Path(path).exists() else self._folder
        stem = legal(current[1].source_name) or "image"
        self._dialog = ExportDialog(self._parent, self._candidates, current[1].layer_id, folder, stem)
        self._dialog.changed.connect(self._on_changed)
        self._dialog.wanted.connect(self._on_wanted)
        self._dialog.left.connect(self._on_left)
        self._on_changed()
        self._dialog.open()

    def close_down(self) -> None:
        """Stop what goes on in the background: files that are ready stay, none is left half-written."""
        self._stop.set()
        self._looking.close()
        self._writing.close()
        self._poll.stop()

    # What will become of it

    def _on_changed(self) -> None:
        """Show what is known, and find out the rest."""
        choice = self._choice()
        if choice is None:
            return
        wanted = [choice.for_image(each) for each in choice.ticked(self._candidates)] if choice.image else []
        self._waiting = deque(each for each in wanted if each not in self._foreseen)
        self._show_files(choice)
        if self._looking.busy and self._looked_at in self._waiting:  # goes on: names are typed letter by letter
            self._waiting.remove(self._looked_at)
        else:
            self._looking.cancel()
            self._look_on()

    def _look_on(self) -> None:
        if not self._waiting:
            return
        wanted = self._looked_at = self._waiting.popleft()
        [candidate] = wanted.ticked(self._candidates)
        work = partial(foresee_result, candidate, wanted)
        self._looking.do(work, partial(self._on_foreseen, wanted), partial(self._on_unforeseen, wanted))

    def _on_foreseen(self, wanted: Choice, foreseen: Foreseen) -> None:
        choice = self._choice()
        if choice is None:
            return
        self._foreseen[wanted] = foreseen
        self._show_files(choice)
        self._look_on()

    def _on_unforeseen(self, wanted: Choice, problem: str) -> None:
        self._on_foreseen(wanted, Foreseen(wanted.image, messages.sentence(problem)))

    def _show_files(self, choice: Choice) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        names = stems(choice.stem, self._candidates)
        files = {}
        for each in choice.ticked(self._candidates) if choice.image else ():
            seen = self._foreseen.get(choice.for_image(each), Foreseen(choice.image, export_messages.LOOKING))
            files[each.layer_id] = (f"{names[each.layer_id]}{seen.ending}", seen.told)
        dialog.show_files(files)
        offered = [file.path.name for file in self._files(choice)]
        notice = left_out_notice(choice, self._candidates)
        idle = choice.idle(self._candidates)
        dialog.show_offer(offered, choice.problem, notice, idle, ready=self._knows_all(choice))

    def _knows_all(self, choice: Choice) -> bool:
        wanted = [choice.for_image(each) for each in choice.ticked(self._candidates)] if choice.image else []
        return all(each in self._foreseen for each in wanted)

    def _choice(self) -> Choice | None:
        """Return what stands in the dialog; None if it is no longer there."""
        dialog = self._dialog
        return dialog.choice() if dialog is not None and isalive(dialog) else None

    # Writing

    def _files(self, choice: Choice) -> list[OutputFile]:
        """Return the files that would be written now."""
        family, table = self._family, self._table
        exported = Exported(self._candidates, self._viewer, family.source, family.results, table.sheet, table.shown)
        found = {each.layer_id: self._foreseen.get(choice.for_image(each)) for each in choice.ticked(self._candidates)}
        return list_files(choice, exported, {each: seen for each, seen in found.items() if seen is not None})

    def _on_wanted(self) -> None:
        choice, dialog = self._choice(), self._dialog
        if choice is None or dialog is None or choice.problem or not self._knows_all(choice):
            return
        jobs = self._files(choice)
        there = existing(jobs)
        if not there:
            self._write(jobs, choice.folder, replace=False)
            return
        box = ExistingFiles(dialog, there)
        self._asked = jobs, choice.folder  # not in the connection: PySide6 would keep it, and with it the dock
        box.answered.connect(self._on_answered)
        box.open()

    def _on_answered(self, replace: bool) -> None:
        self._write(*self._asked, replace=replace)

    def _write(self, jobs: list[OutputFile], folder: Path, *, replace: bool) -> None:
        if self._dialog is None:
            return
        self._looking.cancel()
        self._folder = folder
        self._stop, self._progress = Event(), ExportProgress(total=len(jobs))
        work = partial(carry_out, jobs, self._progress, self._stop, replace=replace)
        self._writing.do(work, partial(self._on_written, folder), self._on_failed)
        self._dialog.show_running(True)
        self._show_progress()
        self._dialog.say("")
        self._poll.start()

    def _show_progress(self) -> None:
        if self._dialog is not None and self._writing.busy:
            now = self._progress
            self._dialog.show_progress(now.done, now.total, now.name)

    def _on_written(self, folder: Path, outcome: ExportOutcome) -> None:
        """Say what is there now; the dialog stays open where something could not be written."""
        self._poll.stop()
        if self._choice() is None or self._dialog is None:
            return
        told = export_messages.saved(
            outcome.n_files, outcome.n_bytes, folder, len(outcome.kept), stopped=outcome.stopped
        )
        self._dialog.show_running(False)
        if outcome.failures:
            self._dialog.say("\n".join([*outcome.failures[:_MAX_TOLD], told]))
            return
        self._close()
        self._tell(told)

    def _on_failed(self, problem: str) -> None:
        self._poll.stop()
        if self._choice() is not None and self._dialog is not None:
            self._dialog.show_running(False)
            self._dialog.say(messages.sentence(problem))

    def _on_left(self) -> None:
        """Stop the writing, or close the dialog."""
        if self._dialog is None:
            return
        if self._writing.busy:
            self._stop.set()
            self._dialog.show_stopping()
        else:
            self._close()

    def _close(self) -> None:
        """Close the dialog, and keep nothing of what it was about."""
        self._looking.cancel()
        if self._dialog is not None:
            self._dialog.leave()
        self._dialog, self._candidates, self._foreseen = None, [], {}
        self._asked = [], self._folder
