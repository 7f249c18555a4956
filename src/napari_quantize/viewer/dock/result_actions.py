"""Actions on results: copy, export, remove."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtGui import QGuiApplication

from napari_quantize.text.methods import methods_sentence
from napari_quantize.viewer import messages
from napari_quantize.viewer.export.controller import ExportController
from napari_quantize.viewer.export.script import Script, script_inputs, write_script
from napari_quantize.viewer.family.find_layers import remove_results
from napari_quantize.viewer.labels.controller import LabelsController
from napari_quantize.viewer.layers.provenance import provenance_in
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_quantize.viewer.dock.results_view import ResultsView
    from napari_quantize.viewer.family.model import Family


class ResultActions:
    """Copies, exports and removes the results of the family that is shown.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    family : Family
        The model.
    panel : ResultsView
        Whose buttons these are.
    say : callable
        Shows a notice.
    """

    def __init__(self, viewer: Viewer, family: Family, panel: ResultsView, say: Callable[[str], None]) -> None:
        self._viewer = viewer
        self._family = family
        self._panel = panel
        self._say = say
        self._labels = LabelsController(viewer, family, panel.action_bar.labels, say)
        self._background = Background(panel)
        self._export = ExportController(viewer, family, panel.table, panel, say)
        panel.compare.remove.connect(self._on_remove)
        panel.action_bar.copy_table.connect(self._on_copy_table)
        panel.action_bar.copy_methods.connect(self._on_copy_methods)
        panel.action_bar.copy_script.connect(self._on_copy_script)
        panel.action_bar.export.connect(self._export.open_dialog)

    def _on_remove(self) -> None:
        source = self._family.source
        if source is not None:
            remove_results(self._viewer, str(source.unique_id))

    def _on_copy_table(self) -> None:
        _copy(self._panel.table.numbers())

    def _on_copy_methods(self) -> None:
        current, source = self._family.current, self._family.source
        # An image can be a result itself, which was read from a file.
        made = current[1] if current is not None else provenance_in(source.metadata) if source is not None else None
        if made is None:
            self._say(messages.NO_RESULT)
        else:
            _copy(methods_sentence(made))

    def _on_copy_script(self) -> None:
        current = self._family.current
        if current is None:
            self._say(messages.NO_RESULT)
            return
        try:
            inputs = script_inputs(self._viewer, *current)
        except ValueError as error:
            self._say(messages.sentence(str(error)))
            return
        # Images and their files are read, to see whether the script gives what the layer holds.
        self._background.submit(partial(write_script, inputs), self._on_script, self._on_no_script)

    def _on_script(self, script: Script) -> None:
        _copy(script.text)
        self._say(messages.script_copied(in_viewer=script.in_viewer, exact=script.exact))

    def _on_no_script(self, problem: str) -> None:
        self._say(messages.sentence(problem))

    def close_down(self) -> None:
        """Stop what goes on in the background."""
        self._background.close()
        self._labels.close_down()
        self._export.close_down()


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
