"""Add results to a viewer in order of K, or replace earlier results of the same settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari.layers import Image

from napari_quantize.text.results import layer_name
from napari_quantize.viewer.family.find_layers import LINKED, layer_by_id, list_results
from napari_quantize.viewer.layers.chosen import record_name
from napari_quantize.viewer.layers.insertion import insert_layer
from napari_quantize.viewer.layers.provenance import Provenance, given_key, settings_key_of
from napari_quantize.viewer.layers.sources import Source, geometry_of, set_geometry

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_quantize.core.api import Result
    from napari_quantize.viewer.plan.plan import Plan


def replaced_results(viewer: Viewer, plan: Plan) -> dict[int, str]:
    """Return the ids of the results of the chosen source that a plan would replace, by K."""
    source_id = plan.source.layer_id
    keys = {_key(plan, source_id, k) for k in plan.ks}
    return {each.k: each.layer_id for _, each in list_results(viewer, source_id) if each.settings_key in keys}


def add_results(viewer: Viewer, plan: Plan, result: Result, *, keep_earlier: bool) -> list[Image]:
    """Add a result to the viewer: one layer for each layer that was quantized."""
    if len(plan.parts) == 1:
        return [add_result(viewer, plan, result, plan.parts[0], keep_earlier=keep_earlier)]
    return [
        add_result(viewer, plan, replace(result, image=channel), part, keep_earlier=keep_earlier)
        for channel, part in zip(result.image, plan.parts, strict=True)
    ]


def add_result(
    viewer: Viewer, plan: Plan, result: Result, part: tuple[Source, dict[str, Any]], *, keep_earlier: bool
) -> Image:
    """Add one layer's result, hidden, or replace an earlier result of the same settings."""
    source, attributes = part
    origin = layer_by_id(viewer, source.layer_id)
    # The user may have moved the image or changed its look since the run began.
    if origin is not None and origin.ndim == len(attributes["scale"]):
        attributes = attributes | geometry_of(origin)
    if origin is not None and not source.rgb:
        attributes = attributes | {name: getattr(origin, name) for name in LINKED}
    existing = None if keep_earlier else _find_same_settings(viewer, plan, result, source)
    if existing is not None:
        _replace(existing, plan, result, (source, attributes))
        return existing
    # Hidden only when it is made: napari draws no thumbnails of hidden layers, which stay black. napari 0.6 makes a
    # thumbnail of the wrong shape for a layer that it has sliced before it knows of a 3-D view.
    layer = Image(result.image, **attributes, visible=viewer.dims.ndisplay == 2)
    layer.visible = False
    thumbnail = layer.thumbnail
    # Before the viewer emits `inserted`: else another dock would take the layer for an image of the user's.
    layer.name = layer_name(_write_provenance(layer, plan, result, source))
    insert_layer(viewer, layer, _index_in_order(viewer, [each.layer_id for each, _ in plan.parts], result.k))
    layer.thumbnail = thumbnail  # napari's controls set the colormap, which draws it anew, of a slice that is empty
    record_name(layer)  # only now, since napari adds a number to a name that another layer has
    if not source.rgb:  # the linked attributes have no effect on RGB layers
        link_to_family(viewer, source.layer_id, layer)
    return layer


def _key(plan: Plan, source_id: str, k: int) -> tuple[Any, ...]:
    return settings_key_of(
        source_id,
        k,
        plan.request,
        plan.together,
        each_slice=plan.each_slice,
        given=() if plan.given is None else given_key(plan.given, plan.learnt_from),
    )


def _find_same_settings(viewer: Viewer, plan: Plan, result: Result, source: Source) -> Image | None:
    key = _key(plan, source.layer_id, result.k)
    for layer, provenance in list_results(viewer, source.layer_id):
        if provenance.settings_key == key and layer.data.ndim == result.image.ndim:
            return layer
    return None


def _replace(layer: Image, plan: Plan, result: Result, part: tuple[Source, dict[str, Any]]) -> None:
    """Give a layer a new result, and keep its name, visibility and appearance, which the user may have changed."""
    source, attributes = part
    layer.data = result.image
    set_geometry(layer, attributes)
    _write_provenance(layer, plan, result, source)


def _write_provenance(layer: Image, plan: Plan, result: Result, source: Source) -> Provenance:
    """Store the provenance in a layer's metadata, and return it."""
    provenance = Provenance.of(
        result,
        source.layer_id,
        source.name,
        layer,
        plan.together,
        plan.learnt_from,
        each_slice=plan.each_slice,
        part=plan.part_name,
    )
    provenance.write(layer)
    return provenance


def _index_in_order(viewer: Viewer, source_ids: list[str], k: int) -> int | None:
    """Return the index before the results of larger K, if there are any: tiles are laid out in list order."""
    results = [pair for source_id in source_ids for pair in list_results(viewer, source_id)]
    return min((viewer.layers.index(layer) for layer, provenance in results if provenance.k > k), default=None)


def link_to_family(viewer: Viewer, source_id: str, layer: Image) -> None:
    """Link the appearance of a result to that of its family."""
    members = [member for member, _ in list_results(viewer, source_id) if member is not layer]
    source = layer_by_id(viewer, source_id)
    # All at once, since napari emits an event each time; it leaves existing links alone.
    viewer.layers.link_layers([*([source] if source is not None else []), *members, layer], LINKED)
