"""Steps of Lloyd's algorithm as they are drawn, and written as a GIF."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredOffsetbox
from matplotlib.text import Text
from PIL import Image

from napari_quantize.core.analysis.histogram import histogram_rows
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.analysis.lloyd_trace import Lloyd, Trace
from napari_quantize.core.samples.samples import CountedSamples
from napari_quantize.plots.animation import chosen_steps, save_animation
from napari_quantize.plots.lloyd_data import ColorsData, LevelsData
from napari_quantize.plots.lloyd_steps import StepsPlot
from napari_quantize.plots.theme import PlotTheme

RNG = np.random.default_rng(0)
GREY = RNG.normal(100, 30, (40, 50)).clip(0, 255).astype(np.uint8)


def levels_data(k=4, seed=1, color=None):
    values, counts = np.unique(GREY, return_counts=True)
    samples = CountedSamples(values.astype(float), counts, True, float(values[0]), float(values[-1]))
    lloyd = Lloyd(samples)
    trace = lloyd.trace(k, seed)
    return LevelsData.of(trace, samples, image_facts(GREY), color, lloyd.least_error(k), lloyd.error(trace.centers[-1]))


def colours(n=300, n_channels=3):
    values = np.unique(RNG.integers(0, 256, (n, n_channels)), axis=0).astype(float)
    return CountedSamples(values, RNG.integers(1, 9, len(values)), True, 0.0, 255.0)


def colors_data(samples, k=5, white=255.0):
    return ColorsData.of(Lloyd(samples).trace(k, 0), samples, white, None, 20.0)


def draw(data, step, figure=None, plot=None, **options):
    figure = figure or Figure(figsize=(3, 1.5))
    plot = plot or StepsPlot(figure)
    plot.show(data, step, PlotTheme(), **options)
    figure.canvas.draw()
    return figure, plot


def visible_names(curve):
    """Return the texts of the legend above the curve."""
    [legend] = [artist for artist in curve.artists if isinstance(artist, AnchoredOffsetbox)]
    return legend.findobj(Text)


def colours_of_strip(figure):
    [image] = [image for axes in figure.axes for image in axes.images]
    return np.asarray(image.get_array())[0]


def test_levels_are_marked_at_their_values_with_the_error_below():
    data = levels_data()
    figure, plot = draw(data, 0)
    for step in (0, 2, data.trace.n_steps):
        draw(data, step, figure, plot, log=step == 2)
        histogram, curve = figure.axes
        assert histogram.get_yscale() == ("log" if step == 2 else "linear")
        [marks] = [line for line in histogram.lines if line.get_gid() != "cut"]
        np.testing.assert_array_equal(marks.get_xdata(), data.trace.centers[step])
        x = [line.get_xdata() for line in curve.lines]
        y = [line.get_ydata() for line in curve.lines]
        np.testing.assert_array_equal(y[0], data.trace.errors)
        assert (x[1], y[1]) == ([step], [data.trace.errors[step]])
        assert y[2:] == [[data.best, data.best], [data.own, data.own]]
        low, high = curve.get_ylim()
        assert low < data.best <= data.trace.errors.max() < high


def test_borders_are_halfway_between_levels():
    data = levels_data()
    figure, _ = draw(data, 3)
    [borders] = [collection for collection in figure.axes[0].collections if collection.get_gid() == "borders"]
    np.testing.assert_allclose([segment[0][0] for segment in borders.get_segments()], data.trace.borders(3))


def test_the_histogram_shows_the_clustered_values():
    samples = CountedSamples(np.array([3.0, 200.0]), np.array([5, 7]), True, 3.0, 200.0)
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    data = LevelsData.of(Lloyd(samples).trace(2, 0), samples, image_facts(image), None, 0.0, None)
    expected = np.zeros((1, 256))
    expected[0, [3, 200]] = 5, 7
    np.testing.assert_array_equal(data.facts.counts, expected)
    draw(data, 1)


def test_the_stems_count_the_clustered_values_not_those_of_other_channels():
    image = np.stack([GREY // 5, 100 + GREY // 5, 200 + GREY // 5], axis=-1)
    values, counts = np.unique(image[..., 1], return_counts=True)
    samples = CountedSamples(values.astype(float), counts, True, float(values[0]), float(values[-1]))
    facts = image_facts(image, channel_axis=-1)
    data = LevelsData.of(Lloyd(samples).trace(3, 0), samples, facts, None, None, None)
    centers = data.trace.centers[-1]
    nearest = np.abs(image[..., 1, np.newaxis] - centers).argmin(axis=-1)
    [row] = histogram_rows(data.facts, (centers,))
    assert row.members.tolist() == np.bincount(nearest.ravel(), minlength=3).tolist()


def test_an_unknown_best_error_is_not_drawn():
    figure, _ = draw(colors_data(colours()), 1)
    curve = figure.axes[2]
    assert [line.get_visible() for line in curve.lines] == [True, True, False, True]
    assert [name.get_text() for name in visible_names(curve)] == ["error", "··· this result"]


@pytest.mark.parametrize("k", [2, 8])
@pytest.mark.parametrize("font_size", [9, 14])
@pytest.mark.parametrize("kind", ["levels", "colours"])
def test_names_lie_above_the_curve_and_are_not_cut_off(kind, font_size, k):
    data = levels_data(k) if kind == "levels" else colors_data(colours(), k)
    figure = Figure(figsize=(2.7 * 9 / font_size, 1.24))  # in a dock of 300 pixels
    figure, _ = draw(data, 0, figure)
    FigureCanvasAgg(figure).draw()
    curve = figure.axes[-1]
    boxes = [name.get_window_extent() for name in visible_names(curve)]
    assert all(box.y0 > curve.bbox.y1 for box in boxes)
    assert figure.bbox.x0 <= boxes[0].x0
    assert boxes[-1].x1 <= curve.bbox.x1
    assert all(box.x1 < other.x0 for box, other in pairwise(boxes))
    for number in figure.axes[0].get_xticklabels():
        assert number.get_window_extent().y0 > boxes[0].y1


def test_the_histogram_ends_with_the_values_of_the_channel():
    facts = image_facts(np.stack([GREY.astype(np.uint16), 40 * GREY.astype(np.uint16)]))
    values, counts = np.unique(GREY, return_counts=True)
    samples = CountedSamples(values.astype(float), counts, True, float(values[0]), float(values[-1]))
    lloyd = Lloyd(samples)
    figure, _ = draw(LevelsData.of(lloyd.trace(3, 0), samples, facts, None, None, None), 1)
    low, high = figure.axes[0].get_xlim()
    assert facts.edges[-1] > 5000
    assert low <= values[0]
    assert values[-1] <= high < 1.1 * values[-1]


@given(st.integers(2, 6), st.integers(1, 3000))
def test_colours_are_projected_to_the_axes_of_largest_spread(n_channels, n):
    samples = colours(n, n_channels)
    data = colors_data(samples, k=3)
    np.testing.assert_allclose(data.plane.T @ data.plane, np.eye(2), atol=1e-9)
    assert len(data.dots) <= 1000
    assert set(map(tuple, data.dots)) <= set(map(tuple, samples.values))
    covariance = (
        np.cov(samples.values.T, fweights=samples.counts, bias=True) if len(samples.values) > 1 else np.zeros(1)
    )
    if covariance.size > 1:
        spread = np.linalg.eigvalsh(covariance)[::-1][:2]
        np.testing.assert_allclose(np.diag(data.plane.T @ covariance @ data.plane), spread, atol=1e-6)


def test_the_strip_shows_the_share_of_each_colour():
    data = colors_data(colours())
    figure, _ = draw(data, 2)
    strip = colours_of_strip(figure)
    found = [(np.abs(strip - color).max(axis=1) < 1e-9).mean() for color in data.trace.centers[2] / 255]
    np.testing.assert_allclose(found, data.trace.shares[2], atol=0.003)


def test_other_channels_than_rgb_are_drawn():
    data = colors_data(colours(n_channels=5), white=None)
    figure, _ = draw(data, 0)
    assert len({tuple(color) for color in colours_of_strip(figure)}) == 5


def test_one_figure_draws_runs_of_all_kinds_and_sizes():
    figure, plot = draw(levels_data(), 1)
    for data, kinds in ((colors_data(colours()), 3), (levels_data(k=1, color="#e4574e"), 2)):
        draw(data, data.trace.n_steps, figure, plot, title="K=1 costs $5")
        assert len(figure.axes) == kinds
    figure.set_size_inches(1, 0.5)
    draw(data, 0, figure, plot)


@given(st.integers(0, 400))
def test_steps_of_an_animation_are_few_and_include_both_ends(n_steps):
    steps = chosen_steps(n_steps)
    assert (steps[0], steps[-1]) == (0, n_steps)
    gaps = np.diff(steps)
    assert (gaps > 0).all()
    assert len(steps) <= 60
    if n_steps < 60:
        assert len(steps) == n_steps + 1
    else:
        assert (gaps[:29] == 1).all()


@pytest.mark.parametrize("data", [levels_data(), colors_data(colours())], ids=["levels", "colours"])
def test_the_gif_is_read_back(tmp_path, data):
    path = tmp_path / "steps.gif"
    path.write_bytes(b"an older file")
    counted = []
    steps = data.trace.n_steps + 1
    titles = [f"step {step}" for step in range(steps)]
    save_animation(data, titles, path, tick=lambda *count: counted.append(count))
    assert list(tmp_path.iterdir()) == [path]
    with Image.open(path) as animation:
        assert animation.size == (640, 400)
        assert animation.n_frames == steps == len(chosen_steps(steps - 1))
        assert animation.info["loop"] == 0
        durations, frames = [], []
        for frame in range(steps):
            animation.seek(frame)
            durations.append(animation.info["duration"])
            frames.append(np.asarray(animation.convert("RGB")).astype(int))
    assert durations == [400] * (steps - 1) + [2000]
    assert (frames[0][-1, -1] == 255).all()
    assert np.abs(frames[-1] - frames[0]).max() > 100
    assert counted == [(done, steps) for done in range(steps + 1)]


class _StopError(BaseException):
    """What a caller raises to end the work: no handler of errors may hold it back."""


@pytest.mark.parametrize("at", [0, 2, "end"])
def test_an_interrupted_gif_leaves_no_file(tmp_path, at):
    data = levels_data()
    path = tmp_path / "steps.gif"
    path.write_bytes(b"an older file")

    def tick(done, total):
        if done == (total if at == "end" else at):
            raise _StopError

    with pytest.raises(_StopError):
        save_animation(data, ["title"] * (data.trace.n_steps + 1), path, tick=tick)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"an older file"


def test_a_gif_that_cannot_be_written_is_an_error(tmp_path):
    data = levels_data(k=1)
    titles = [""] * (data.trace.n_steps + 1)
    with pytest.raises(FileNotFoundError):
        save_animation(data, titles, tmp_path / "missing" / "steps.gif")
    (tmp_path / "folder.gif").mkdir()
    with pytest.raises(OSError, match="folder"):
        save_animation(data, titles, tmp_path / "folder.gif")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.gif"]


def test_a_run_of_one_step_is_drawn():
    trace = Trace(np.array([[1.0], [1.0]]), np.zeros(2), np.ones((2, 1)), True)
    samples = CountedSamples(np.array([1.0]), np.array([4]), True, 1.0, 1.0)
    draw(LevelsData.of(trace, samples, image_facts(np.ones((2, 2), np.uint8)), None, 0.0, 0.0), 1)
