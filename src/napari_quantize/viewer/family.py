"""A source and its results in a viewer: found by provenance, added and replaced in place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari.layers import Image

from napari_quantize.core.arguments import MAX_CHANNELS
from napari_quantize.viewer.layers import Source, put
from napari_quantize.viewer.palette_layers import is_palette
from napari_quantize.viewer.provenance import Provenance, layer_name, provenance_of, way_of
from napari_quantize.viewer.temporary import is_temporary

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_quantize.core.sweep import Result
    from napari_quantize.viewer.run import Plan

# What users adjust to see better: shared, so that a comparison stays fair. Never visibility.
LINKED = ("contrast_limits", "gamma", "colormap")


def layer_by_id(viewer: Viewer, layer_id: str) -> Image | None:
    """Return the image layer with this ``unique_id``, if it is still there."""
    return next(
        (layer for layer in viewer.layers if str(layer.unique_id) == layer_id and isinstance(layer, Image)), None
    )


def list_sources(viewer: Viewer) -> list[Image]:
    """Return the image layers that are the user's: no results or palettes, and nothing that is there for a while."""
    images = [layer for layer in viewer.layers if isinstance(layer, Image) and not is_temporary(layer)]
    return [layer for layer in images if provenance_of(layer) is None and not is_palette(layer)]


def list_together(viewer: Viewer, image: Image | None) -> list[Image]:
    """Return the selected images that can be taken together with `image`, as its channels; none if it is alone.

    In the layer list's order: 2 to 16 images of one shape and dtype, `image` among them.
    """
    chosen = [layer for layer in list_sources(viewer) if layer in viewer.layers.selection and not layer.rgb]
    sources = [Source.of(layer) for layer in chosen]
    alike = len({(source.shape, source.dtype) for source in sources}) == 1
    return chosen if alike and image in chosen and 2 <= len(chosen) <= MAX_CHANNELS else []


def list_results(viewer: Viewer, source_id: str) -> list[tuple[Image, Provenance]]:
    """Return the results of a source by ascending K; in the layer list's order where K is the same."""
    images = [layer for layer in viewer.layers if isinstance(layer, Image)]
    found = [(layer, made) for layer in images if (made := provenance_of(layer)) and made.source_id == source_id]
    return sorted(found, key=lambda pair: pair[1].k)


def count_results_after(viewer: Viewer, plan: Plan, *, keep_earlier: bool) -> int:
    """Return how many results the source will have once a plan is carried out."""
    ways = [made.way for _, made in list_results(viewer, plan.source.layer_id)]
    new = [way_of(plan.source.layer_id, k, plan.request, plan.together, plan.learnt_from) for k in plan.ks]
    return len(ways) + len(new if keep_earlier else set(new) - set(ways))


def add_results(viewer: Viewer, plan: Plan, result: Result, *, keep_earlier: bool) -> list[Image]:
    """Put a result into the viewer: a layer for each layer that was quantized."""
    if len(plan.parts) == 1:
        return [add_result(viewer, plan, result, plan.parts[0], keep_earlier=keep_earlier)]
    return [
        add_result(viewer, plan, replace(result, image=channel), part, keep_earlier=keep_earlier)
        for channel, part in zip(result.image, plan.parts, strict=True)
    ]


def add_result(
    viewer: Viewer, plan: Plan, result: Result, part: tuple[Source, dict[str, Any]], *, keep_earlier: bool
) -> Image:
    """Put one layer's result there, hidden if it is new: in the place of one made the same way, if there is one.

    The selection, which napari moves to each new layer, is put back.
    """
    source, attributes = part
    earlier = None if keep_earlier else _made_the_same_way(viewer, plan, result, source)
    if earlier is not None:
        _replace(earlier, plan, result, part)
        return earlier
    selection, active = set(viewer.layers.selection), viewer.layers.selection.active
    name = layer_name(result, source.name, plan.learnt_from, each_slice=plan.each_slice)
    layer = Image(result.image, name=name, visible=False, **attributes)
    # Before the viewer tells of the layer: else another dock would take it for an image of the user's.
    _sign(layer, plan, result, source)
    viewer.add_layer(layer)
    _move_into_order(viewer, source.layer_id, layer)
    viewer.layers.selection = selection
    viewer.layers.selection.active = active
    if not source.rgb:
        _link(viewer, source.layer_id, layer)
    return layer


def remove_results(viewer: Viewer, source_id: str) -> None:
    """Remove all results of a source."""
    for layer, _ in list_results(viewer, source_id):
        viewer.layers.remove(layer)


def _made_the_same_way(viewer: Viewer, plan: Plan, result: Result, source: Source) -> Image | None:
    way = way_of(source.layer_id, result.k, plan.request, plan.together, plan.learnt_from)
    for layer, made in list_results(viewer, source.layer_id):
        if made.way == way and layer.data.ndim == result.image.ndim:
            return layer
    return None


def _replace(layer: Image, plan: Plan, result: Result, part: tuple[Source, dict[str, Any]]) -> None:
    """Give a layer a new result; its name, visibility and look stay the user's."""
    source, attributes = part
    layer.data = result.image
    put(layer, attributes)
    _sign(layer, plan, result, source)


def _sign(layer: Image, plan: Plan, result: Result, source: Source) -> None:
    """Write into a layer how it was made."""
    made = Provenance.of(
        result,
        source.layer_id,
        source.name,
        layer,
        plan.together,
        plan.learnt_from,
        each_slice=plan.each_slice,
    )
    made.write(layer)


def _move_into_order(viewer: Viewer, source_id: str, layer: Image) -> None:
    """Move a new layer, the list's last, before the results of larger K: tiles are laid out in list order."""
    order = [member for member, _ in list_results(viewer, source_id)]
    larger = [viewer.layers.index(member) for member in order[order.index(layer) + 1 :]]
    if larger:
        viewer.layers.move(viewer.layers.index(layer), min(larger))


def _link(viewer: Viewer, source_id: str, layer: Image) -> None:
    members = [member for member, _ in list_results(viewer, source_id) if member is not layer]
    source = layer_by_id(viewer, source_id)
    others = [source, *members] if source is not None else members
    for other in others:
        viewer.layers.link_layers([other, layer], LINKED)
