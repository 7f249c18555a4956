"""Words for images and results, as the dock, reports, the command line and papers show them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_count, format_number

if TYPE_CHECKING:
    import numpy as np

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.analysis.saturation import Saturation
    from napari_quantize.core.api import Result
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.record import Record

MODE_WORDS = {
    "global": "levels, same for all channels",
    "per_channel": "levels, own for each channel",
    "color": "colours",
}
FILE_ID_PREFIX = "file "
"""Beginning of the id in `Record.learnt_from` if the codebook is from a file."""
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


def saturated_sentence(saturation: Saturation) -> str:
    """Return the sentence on how many values are ignored because they are saturated."""
    if not saturation.count:
        return "No value is saturated: none is ignored."
    verb = "is" if saturation.count == 1 else "are"
    counted = f"{saturation.count:,} of {format_count(saturation.total, 'value')}"
    return f"{counted} {verb} saturated ({saturation.value:,}) and {verb} ignored."


def codebook_file(learnt_from: Sequence[str]) -> str:
    """Return the name of the file from which a codebook was read; empty if it was learnt from an open image."""
    return learnt_from[1] if learnt_from and learnt_from[0].startswith(FILE_ID_PREFIX) else ""


def palette_phrase(codebook: Codebook) -> str:
    """Name the palette that gave the colours or levels of a codebook; empty if they were learnt or edited."""
    if codebook.method != "given" or codebook.borders is not None:
        return ""
    return f"the palette “{codebook.request.palette}”" if codebook.request.palette else "a palette"


def format_k(record: Record) -> str:
    """Format K: the requested number of values, the actual one if lower, and words for what is not the default.

    ``8``, ``32 → 16``, ``1 (mean)``; ``8 own`` levels a channel, ``8 levels`` of several channels, ``8 best``,
    ``8 applied`` (not learnt from this image), ``8 palette`` (given), ``8 edited`` (borders set by hand).
    """
    if record.n_used < record.k:
        return f"{record.k} → {record.n_used}"
    codebook, request, tags = record.codebook, record.request, []
    if record.each_slice:
        tags.append("each slice")
    elif request.mode == "per_channel":
        tags.append("own")
    elif request.mode == "global" and record.quality.n_colors is not None:
        tags.append("level" if record.k == 1 else "levels")
    tags += _method_tags(codebook)
    if request.keep:
        tags.append("locked")
    if request.ignore or request.mask_digest:
        tags.append("part")
    if record.learnt_from and request.method != "given":
        tags.append("applied")
    # The rounded mean of False and True is not a mean.
    if record.k == 1 and not tags and codebook.dtype.kind != "b":
        tags.append("(mean)")
    return " ".join([str(record.k), *tags])


def _method_tags(codebook: Codebook) -> list[str]:
    if codebook.borders is not None:
        return ["edited"]
    return {"minibatch": [], "lloyd": ["Lloyd"], "exact": ["best"], "given": ["palette"]}[codebook.method]


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


def layer_name(result: Result, source_name: str, learnt_from: Sequence[str] = (), *, each_slice: bool = False) -> str:
    """Return the name of a result layer: K first, since napari elides the middle, then what is not default."""
    codebook = result.codebook
    parts = [f"K={result.k}"]
    if each_slice:
        parts.append("each slice")
    elif codebook.mode != "global":
        parts.append({"per_channel": "own levels", "color": "colours"}[codebook.mode])
    if codebook.borders is not None:
        parts.append("edited")
    elif codebook.method == "given":
        parts.append(f"of {codebook.request.palette or 'a palette'}")
    elif learnt_from:
        parts.append(f"{'levels ' if codebook.mode == 'global' and not each_slice else ''}of {learnt_from[1]}")
    if codebook.method not in ("minibatch", "given"):
        parts.append(codebook.method)
    if codebook.request.keep:
        parts.append(f"{len(codebook.request.keep)} locked")
    if codebook.request.ignore or codebook.request.mask_digest:
        parts.append("from a part")
    if codebook.random_state:
        parts.append(f"seed {codebook.random_state}")
    return f"{' '.join(parts)} · {source_name}"


def result_caption(record: Record) -> str:
    """Return the caption of a picture of a result: ``K=8 · ± 13.2``."""
    return f"K={format_k(record)} · ± {format_number(record.quality.rmse)}"
