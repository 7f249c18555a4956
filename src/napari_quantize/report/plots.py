"""Draw the plots of a report as inline SVG, which follows the page's light, dark or print colours."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from napari_quantize.core.analysis.error_curve import Baseline, ErrorCurve, Point, least_errors
from napari_quantize.core.analysis.histogram import count_luminance, count_palette, histogram_rows
from napari_quantize.core.learning.learner import Learner
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.core.quality.noise import own_noise
from napari_quantize.core.request.request import no_tick
from napari_quantize.plots.error_curve import CurvePlot
from napari_quantize.plots.histogram import HistogramPlot
from napari_quantize.plots.theme import PlotTheme
from napari_quantize.text.error_curve import color_difference_sentence, noise_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.api import Result
    from napari_quantize.core.request.request import Request

# Colours that occur nowhere else: `_as_svg` replaces them by the CSS variables of the page.
_THEME = PlotTheme(background="none", text="#010203", faint="#040506")
_CSS_COLORS = {_THEME.text: "var(--text)", _THEME.faint: "var(--faint)"}
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_SIZE, _ROW = (3.4, 1.3), 0.75  # inches


def histogram(facts: ImageFacts, result: Result | None, *, rgb: bool, key: str, group: int | None = None) -> str:
    """Draw the source's histogram, with the classes of a result over it.

    Parameters
    ----------
    facts : ImageFacts
        Facts of the source.
    result : Result or None
        The result whose classes are drawn; None draws the source alone.
    rgb : bool
        True if channels are red, green and blue.
    key : str
        Unique in the page; makes the ids within the plot unique.
    group : int, optional
        Group of channels whose levels are drawn; `facts` must describe this group alone. By default all groups.

    Returns
    -------
    str
        An ``svg`` element.
    """
    palette = luminance_counts = members = None
    white = 255.0
    levels: tuple[np.ndarray, ...] = ()
    borders: tuple[np.ndarray, ...] | None = None
    if result is not None and result.codebook.mode == "color":
        palette = result.codebook.outputs[0]
        white = white_of(result.image.dtype, facts.high)
        luminance_counts = count_luminance(result.samples[0], facts.edges) if rgb else None
        members = count_palette(result.codebook, result.samples[0])
    elif result is not None:
        groups = range(len(result.codebook.levels)) if group is None else (group,)
        levels = tuple(result.codebook.levels[index] for index in groups)
        borders = tuple(result.codebook.borders_of(index) for index in groups)
    separate = palette is not None and not rgb
    rows = histogram_rows(facts, levels, borders=borders, luminance_counts=luminance_counts, separate=separate)
    width, height = _SIZE
    plot = HistogramPlot(Figure((width, max(height, _ROW * len(rows)))), _THEME)
    plot.show(rows, palette=palette, white=white, members=members, rgb=rgb)
    return _as_svg(plot.figure, key, "Histogram")


def curve(
    image: np.ndarray,
    results: Sequence[Result],
    delta_e: Sequence[float | None],
    key: str,
    origins: Sequence[tuple[str, ...]],
) -> tuple[str, str]:
    """Draw the error against K, with the best possible error and the image's own noise; for colours, the mean ΔE.

    Parameters
    ----------
    image : ndarray
        The source.
    results : sequence of Result
        At least one. Results learnt in the same way as most of them form the curve.
    delta_e : sequence of float or None
        Mean colour difference of each result; None if it is not known.
    key : str
        Unique in the page; makes the ids within the plot unique.
    origins : sequence of tuple of str
        Id and name of the image from which each result was learnt; empty if it is this image.

    Returns
    -------
    str
        An ``svg`` element.
    str
        The conclusion from it, in one sentence.
    """
    kinds = [
        (_comparable_part(result.codebook.request), origin) for result, origin in zip(results, origins, strict=True)
    ]
    most_common = max(kinds, key=lambda kind: (kind[0].method != "given", kinds.count(kind)))
    first = results[kinds.index(most_common)]
    delta_es = [value for value in delta_e if value is not None]
    in_colors = first.codebook.mode == "color" and len(delta_es) == len(results)
    errors = delta_es if in_colors else [result.quality.rmse for result in results]
    points = tuple(
        Point(str(index), result.k, error, comparable=kind == most_common)
        for index, (result, error, kind) in enumerate(zip(results, errors, kinds, strict=True))
    )
    baseline = Baseline() if in_colors else _baseline(image, first)
    plot = CurvePlot(Figure((5.4, 2.3)))
    model = ErrorCurve(points, baseline, "delta_e" if in_colors else "rmse")
    plot.show(model, _THEME)
    return _as_svg(plot.figure, key, "Error against K"), color_difference_sentence(
        model
    ) if in_colors else noise_sentence(model)


def _baseline(image: np.ndarray, result: Result) -> Baseline:
    request = result.codebook.request
    least = np.empty(0)
    # The least error of colours is not known.
    if request.mode != "color":
        least = least_errors(Learner(result.samples, request, image.dtype, no_tick))
    # The error of a part cannot be compared with the noise of the whole image.
    if request.mask_digest or request.ignore:
        return Baseline.of(least, "part")
    return Baseline.of(least, own_noise(image, request.channel_axis, request.alpha, no_tick))


def _comparable_part(request: Request) -> Request:
    """Return the part of a request that must be equal for errors to lie on one curve."""
    if request.method == "given":  # the error of a given palette does not depend on the number of its colours alone
        return request
    return request.learning(method="minibatch", random_state=0, keep=())


def _as_svg(figure: Figure, key: str, label: str) -> str:
    """Return a figure as an ``svg`` element."""
    stream = io.StringIO()
    # Text stays text, so that the page's font applies. The key makes ids unique: an id counts for the whole page.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": key}):
        figure.savefig(stream, format="svg", metadata=_NO_METADATA, facecolor="none")
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)  # a style element would apply to the whole page
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found.group() if found.group(1) in used else "", svg)
    for color, own in _CSS_COLORS.items():
        svg = svg.replace(color, own)
    svg = re.sub(r"<[^>]*>", lambda tag: _round_coordinates(tag.group()), svg)  # not the texts between tags
    svg = re.sub(r'(?<= d=")[^"]*', lambda found: re.sub(r"\s*([A-Za-z])\s+", r"\1", found.group()), svg)
    return re.sub(r"\s*\n\s*", "\n", svg).strip()


def _round_coordinates(tag: str) -> str:
    # A tenth of a point is invisible, and halves the size.
    return re.sub(r"\d+\.\d{2,}", lambda found: f"{float(found.group()):.1f}".removesuffix(".0"), tag)
