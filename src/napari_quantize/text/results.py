"""Words for images and results, as the dock, reports, the command line and papers show them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari_quantize.text.names import short_name
from napari_quantize.text.numbers import format_count, format_number, format_ranges

if TYPE_CHECKING:
    import numpy as np

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.analysis.saturation import Saturation
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.record import Record
    from napari_quantize.core.request.ignore import IgnoredRange

MODE_WORDS = {
    "global": "levels, same for all channels",
    "per_channel": "levels, own for each channel",
    "color": "colours",
}
FILE_ID_PREFIX = "file "
"""Beginning of the id in `Record.learnt_from` if the codebook is from a file."""
FILES_DITHERED = "The files are dithered; the pictures here show each pixel in its nearest colour."
"""Note in a report, whose pictures and figures are of undithered results."""
_METHOD_WORDS = {"lloyd": "Lloyd", "exact": "exact"}
MARKED_EXCESS = 0.01  # share of the least possible error; results further above it are marked
_ROUNDING = 1e-12  # share of the least possible error that sums of floats do not resolve
_COARSE_PERCENT, _LEAST_PERCENT = 0.1, 0.0001


def format_dtype(dtype: np.dtype) -> str:
    """Name a dtype as microscopes and cameras do."""
    if dtype.kind == "b":
        return "binary"
    bits = f"{8 * dtype.itemsize} bit"
    return {"f": f"{bits} float", "i": f"{bits} signed"}.get(dtype.kind, bits)


def format_shape(shape: Sequence[int], *, rgb: bool) -> str:
    """Format the size of an image, width first: ``695×395``, ``48 × 130×130``."""
    *leading, height, width = shape[:-1] if rgb else (1, *shape)[-max(2, len(shape)) :]
    planes = "".join(f"{length} × " for length in leading)
    return f"{planes}{width}×{height}"


def describe_image(shape: Sequence[int], dtype: np.dtype, facts: ImageFacts | None, *, rgb: bool) -> str:
    """Describe an image: dtype, size, and, if `facts` are given, its values."""
    colour = (" RGBA" if shape[-1] == 4 else " RGB") if rgb else ""
    parts = [format_dtype(dtype) + colour, format_shape(shape, rgb=rgb)]
    if facts is not None:
        parts.append("over 65,536 values" if facts.n_values is None else format_count(facts.n_values, "value"))
        if facts.saturated >= 0.0005:
            parts.append(f"{facts.saturated:.1%} saturated")
    return " · ".join(parts)


def saturated_sentence(saturation: Saturation, *, in_colors: bool) -> str:
    """Return the sentence on how many values are saturated, and what is ignored therefore."""
    if not saturation.count:
        return "No value is saturated: none is ignored."
    verb = "is" if saturation.count == 1 else "are"
    counted = f"{saturation.count:,} of {format_count(saturation.total, 'value')}"
    counted += f" {verb} saturated ({saturation.value:,})"
    if in_colors:
        return f"{counted}; colours are ignored where all channels are saturated."
    return f"{counted} and {verb} ignored."


def codebook_file(learnt_from: Sequence[str]) -> str:
    """Return the name of the file from which a codebook was read; empty if it was learnt from an open image."""
    return learnt_from[1] if learnt_from and learnt_from[0].startswith(FILE_ID_PREFIX) else ""


def palette_phrase(codebook: Codebook) -> str:
    """Name the palette that gave the colours or levels of a codebook; empty if they were learnt or edited."""
    if codebook.method != "given" or codebook.borders is not None:
        return ""
    return f"the palette “{codebook.request.palette}”" if codebook.request.palette else "a palette"


def result_name(record: Record) -> str:
    """Return the name of a result: ``K=8``, and what is not the default, as `format_k` has it: ``K=8 own``."""
    return " ".join([f"K={record.k}", *_tags(record)])


def layer_name(record: Record) -> str:
    """Return the name of a result layer: K first, since napari elides the middle."""
    return f"{result_name(record)} · {record.source_name}"


def format_k(record: Record) -> str:
    """Format K: the requested number of values, the actual one if lower, and words for what is not the default.

    ``8``, ``32 → 16``, ``1 (mean)``; ``8 own`` levels a channel, ``8 levels`` of several channels, ``8 exact`` (the
    method), ``8 edited`` (borders set by hand), ``8 nuclei`` (learnt from a part of this name), ``8 without 0``
    (ignored), ``8 of other`` (learnt from another image, or given).
    """
    tags = _tags(record)
    # The rounded mean of False and True is not a mean.
    if record.k == 1 and not tags and record.codebook.dtype.kind != "b":
        tags = ["(mean)"]
    return " ".join([format_number_kept(record), *tags])


def format_number_kept(record: Record) -> str:
    """Format the requested number of values, and the actual one if it is lower: ``32 → 16``."""
    return str(record.k) if record.n_used >= record.k else f"{record.k} → {record.n_used}"


def result_caption(record: Record) -> str:
    """Return the caption of a picture of a result: ``K=8 · ± 13.2``; of a part ``K=8 nuclei · ± 13.2 there``."""
    there = " there" if is_measured_on_part(record) else ""
    return f"K={format_k(record)} · ± {format_number(record.quality.rmse)}{there}"


def is_measured_on_part(record: Record) -> bool:
    """Return whether the figures of a result are over a part of the image's pixels: those that it was learnt from."""
    request = record.request
    return bool(request.ignore) or (request.mask_digest is not None and not record.learnt_from)


def _tags(record: Record) -> list[str]:
    """Return words for what tells a result apart from the default one of the same K."""
    request = record.request
    tags = [
        _mode_word(record),
        f"with {len(request.keep)} locked" if request.keep else "",
        "edited" if record.codebook.borders is not None else _METHOD_WORDS.get(request.method, ""),
        _weight_word(record),
        (short_name(record.part) or "part") if request.mask_digest else "",
        _ignored_words(request.ignore) if request.ignore else "",
        _origin_words(record),
        f"seed {request.random_state}" if request.random_state else "",
    ]
    return [tag for tag in tags if tag]


def _mode_word(record: Record) -> str:
    if record.each_slice:
        return "each slice"
    if record.together:
        return f"of {len(record.together)} channels"
    if record.request.mode == "global" and record.quality.has_colors:
        return "level" if record.k == 1 else "levels"
    return "own" if record.request.mode == "per_channel" else ""


def _weight_word(record: Record) -> str:
    """Name the weights of the channels: layers that are channels of one image have equal ones by default."""
    if record.request.balance == bool(record.together):
        return ""
    return "balanced" if record.request.balance else "unbalanced"


def _origin_words(record: Record) -> str:
    """Return words for a palette or another image that gave the levels or colours; empty if there is none."""
    if record.request.method == "given" and record.codebook.borders is None:
        return f"of {short_name(record.request.palette)}" if record.request.palette else "palette"
    if not record.learnt_from:
        return ""
    name = short_name(record.learnt_from[1])
    return f"of {name}" if name else "applied"


def _ignored_words(ranges: Sequence[IgnoredRange]) -> str:
    """Return words for the values that are not learnt from: ``without 0``, ``below 4095``."""
    if len(ranges) == 1 and ranges[0][0] is not None and ranges[0][1] is None:
        return format_ranges(ranges, "", "below ", "")
    return f"without {format_ranges(ranges, '≤ ', '≥ ', '–')}"


def exceeds_best(excess: float | None) -> bool:
    """Return whether the error of a result is known to lie above the least possible one, beyond rounding."""
    return excess is not None and excess > _ROUNDING


def format_excess(excess: float | None) -> str:
    """Format how far the error of a result lies above the least possible error; mark it if it is far.

    What lies above it at all never reads as 0: ``0.0 %``, ``<0.0001 %``, ``0.003 %``, ``0.2 %``, ``12.3 % ⚠``.
    """
    if excess is None:
        return "–"
    percent = 100 * excess
    if not exceeds_best(excess) or percent >= _COARSE_PERCENT:
        return f"{percent:.1f} %{' ⚠' if excess > MARKED_EXCESS else ''}"
    return f"{percent:.{-math.floor(math.log10(percent))}f} %" if percent >= _LEAST_PERCENT else f"<{_LEAST_PERCENT} %"
