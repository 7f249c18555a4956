"""The names above small plots: none is cut off where the plot is narrow, and none lies on another or on the plot."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredOffsetbox
from matplotlib.text import Text

from napari_quantize.core.analysis.error_curve import Baseline, ErrorCurve, Point
from napari_quantize.core.analysis.histogram import histogram_rows
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.analysis.lloyd_trace import Lloyd
from napari_quantize.core.samples.samples import CountedSamples
from napari_quantize.plots.error_curve import CurvePlot
from napari_quantize.plots.histogram import HistogramPlot
from napari_quantize.plots.lloyd_data import LevelsData
from napari_quantize.plots.lloyd_steps import StepsPlot
from napari_quantize.plots.theme import PlotTheme

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 200, (12, 16, 3), dtype=np.uint8)
GREY = RNG.integers(0, 200, (40, 50), dtype=np.uint8)
SIZES = [(2.26, 1.15, 9), (2.26, 1.53, 12), (2.49, 1.82, 14), (2.76, 1.82, 14)]  # of plots in narrow docks


def curve(figure):
    points = (Point("a", 8, 8.0), Point("b", 4, 20.0, comparable=False))
    CurvePlot(figure).show(ErrorCurve(points, Baseline(64 / np.arange(1, 65))), PlotTheme())


def histogram(figure):
    facts = image_facts(RGB, channel_axis=-1)
    rows = histogram_rows(facts, luminance_counts=facts.counts[0])
    HistogramPlot(figure, PlotTheme()).show(rows, rgb=True)


def steps(figure):
    values, counts = np.unique(GREY, return_counts=True)
    samples = CountedSamples(values.astype(float), counts, True, float(values[0]), float(values[-1]))
    lloyd = Lloyd(samples)
    trace = lloyd.trace(4, 1)
    best, own = lloyd.least_error(4), lloyd.error(trace.centers[-1])
    StepsPlot(figure).show(LevelsData.of(trace, samples, image_facts(GREY), None, best, own), 0, PlotTheme())


def names_above(figure):
    """Return the axes that have names above them, and where these are."""
    [(axes, legend)] = [
        (axes, artist) for axes in figure.axes for artist in axes.artists if isinstance(artist, AnchoredOffsetbox)
    ]
    return axes, [name.get_window_extent() for name in legend.findobj(Text)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("draw", [curve, histogram, steps])
def test_no_name_is_cut_off_or_lies_on_another(draw, size):
    *inches, points = size
    figure = Figure(dpi=100 * points / 9)
    canvas = FigureCanvasAgg(figure)
    figure.set_size_inches(np.array(inches) * 100 / figure.dpi)
    draw(figure)
    canvas.draw()
    axes, boxes = names_above(figure)
    assert len(boxes) >= 3
    for box in boxes:
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
        assert axes.bbox.y1 < box.y0 < box.y1 <= figure.bbox.y1
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    for other in figure.axes[:-1]:
        assert all(number.get_window_extent().y0 > max(box.y1 for box in boxes) for number in other.get_xticklabels())


def test_names_take_one_line_again_where_the_plot_becomes_wide():
    figure = Figure(figsize=(1.5, 1.5), dpi=100)
    canvas = FigureCanvasAgg(figure)
    curve(figure)
    heights = []
    for width in (1.5, 6, 1.5):
        figure.set_size_inches(width, 1.5)
        canvas.callbacks.process("resize_event", None)
        canvas.draw()
        axes, boxes = names_above(figure)
        heights.append((len({round(box.y0) for box in boxes}), axes.bbox.height))
    assert heights[0] == heights[2]
    assert heights[0][0] > heights[1][0] == 1
    assert heights[0][1] < heights[1][1]
