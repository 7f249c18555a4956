"""The figure that *Export…* writes: source and results side by side, as the viewer shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.core.analysis.histogram import count_luminance, count_palette
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.plots.loading import load_matplotlib
from napari_quantize.text.figures import BITS
from napari_quantize.text.numbers import format_number
from napari_quantize.text.results import result_caption
from napari_quantize.viewer.export.model import ExportInputs, OutputFile
from napari_quantize.viewer.export.staleness import pending_check, require_unchanged
from napari_quantize.viewer.family.find_layers import sources_of
from napari_quantize.viewer.layers.axes import Axes, Plane, pixel_at, plane_axes
from napari_quantize.viewer.layers.cache import cached_facts, cached_samples
from napari_quantize.viewer.layers.pixel_size import pixel_size_of, spacing_of
from napari_quantize.viewer.layers.raster_conversion import raster_to_export, saved_attributes
from napari_quantize.viewer.layers.sources import Source, data_of

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.plots.comparison import ComparisonPanel
    from napari_quantize.viewer.export.options import Choice
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.measure.staleness import StalenessCheck


@dataclass(frozen=True)
class _Cell:
    """A picture of the figure: source or result, taken from the layer in the GUI thread and drawn in another."""

    data: Any
    plane: Plane
    attributes: dict[str, Any]
    facts_axis: int | None
    provenance: Provenance | None = None
    levels: tuple[np.ndarray, ...] = ()
    borders: tuple[np.ndarray, ...] | None = None
    samples: tuple[CountedSamples, ...] = ()
    slice: int | None = None


def figure_file(choice: Choice, inputs: ExportInputs) -> list[OutputFile]:
    """Return the figure of the ticked results, in a list; an empty list if none is chosen, or it would show none."""
    source = inputs.source
    if not choice.figure or source is None:
        return []
    shown = {each.layer_id for each in choice.ticked(inputs.candidates) if not each.why_no_figure}
    results = [(layer, provenance) for layer, provenance in inputs.results if provenance.layer_id in shown]
    if not results:  # none is up to date, or they were removed while the dialog was open
        return []
    checks = [pending_check(*pair, sources_of(inputs.viewer, pair[1])) for pair in results]
    write = partial(_check_and_write, checks, figure_writer(inputs.viewer, source, results))
    return [OutputFile(choice.beside(f"figure{choice.figure}"), write)]


def _check_and_write(
    checks: Sequence[StalenessCheck | None], write: Callable[[Path, bool], None], path: Path, overwrite: bool
) -> None:
    """Write the figure unless a check finds that the image has changed; called in a thread."""
    for check in checks:
        require_unchanged(check)
    write(path, overwrite)


def figure_writer(
    viewer: Viewer, source: Image, results: list[tuple[Image, Provenance]]
) -> Callable[[Path, bool], None]:
    """Return a function that writes the figure, for the planes that the viewer shows now.

    The function may run in any thread. It takes the path, whose suffix chooses PNG, SVG or PDF, and whether to replace
    an existing file.
    """
    cells = [_cell(viewer, source, layer, provenance) for layer, provenance in results]
    known = {cell.facts_axis: cached_facts(source, cell.facts_axis) or cached_facts(source) for cell in cells}
    # The source has the rows of the first result.
    cells.insert(0, _Cell(*_picture(viewer, source), facts_axis=cells[0].facts_axis))
    facts_of = partial(_facts_of, known, Source.of(source))
    return partial(_write_figure, cells, facts_of, _display_of(viewer, source), source.name)


def _facts_of(known: Mapping[int | None, ImageFacts | None], source: Source) -> dict[int | None, ImageFacts]:
    """Return the facts by channel axis. They are known of runs of the source, as long as its data are the same."""
    found = {axis: facts for axis, facts in known.items() if facts is not None}
    if len(found) < len(known):
        image = np.asarray(source.data)  # once, since this may read or compute them
        missing = known.keys() - found.keys()
        found |= {axis: image_facts(image, channel_axis=axis, alpha=source.alpha) for axis in missing}
    return found


def _picture(viewer: Viewer, layer: Image) -> tuple[Any, Plane, dict[str, Any]]:
    return data_of(layer), Plane.displayed(viewer.dims, layer), saved_attributes(layer)


def _cell(viewer: Viewer, source: Image, layer: Image, provenance: Provenance) -> _Cell:
    codebook, axis = provenance.codebook, provenance.slice_axis
    index = None if axis is None else pixel_at(viewer.dims, layer)[axis]
    groups = tuple(range(len(provenance.levels))) if index is None else (index,)
    return _Cell(
        *_picture(viewer, layer),
        provenance.facts_axis,
        provenance,
        levels=tuple(codebook.levels[group] for group in groups),
        borders=tuple(codebook.borders_of(group) for group in groups),
        # The samples of several layers are not those of this one.
        samples=() if provenance.together else cached_samples(source, provenance.request) or (),
        slice=index,
    )


def _write_figure(
    cells: list[_Cell],
    facts_of: Callable[[], dict[int | None, ImageFacts]],
    display: dict[str, Any],
    title: str,
    path: Path,
    overwrite: bool,
) -> None:
    load_matplotlib()
    from napari_quantize.plots.comparison import DisplaySettings, comparison_figure

    facts = facts_of()
    panels = [_panel(cell, facts[cell.facts_axis], rgb=display["colors"] is None) for cell in cells]
    figure = comparison_figure(panels, facts[cells[0].facts_axis], DisplaySettings(**display), title)
    with atomic_write(path, overwrite=overwrite) as stream:
        figure.savefig(stream, format=path.suffix[1:], dpi=200, facecolor=figure.get_facecolor())


def _panel(cell: _Cell, facts: ImageFacts, *, rgb: bool) -> ComparisonPanel:
    from napari_quantize.plots.comparison import ComparisonPanel

    # Counted samples are of the present source, whose stack may have become shorter than that of the result.
    if cell.slice is not None and cell.slice < len(cell.samples):
        facts = facts.of_part(cell.samples[cell.slice])
    plane = cell.plane.extract(cell.data)
    panel = ComparisonPanel(plane, _caption(cell), cell.levels, borders=cell.borders, facts=facts)
    if cell.provenance is None or not cell.provenance.in_colors:
        return panel
    panel = replace(panel, palette=cell.provenance.palette)
    if not cell.samples:
        return panel
    return replace(
        panel,
        members=count_palette(cell.provenance.codebook, cell.samples[0]),
        luminance_counts=count_luminance(cell.samples[0], facts.edges) if rgb else None,
    )


def _caption(cell: _Cell) -> str:
    from napari_quantize.formats.png.encode import png_kb

    parts = ["source" if cell.provenance is None else result_caption(cell.provenance)]
    if cell.provenance is not None:
        parts.append(f"{BITS.write(cell.provenance.quality.bits_per_pixel)} {BITS.title}")
    with suppress(ValueError):  # PNG cannot hold such values
        kb = format_number(png_kb(raster_to_export(cell.data, cell.plane, cell.attributes)))
        parts.append(f"{kb} KB as a PNG" if cell.provenance is None else f"{kb} KB")
    return " · ".join(parts)


def _display_of(viewer: Viewer, layer: Image) -> dict[str, Any]:
    """Return the arguments of `DisplaySettings`. The thread creates it, since importing matplotlib takes long."""
    down, right = plane_axes(viewer.dims, layer.ndim)
    axes = Axes.of(layer, viewer.dims, None)
    pixel_size = pixel_size_of(axes, [right])
    height, width = spacing_of(axes, [down, right]) or (abs(axes.scale[down]), abs(axes.scale[right]))
    geometry: dict[str, Any] = {"pixel_aspect": height / width}
    if pixel_size is not None and pixel_size.unit:
        geometry |= {"pixel_width": pixel_size.size, "unit": pixel_size.unit}
    if layer.rgb:
        return geometry | {"colors": None}
    low, high = map(float, layer.contrast_limits)
    return geometry | {
        "colors": layer.colormap.map(np.linspace(0, 1, 256)),
        "limits": (low, high),
        "gamma": float(layer.gamma),
    }
