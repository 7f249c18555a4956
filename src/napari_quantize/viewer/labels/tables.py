"""The tables of the labels of a result, saved as one CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from napari_quantize.text.spreadsheet import csv_text, write_csv
from napari_quantize.viewer.family.find_layers import list_labels
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.features import SavedTable, spreadsheet_rows
from napari_quantize.viewer.labels.geometry import geometry_on_source
from napari_quantize.viewer.labels.model import digest_of
from napari_quantize.viewer.layers.sources import geometry_key
from napari_quantize.viewer.messages import not_written

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.layers.labels_provenance import LabelsProvenance
    from napari_quantize.viewer.layers.provenance import Provenance


@dataclass(frozen=True, eq=False)
class MeasuredLabels:
    """Name and labels of a layer, the digest that these had when they were measured, and the table."""

    name: str
    labels: Any
    digest: str
    table: SavedTable


@dataclass(frozen=True, eq=False)
class LabelsTables:
    """The labels of a result whose tables are saved, and the names of layers that are left out.

    Attributes
    ----------
    measured : list of MeasuredLabels
        The labels, one for each channel.
    outdated : list of str
        Names of layers whose result was replaced, or whose image was moved or calibrated, after they were made.
    """

    measured: list[MeasuredLabels]
    outdated: list[str]

    @classmethod
    def of(cls, viewer: Viewer, source: Image | None, provenance: Provenance) -> Self:
        """Return the labels of a result; of objects or classes, whichever were made last.

        One for each channel: the active layer's, else the newest. Labels that were painted on stay beside newer ones.
        """
        found = list_labels(viewer, provenance)
        if not found:
            return cls([], [])
        found.sort(key=lambda pair: pair[0] is viewer.layers.selection.active)  # the active layer is the last
        split = found[-1][1].options["split"]
        newest = {each.channel: (layer, each) for layer, each in found if each.options["split"] == split}
        file = _file_name(source, provenance)
        outdated = [layer for layer, each in newest.values() if _is_outdated(viewer, each, provenance)]
        measured = [
            MeasuredLabels(
                layer.name,
                layer.data,
                each.digest,
                SavedTable(file, each.channel, {name: column.to_numpy() for name, column in layer.features.items()}),
            )
            for layer, each in newest.values()
            if layer not in outdated
        ]
        return cls(measured, [layer.name for layer in outdated])

    def save(self, path: Path) -> str:
        """Write the tables as CSV, and return what to know about them; called in a thread."""
        try:
            write_csv(path, csv_text(spreadsheet_rows([each.table for each in self.measured])), overwrite=True)
        except OSError as error:  # shown with the name of the file, not as an unexpected one
            raise ValueError(not_written(path, error)) from None
        painted = [each.name for each in self.measured if digest_of(each.labels) != each.digest]
        sentences = [
            labels_messages.painted(painted) if painted else "",
            labels_messages.left_out(self.outdated) if self.outdated else "",
        ]
        return " ".join(filter(None, sentences))


def _is_outdated(viewer: Viewer, labels: LabelsProvenance, provenance: Provenance) -> bool:
    """Return whether labels are older than their result, or than the geometry of its image."""
    if labels.result_digest != provenance.digest:
        return True
    geometry = geometry_on_source(viewer, labels) if labels.geometry else None
    return geometry is not None and labels.geometry != geometry_key(geometry)


def _file_name(source: Image | None, provenance: Provenance) -> str:
    """Return the name of the image's file, or of its layer if it was not read from a file."""
    path = None if source is None else source.source.path
    return Path(path).name if path else provenance.source_name
