"""Add results to a viewer, in order and in place of former ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari.layers import Image

from napari_quantize.viewer.family.find_layers import LINKED, layer_by_id, list_results
from napari_quantize.viewer.layers.insertion import insert_layer
from napari_quantize.viewer.layers.provenance import Provenance, layer_name, settings_key_of
from napari_quantize.viewer.layers.sources import Source, set_geometry

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_quantize.core.api import Result
    from napari_quantize.viewer.plan.plan import Plan


def count_results_after(viewer: Viewer, plan: Plan, *, keep_earlier: bool) -> int:
    """Return how many results the source will have once a plan is carried out."""
    ways = [made.settings_key for _, made in list_results(viewer, plan.source.layer_id)]
    new = [settings_key_of(plan.source.layer_id, k, plan.request, plan.together, plan.learnt_from) for k in plan.ks]
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
    """Put one layer's result there, hidden if it is new: in the place of one made the same way, if there is one."""
    source, attributes = part
    earlier = None if keep_earlier else _made_the_same_way(viewer, plan, result, source)
    if earlier is not None:
        _replace(earlier, plan, result, part)
        return earlier
    name = layer_name(result, source.name, plan.learnt_from, each_slice=plan.each_slice)
    layer = Image(result.image, name=name, visible=False, **attributes)
    # Before the viewer tells of the layer: else another dock would take it for an image of the user's.
    _sign(layer, plan, result, source)
    insert_layer(viewer, layer, _index_in_order(viewer, source.layer_id, result.k))
    if not source.rgb:
        _link(viewer, source.layer_id, layer)
    return layer


def _made_the_same_way(viewer: Viewer, plan: Plan, result: Result, source: Source) -> Image | None:
    way = settings_key_of(source.layer_id, result.k, plan.request, plan.together, plan.learnt_from)
    for layer, made in list_results(viewer, source.layer_id):
        if made.settings_key == way and layer.data.ndim == result.image.ndim:
            return layer
    return None


def _replace(layer: Image, plan: Plan, result: Result, part: tuple[Source, dict[str, Any]]) -> None:
    """Give a layer a new result; its name, visibility and look stay the user's."""
    source, attributes = part
    layer.data = result.image
    set_geometry(layer, attributes)
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


def _index_in_order(viewer: Viewer, source_id: str, k: int) -> int | None:
    """Return the index before the results of larger K, if there are any: tiles are laid out in list order."""
    larger = [viewer.layers.index(member) for member, made in list_results(viewer, source_id) if made.k > k]
    return min(larger, default=None)


def _link(viewer: Viewer, source_id: str, layer: Image) -> None:
    members = [member for member, _ in list_results(viewer, source_id) if member is not layer]
    source = layer_by_id(viewer, source_id)
    others = [source, *members] if source is not None else members
    for other in others:
        viewer.layers.link_layers([other, layer], LINKED)
