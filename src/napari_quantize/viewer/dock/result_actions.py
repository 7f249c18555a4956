"""Actions on results: copy, export, make labels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtGui import QGuiApplication

from napari_quantize.text.methods import methods_sentence
from napari_quantize.viewer import messages
from napari_quantize.viewer.export.controller import ExportController
from napari_quantize.viewer.export.script import Script, script_inputs, write_script
from napari_quantize.viewer.labels.controller import LabelsController
from napari_quantize.viewer.layers.provenance import provenance_in
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_quantize.viewer.dock.results_view import ResultsView
    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.fields.fields import InputFields


class ResultActions:
    """Copy and export the results of the shown family, and make labels of them.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the layers.
    family : Family
        The model.
    results_view : ResultsView
        Lower half of the dock, with the buttons.
    inputs : InputFields
        Upper half of the dock, which shows messages.
    """

    def __init__(self, viewer: Viewer, family: Family, results_view: ResultsView, inputs: InputFields) -> None:
        self._viewer = viewer
        self._family = family
        self._results_view = results_view
        self._show_message = inputs.show_message
        self._labels = LabelsController(viewer, family, results_view.action_bar.labels, inputs.show_message)
        self._background = Background(results_view)
        self._export = ExportController(viewer, family, results_view.table, results_view, inputs.show_message)
        results_view.action_bar.copy_table.connect(self._on_copy_table)
        results_view.action_bar.copy_methods.connect(self._on_copy_methods)
        results_view.action_bar.copy_script.connect(self._on_copy_script)
        results_view.action_bar.export.connect(self._export.open_dialog)

    def _on_copy_table(self) -> None:
        _copy(self._results_view.table.numbers())

    def _on_copy_methods(self) -> None:
        current, source = self._family.current, self._family.source
        provenance = current[1] if current is not None else None
        if current is None and source is not None:
            provenance = provenance_in(source.metadata)  # a result that was read from a file is a source here
        if provenance is None:
            self._show_message(messages.NO_RESULT)
        else:
            _copy(methods_sentence(provenance))

    def _on_copy_script(self) -> None:
        current = self._family.current
        if current is None:
            self._show_message(messages.NO_RESULT)
            return
        try:
            inputs = script_inputs(self._viewer, *current)
        except ValueError as error:
            self._show_message(messages.sentence(str(error)))
            return
        # In the background, since this reads images and files to check that the script gives the same pixels.
        self._background.submit(partial(write_script, inputs), self._on_script, self._on_no_script)

    def _on_script(self, script: Script) -> None:
        _copy(script.text)
        self._show_message(messages.script_copied(in_viewer=script.in_viewer, exact=script.exact))

    def _on_no_script(self, problem: str) -> None:
        self._show_message(messages.sentence(problem))

    def close_down(self) -> None:
        """Stop all background work."""
        self._background.close()
        self._labels.close_down()
        self._export.close_down()


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
