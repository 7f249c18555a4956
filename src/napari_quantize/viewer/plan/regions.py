"""*Learn from*: the whole image, the displayed slice, or the inside of another layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels, Shapes

from napari_quantize.text.names import axis_title, free_name, short_name
from napari_quantize.viewer.layers.axes import displayed_axes, pixel_at, plain_shape, plane_axes
from napari_quantize.viewer.layers.sources import data_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.layers.world import to_data, to_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.components import Dims
    from napari.layers import Image
    from napari.viewer import Viewer

WHOLE, SLICE, EACH_SLICE = "whole", "slice", "each slice"
_FLAT = 1e-3  # pixels
_ALIKE = 1e-2  # pixels by which a region's last pixel may lie beside that of the image
_DECIMALS = 6  # of vertices in pixels: what the way through the viewer rounds moves no edge of a mask


def region_choices(viewer: Viewer, image: Image | None, channel_axis: object) -> list[tuple[str, Any]]:
    """Return the choices of *Learn from*: users' words, and values for `region_mask`."""
    has_planes = image is not None and image.ndim > 2
    choices: list[tuple[str, Any]] = [("the whole stack" if has_planes else "the whole image", WHOLE)]
    if has_planes:
        choices.append(("this slice", SLICE))
    if slice_axis(viewer, image, channel_axis) is not None:
        choices.append(("each slice on its own", EACH_SLICE))
    regions = [layer for layer in viewer.layers if isinstance(layer, Labels | Shapes) and not is_temporary(layer)]
    return choices + [(f"inside “{layer.name}”", layer) for layer in regions]


def region_mask(choice: Any, viewer: Viewer, image: Image, channel_axis: int | None) -> np.ndarray | None:
    """Return the mask of the pixels to learn from, without a channel axis; None for all pixels.

    Parameters
    ----------
    choice : object
        A value of `region_choices`.
    viewer : napari.viewer.Viewer
        Viewer whose sliders choose the slice.
    image : Image
        The layer that is learnt from.
    channel_axis : int or None
        Channel axis of its data; None for RGB, and UNANSWERED while the user has not said.

    Raises
    ------
    ValueError
        If the region does not fit the image, or is empty.
    """
    if choice in (WHOLE, EACH_SLICE):
        return None
    channel_axis = _said(channel_axis)
    shape = tuple(length for axis, length in enumerate(plain_shape(image)) if axis != channel_axis)
    if choice == SLICE:
        mask = _slice_mask(viewer, image, shape, channel_axis)
        return None if mask.all() else mask  # nothing but channels is hidden, or the stack has one slice
    if isinstance(choice, Labels):
        _check_place(viewer.dims, choice, image, channel_axis)
        mask = _labels_mask(choice, shape, plain_shape(image), channel_axis)
    else:
        mask = _shapes_mask(viewer.dims, choice, image, shape, channel_axis)
    if not mask.any():
        raise ValueError(f"nothing lies inside “{choice.name}”: draw something there, or learn from the whole image")
    return mask


def region_title(choice: Any) -> str:
    """Return a short name for a value of `region_choices`; empty for the whole image."""
    if choice == WHOLE:
        return ""
    return "each slice" if choice == EACH_SLICE else "part of the image"


def part_name(
    choice: Any, viewer: Viewer, image: Image, channel_axis: int | None, digest: str | None, known: Mapping[str, str]
) -> str:
    """Return a name for the part that is learnt from, which no other part has; empty for the whole image.

    Parameters
    ----------
    choice : object
        A value of `region_choices`.
    viewer : napari.viewer.Viewer
        Viewer whose sliders choose the slice.
    image : Image
        The layer that is learnt from.
    channel_axis : int or None
        Channel axis of its data; None for RGB.
    digest : str or None
        Digest of the part's mask.
    known : mapping of str to str
        Names of the parts of earlier results, by their digests.
    """
    if digest is None:
        return ""
    if digest in known:
        return known[digest]
    name = _slice_name(viewer, image, _said(channel_axis)) if choice == SLICE else str(choice.name)
    # A layer that was painted in since is another part of the same name, and long names may be shortened to the same.
    taken = {short_name(other) for other in known.values()}
    return free_name(name, lambda free: short_name(free) in taken, " ")


def _slice_name(viewer: Viewer, image: Image, channel_axis: int | None) -> str:
    """Name the displayed slice by its axes and positions: ``z 3``; ``slice 3`` where the axis has no name."""
    pixel, others = pixel_at(viewer.dims, image), {*displayed_axes(viewer.dims, image.ndim), channel_axis}
    axes = [axis for axis in range(image.ndim) if axis not in others]
    return ", ".join(f"{axis_title(image.axis_labels, axis) or 'slice'} {pixel[axis]}" for axis in axes)


def each_slice_axis(choice: Any, viewer: Viewer, image: Image | None, channel_axis: object) -> int | None:
    """Return the axis of the slices if `choice` is to learn from each slice on its own, else None."""
    return slice_axis(viewer, image, channel_axis) if choice == EACH_SLICE else None


def slice_axis(viewer: Viewer, image: Image | None, channel_axis: object) -> int | None:
    """Return the only axis of an image that is not displayed.

    None if there are several such axes, or colours or channels.
    """
    if image is None or image.rgb or channel_axis is not None:
        return None
    # If the 3-D display shows all axes, take the axis that the 2-D display hides.
    for shown in (displayed_axes(viewer.dims, image.ndim), plane_axes(viewer.dims, image.ndim)):
        hidden = [axis for axis in range(image.ndim) if axis not in shown]
        if hidden:
            return hidden[0] if len(hidden) == 1 else None
    return None


def _slice_mask(viewer: Viewer, image: Image, shape: tuple[int, ...], channel_axis: int | None) -> np.ndarray:
    pixel, shown = pixel_at(viewer.dims, image), displayed_axes(viewer.dims, image.ndim)
    axes = [axis for axis in range(image.ndim) if axis != channel_axis]
    # Length 1 along displayed axes: the mask is broadcast to the image without taking the memory of all its pixels.
    mask = np.ones((1,) * len(shape), dtype=bool)
    for position, axis in enumerate(axes):
        if axis not in shown:
            inside = np.arange(shape[position]) == pixel[axis]
            mask = mask & inside.reshape([-1 if p == position else 1 for p in range(len(shape))])
    return mask


def _check_place(dims: Dims, labels: Labels, image: Image, channel_axis: int | None) -> None:
    """Check that pixels of the same index lie at the same place, except along the channel axis.

    Raises
    ------
    ValueError
        If they do not.
    """
    matrix, offset = _map_to_pixels(dims, labels, image)
    n_shared = len(offset)
    last = np.array(plain_shape(image)[-n_shared:], float) - 1
    compared = [axis for axis in range(n_shared) if axis + image.ndim - n_shared != channel_axis]
    # The first pixel, and the last one along each axis: the map is affine.
    shifts = np.vstack([offset, offset + ((matrix - np.eye(n_shared)) * last).T[compared]])
    if np.abs(shifts[:, compared]).max() > _ALIKE:
        raise ValueError(f"“{labels.name}” has another scale or place than the image: give it the image's")


def _map_to_pixels(dims: Dims, region: Labels | Shapes, image: Image) -> tuple[np.ndarray, np.ndarray]:
    """Return the map from positions in a region's data to an image's pixels, along the last axes that both have.

    Returns
    -------
    matrix, offset : ndarray, shapes (n, n) and (n,)
        The affine map ``matrix @ position + offset``.
    """
    n_shared = min(region.ndim, image.ndim)
    # Along the axes that the region lacks, take the image's first pixel.
    first = to_world(dims, image, np.zeros(image.ndim))[: image.ndim - n_shared]

    def pixel_at_position(position: np.ndarray) -> np.ndarray:
        own = np.concatenate([np.zeros(region.ndim - n_shared), position])
        return to_data(dims, image, np.concatenate([first, to_world(dims, region, own)[-n_shared:]]))[-n_shared:]

    offset = pixel_at_position(np.zeros(n_shared))
    return np.stack([pixel_at_position(unit) - offset for unit in np.eye(n_shared)], axis=1), offset


def _labels_mask(
    labels: Labels, shape: tuple[int, ...], whole: tuple[int, ...], channel_axis: int | None
) -> np.ndarray:
    data = np.asarray(data_of(labels))
    inside: np.ndarray = data > 0
    if channel_axis is not None and data.ndim == len(whole) and data.shape[channel_axis] in (1, whole[channel_axis]):
        # napari gives new Labels layers the shape of the image, including the channel axis; *Make labels* gives them
        # one pixel that spans all channels.
        inside = np.logical_or.reduce(inside, axis=channel_axis)
    if inside.shape != shape[len(shape) - inside.ndim :]:
        raise ValueError(f"“{labels.name}” has shape {data.shape}, which does not fit the image's, {shape}")
    return inside


def _shapes_mask(
    dims: Dims, shapes: Shapes, image: Image, shape: tuple[int, ...], channel_axis: int | None
) -> np.ndarray:
    """Return the mask of the pixels that lie inside shapes, wherever in the viewer the image lies.

    napari's own masks are along the axes that the viewer shows, and in the pixels of the layer of shapes.
    """
    inside = np.zeros(shape[-2:] if shapes.ndim == 2 else shape, dtype=bool)
    dropped = [channel_axis] if channel_axis is not None and shapes.ndim == image.ndim else []
    if shapes.ndim - len(dropped) != inside.ndim:
        raise ValueError(f"“{shapes.name}” has {shapes.ndim} axes, but the image {len(shape)}: draw in a new layer")
    matrix, offset = _map_to_pixels(dims, shapes, image)
    for corners, kind in zip(shapes.data, shapes.shape_type, strict=True):
        vertices = np.asarray(corners) @ matrix.T + offset
        vertices = np.delete(vertices.round(_DECIMALS), dropped, axis=1)
        extents = np.ptp(vertices, axis=0)
        *others, down, right = np.argsort(extents > _FLAT, kind="stable").tolist()
        if any(extents[others] > _FLAT):
            raise ValueError(f"“{shapes.name}” holds a shape that lies in no plane of the image: draw in the 2-D view")
        if not all(-0.5 <= vertices[0, axis] < inside.shape[axis] - 0.5 for axis in others):
            continue  # in a plane that the image does not have
        order = [*others, *sorted((down, right))]
        [mask] = Shapes([vertices[:, order]], shape_type=kind).to_masks([inside.shape[axis] for axis in order])
        inside |= mask.transpose(np.argsort(order))
    return inside


def _said(channel_axis: int | str | None) -> int | None:
    """Return the channel axis; None as long as the user has not said whether there is one."""
    return channel_axis if isinstance(channel_axis, int) else None
