"""The methods sentence, which says in a paper how a result was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.text.numbers import format_colors, format_count, format_number, format_ranges, format_values
from napari_quantize.text.results import codebook_file, palette_phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.record import Record
    from napari_quantize.core.request.request import Request

_LLOYD = "S. P. Lloyd, IEEE Trans. Inf. Theory 28, 129–137, 1982, doi:10.1109/TIT.1982.1056489"
_SCULLEY = "D. Sculley, Proc. 19th Int. Conf. World Wide Web, 1177–1178, 2010, doi:10.1145/1772690.1772862"
_WU = "X. Wu, J. Algorithms 12, 663–673, 1991"
_METHODS = {
    "minibatch": "scikit-learn MiniBatchKMeans, followed by Lloyd iterations and by {moves}, seed {seed}",
    "lloyd": "scikit-learn KMeans, followed by Lloyd iterations, seed {seed}",
    "exact": "the provable optimum, by dynamic programming",
}
# Of levels, and of colours.
_MOVES = {False: "joint moves of all classes", True: "splits and merges"}
_REFERENCES = {"minibatch": _SCULLEY, "lloyd": _LLOYD, "exact": _WU}
# Longer lists belong into a script or a table.
_MAX_LISTED = 64


def methods_sentence(record: Record) -> str:
    """Return a sentence with the image or palette used, the method, the levels or colours, and the error."""
    # Commas separate the levels: no number has one inside.
    error = format_number(record.quality.rmse).replace(",", "")
    parts = [
        f"{_describe_procedure(record)} with napari-quantize {record.version}",
        *_list_values(record),
        f"root mean squared error {error}",
    ]
    return f"{'; '.join(parts)}."


def _describe_procedure(record: Record) -> str:
    if record.codebook.borders is not None:
        return _describe_borders(record)
    return _describe_mapping(record) if palette_phrase(record.codebook) else _describe_learning(record)


def _describe_mapping(record: Record) -> str:
    colours = record.in_colors
    what = format_count(record.n_used, "colour" if colours else "level")
    space = _space(record.request)
    by_distance = f" by their distance{space}{',' * space.startswith(',')}" if space else ""
    palette = palette_phrase(record.codebook)
    subject = "Colours" if colours else "Intensities"
    return f"{subject} were mapped{by_distance} to the nearest of the {what} of {palette}"


def _describe_borders(record: Record) -> str:
    what = f"Intensities were divided into {record.n_used} classes"
    if record.request.mode == "per_channel":
        what += f", separately for each {'slice' if record.each_slice else 'channel'},"
    region = _region(record)
    within = "" if region == "the image" else f" in {region}"
    return f"{what} at borders that were set by hand, and replaced by the mean of their class{within}"


def _describe_learning(record: Record) -> str:
    request, colours = record.request, record.in_colors
    plural = "" if record.n_used == 1 else "s"
    # Groups of channels or slices, and all of them, can have fewer levels than were asked for.
    fewer = f" ({record.k} were asked for)" if record.n_used < record.k else ""
    what = f"{'Colours' if colours else 'Intensities'} were quantized to {record.n_used} "
    what += f"{'colour' if colours else 'level'}{plural}{fewer}"
    if request.keep:
        n_kept = len(request.keep)
        what += f", {'all' if n_kept == record.k else n_kept} of them given beforehand,"
    if request.mode == "per_channel":
        what += f", separately for each {'slice' if record.each_slice else 'channel'},"
    if record.together:
        what += f" of {len(record.together)} channels ({', '.join(name for _, name in record.together)})"
    unfitted = _describe_unfitted(record)
    if unfitted is not None:
        return f"{what.removesuffix(',')}{unfitted},"
    if source := _learnt_from(record):
        what = f"{what.removesuffix(',')}, learnt {source},"
    method = _METHODS[request.method].format(seed=request.random_state, moves=_MOVES[colours])
    values = f"{_possessive(record)} counted values{_space(request)}"
    return f"{what} by k-means clustering of {values} ({method}; {_REFERENCES[request.method]})"


def _describe_unfitted(record: Record) -> str | None:
    """Say which levels or colours were taken without k-means; None if k-means learnt them."""
    request, noun = record.request, "colour" if record.in_colors else "value"
    source = ", ".join([_region(record), *_ignored(record)])
    if request.keep and len(request.keep) == record.k:
        return ""
    # The figures of another image do not tell; if there are fewer levels than were asked for, all values have one.
    fewer = all(len(levels) < record.k for levels in record.codebook.levels)
    if fewer if record.learnt_from else record.quality.mse == 0:
        if request.keep:
            return f", the others all other {noun}s of {source}"
        return f", which {f'is the only {noun}' if record.n_used == 1 else f'are all {noun}s'} of {source}"
    if record.k == 1:
        return f", the mean{' in CIELAB' if request.color_space == 'lab' else ''} of the {noun}s of {source}"
    return None


def _space(request: Request) -> str:
    """Name the space of distances after the values that are measured in it; an empty string for that of the data."""
    if request.balance:
        return ", each channel divided by its range from the 0.1th to the 99.9th percentile"
    return " in CIELAB" if request.color_space == "lab" else ""


def _list_values(record: Record) -> list[str]:
    """List levels with the borders between them, or colours; empty if there are too many."""
    groups = [levels.tolist() for levels in record.codebook.levels]
    if sum(map(len, groups)) > _MAX_LISTED:
        return []
    if record.codebook.dtype.kind != "f":  # as in the pixels of the result
        groups = [np.rint(levels).tolist() for levels in record.codebook.levels]
    if record.in_colors:
        colours = (f"({', '.join(colour)})" for colour in format_colors(groups[0]))
        return [f"colours: {', '.join(colours)}"]
    borders = [record.codebook.borders_of(group).tolist() for group in range(len(groups))]
    parts = [f"levels: {_list_groups(groups, borders)}"]
    if any(borders):
        parts.append(f"borders between classes: {_list_groups(borders, groups)}")
    return parts


def _list_groups(groups: Sequence[Sequence[float]], among: Sequence[Sequence[float]]) -> str:
    return "; ".join(", ".join(format_values(*pair)) for pair in zip(groups, among, strict=True))


def _possessive(record: Record) -> str:
    if not record.learnt_from:
        return "the image's"
    return "the other image's" if record.learnt_from[0] else "the"


def _name_source(record: Record) -> str:
    """Name the source of a codebook: a layer or file in quotes; others, such as several images, in their own words."""
    layer_id, name = record.learnt_from
    if codebook_file(record.learnt_from):
        return f"another image (kept in the file “{name}”)"
    return f"the image “{name}”" if layer_id else name


def _region(record: Record) -> str:
    """Name the image, or the part of it, that a codebook was learnt from."""
    image = _name_source(record) if record.learnt_from else "the image"
    return f"a part of {image}" if record.request.mask_digest else image


def _learnt_from(record: Record) -> str:
    """Return from what the codebook was learnt; empty for the whole image itself."""
    region = _region(record)
    return ", ".join([*([f"from {region}"] if region != "the image" else []), *_ignored(record)])


def _ignored(record: Record) -> list[str]:
    """Name the values that were not learnt from; empty if there are none."""
    if not record.request.ignore:
        return []
    ranges = format_ranges(record.request.ignore, "up to ", "from ", " to ")
    # A colour is ignored if all of its channels are.
    return [f"without {'colours all of whose channels have ' * record.in_colors}the values {ranges}"]


def fit_arguments(request: Request) -> str:
    """Format the arguments of `fit`. Include defaults that a later version may change."""
    given: dict[str, object] = {name: getattr(request, name) for name in ("mode", "method", "random_state")}
    if request.channel_axis is not None:  # 0 is an axis, too
        given["channel_axis"] = request.channel_axis
    for name, default in (("alpha", False), ("color_space", "rgb"), ("balance", False)):
        if getattr(request, name) != default:
            given[name] = getattr(request, name)
    for name in ("ignore", "keep"):
        if getattr(request, name):
            given[name] = list(getattr(request, name))
    return ", ".join(f"{name}={value!r}" for name, value in given.items())
