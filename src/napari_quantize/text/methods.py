"""The methods sentence: how a result was made, for a paper."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_count, format_number
from napari_quantize.text.results import codebook_file, palette_phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.record import Record
    from napari_quantize.core.request.request import Request

_LLOYD = "S. P. Lloyd, IEEE Trans. Inf. Theory 28, 129–137, 1982, doi:10.1109/TIT.1982.1056489"
_SCULLEY = "D. Sculley, Proc. 19th Int. Conf. World Wide Web, 1177–1178, 2010, doi:10.1145/1772690.1772862"
_WU = "X. Wu, J. Algorithms 12, 663–673, 1991"
_METHODS = {
    "minibatch": "scikit-learn MiniBatchKMeans, followed by Lloyd iterations and by splits and merges, seed {seed}",
    "lloyd": "scikit-learn KMeans, followed by Lloyd iterations, seed {seed}",
    "exact": "the provable optimum, by dynamic programming",
}
_REFERENCES = {"minibatch": _SCULLEY, "lloyd": _LLOYD, "exact": _WU}
# More numbers than that are for the script, or for a table.
_MAX_LISTED = 64


def methods_sentence(record: Record) -> str:
    """Say how a result was made: what, from what, by which method, with which levels and borders."""
    told = [
        f"{_procedure(record)} with napari-quantize {record.version}",
        *_listed(record),
        f"root mean squared error {format_number(record.quality.rmse)}",
    ]
    return f"{'; '.join(told)}."


def _procedure(record: Record) -> str:
    return _given(record) if palette_phrase(record.codebook) else _learning(record)


def _given(record: Record) -> str:
    colours = record.in_colors
    what = format_count(record.n_used, "colour" if colours else "level")
    space = " by their distance in CIELAB" if record.request.color_space == "lab" else ""
    palette = palette_phrase(record.codebook)
    return f"{'Colours' if colours else 'Intensities'} were mapped{space} to the nearest of the {what} of {palette}"


def _learning(record: Record) -> str:
    request, colours = record.request, record.in_colors
    several = "" if record.n_used == 1 else "s"
    # Groups of channels or slices, and all of them, can have fewer levels than were asked for.
    fewer = f" ({record.k} were asked for)" if record.n_used < record.k else ""
    what = f"{'Colours' if colours else 'Intensities'} were quantized to {record.n_used} "
    what += f"{'colour' if colours else 'level'}{several}{fewer}"
    if request.keep:
        what += f", {len(request.keep)} of them given beforehand,"
    if request.mode == "per_channel":
        what += f", separately for each {'slice' if record.each_slice else 'channel'},"
    if record.together:
        what += f" of {len(record.together)} channels ({', '.join(name for _, name in record.together)})"
    if learnt := _learnt(record):
        what = f"{what.removesuffix(',')}, learnt {learnt},"
    method = _METHODS[request.method].format(seed=request.random_state)
    return f"{what} by k-means clustering of {_whose(record)} counted values ({method}; {_REFERENCES[request.method]})"


def _listed(record: Record) -> list[str]:
    """List levels with the borders between them, or colours; nothing where there are too many to read."""
    groups = [levels.tolist() for levels in record.codebook.levels]
    if sum(map(len, groups)) > _MAX_LISTED:
        return []
    # As the result's pixels hold them: rounded where these are integers.
    form = ".6g" if record.codebook.dtype.kind == "f" else ".0f"
    if record.in_colors:
        colours = (f"({', '.join(f'{value:{form}}' for value in colour)})" for colour in groups[0])
        return [f"colours: {', '.join(colours)}"]
    told = [f"levels: {'; '.join(_numbers(levels, form) for levels in groups)}"]
    borders = [[(low + high) / 2 for low, high in pairwise(levels)] for levels in groups]
    if any(borders):
        told.append(f"borders between classes: {'; '.join(_numbers(ends, '.6g') for ends in borders)}")
    return told


def _numbers(values: Sequence[float], form: str) -> str:
    return ", ".join(f"{value:{form}}" for value in values)


def _whose(record: Record) -> str:
    if not record.learnt_from:
        return "the image's"
    return "the other image's" if record.learnt_from[0] else "the"


def _other(record: Record) -> str:
    """Name what was learnt from: a layer by its name, and what has no id, such as several images, as it is called."""
    layer_id, name = record.learnt_from
    if codebook_file(record.learnt_from):
        return f"another image (kept in the file “{name}”)"
    return f"the image “{name}”" if layer_id else name


def _learnt(record: Record) -> str:
    """Say from what was learnt, if that is not the whole image itself."""
    request, ranges = record.request, []
    image = _other(record) if record.learnt_from else "the image"
    place = f"a part of {image}" if request.mask_digest else image
    parts = [f"from {place}"] if place != "the image" else []
    for low, high in request.ignore:
        if low is None or high is None:
            ranges.append(f"up to {high:g}" if low is None else f"from {low:g}")
        else:
            ranges.append(f"{low:g}" if low == high else f"{low:g} to {high:g}")
    return ", ".join(parts + ([f"without the values {', '.join(ranges)}"] if ranges else []))


def fit_arguments(request: Request) -> str:
    """Write the arguments of `fit`: what it would do without saying is said where a later version might not."""
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
