"""Figures show what they are given; looked at through matplotlib's own objects and through the files."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.offsetbox import TextArea
from PIL import Image
from slow_cases import slow_except

from napari_quantize import fit
from napari_quantize.core.analysis.error_curve import Baseline, ErrorCurve, Point
from napari_quantize.core.analysis.histogram import histogram_rows
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.plots.areas import AreasPlot
from napari_quantize.plots.comparison import (
    ComparisonPanel,
    DisplaySettings,
    comparison_figure,
    round_length,
    save_figure,
)
from napari_quantize.plots.error_curve import CurvePlot
from napari_quantize.plots.histogram import HistogramPlot
from napari_quantize.plots.theme import PlotTheme

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 200, (12, 16), dtype=np.uint8)
RGB = RNG.integers(0, 200, (12, 16, 3), dtype=np.uint8)
GREYS = np.repeat(np.linspace(0, 1, 256)[:, np.newaxis], 4, axis=1)


def part(axes, name):
    """Return what draws this part of a histogram."""
    [found] = [artist for artist in axes.collections if artist.get_gid() == name]
    return found


def seen(plot):
    """Return the axes that can be seen."""
    return [axes for axes in plot.figure.axes if axes.get_visible()]


def legend(axes):
    above = [area.get_text() for area in axes.findobj(TextArea)]
    return above + [text.get_text() for text in axes.texts]


def levels_of(image, k, axis=None, mode="global"):
    return fit(image, k, channel_axis=axis, mode=mode).levels


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (np.arange(16_000_000, 16_000_041, dtype=np.uint32), ["15999990", "16000000", "16000010", "16000020"]),
        (np.linspace(1e5, 100_000.4, 41), ["100000", "100000.1", "100000.2", "100000.3"]),
        (np.linspace(0, 4e-7, 41), ["0", "1e-07", "2e-07", "3e-07"]),
        (np.linspace(0, 0.4, 41), ["0", "0.1", "0.2", "0.3"]),
    ],
)
def test_no_number_below_an_axis_reads_as_another(image, expected):
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(image_facts(image[np.newaxis])))
    [axes] = plot.figure.axes
    plot.figure.canvas.draw()
    assert [label.get_text() for label in axes.get_xticklabels()][:4] == expected


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("k", [None, 1, 2, 200])
def test_the_histogram_of_one_channel_is_drawn(k, log):
    facts = image_facts(GREY)
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(facts, () if k is None else levels_of(GREY, k)), log=log)
    [axes] = plot.figure.axes
    assert axes.get_yscale() == ("log" if log else "linear")
    assert axes.get_xlim() == (facts.edges[0], facts.edges[-1])
    assert axes.get_ylim()[1] > facts.counts.max()
    bars = part(axes, "bars")
    assert sum(np.count_nonzero(path.codes == path.MOVETO) for path in bars.get_paths()) == np.count_nonzero(
        facts.counts
    )
    assert len({tuple(color) for color in bars.get_facecolor()}) == len(bars.get_paths()) == min(k or 1, 123)


def test_palettes_are_ticks_in_their_colours_at_their_luminance():
    facts = image_facts(RGB, channel_axis=-1)
    palette = np.array([[0, 51, 255], [255, 0, 102]], dtype=np.uint8)
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(facts), palette=palette, rgb=True)
    [axes] = seen(plot)
    ticks = part(axes, "ticks")
    places = [segment[0][0] for segment in ticks.get_segments()]
    np.testing.assert_allclose(places, palette @ [0.2126, 0.7152, 0.0722])
    assert np.allclose(ticks.get_colors()[:, :3], palette / 255)
    assert len(part(axes, "rims").get_segments()) == 2
    plot.show(histogram_rows(facts, levels_of(RGB, 4, -1)), rgb=True)
    assert len(ticks.get_segments()) == 4
    assert len(ticks.get_colors()) == 1
    assert not part(axes, "rims").get_segments()


def test_colours_of_12_bits_are_drawn_as_bright_as_those_of_8():
    palette = np.array([[0, 51, 255], [255, 0, 102]])
    image = RGB * np.uint16(16)
    facts = image_facts(image, channel_axis=-1)
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(facts), palette=palette * 4095 // 255, white=4095, rgb=True)
    assert np.allclose(part(seen(plot)[0], "ticks").get_colors()[:, :3], palette / 255, atol=1e-3)
    figure = comparison_figure([ComparisonPanel(image, "source")], facts, DisplaySettings(None), "it")
    [picture] = figure.axes[0].images
    np.testing.assert_allclose(picture.get_array(), RGB / 255, atol=4e-3)


@pytest.mark.parametrize("log", [True, False])
def test_colours_with_pixel_counts_are_stems_and_those_above_the_plot_are_marked(log):
    facts = image_facts(RGB, channel_axis=-1)
    palette = np.array([[0, 51, 255], [255, 0, 102], [0, 51, 255]], dtype=np.uint8)
    members = np.array([3, 10**6, 7])
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(facts), palette=palette, members=members, log=log, rgb=True)
    [axes] = seen(plot)
    segments = part(axes, "ticks").get_segments()
    assert [segment[1][1] for segment in segments] == [10**6, 7, 3]  # lower ones in front of higher ones
    assert len(part(axes, "rims").get_segments()) == 3
    assert (axes.get_ylim()[1] > 10**6) == log
    [cut] = [line for line in axes.lines if line.get_gid() == "cut"]
    assert cut.get_xdata().tolist() == ([] if log else [pytest.approx(palette[1] @ [0.2126, 0.7152, 0.0722])])


def test_levels_whose_stems_leave_the_plot_are_marked():
    facts = image_facts(RGB[..., 0])
    rows = histogram_rows(facts, levels_of(RGB[..., 0], 2, None))
    plot = HistogramPlot(Figure(), PlotTheme())
    for log in (False, True, False):
        plot.show(rows, log=log)
        [axes] = seen(plot)
        [cut] = [line for line in axes.lines if line.get_gid() == "cut"]
        assert len(cut.get_xdata()) == (0 if log else 2)


def test_palettes_of_other_channels_have_one_row_for_each():
    facts = image_facts(RGB, channel_axis=-1)
    palette = np.array([[0, 51, 255], [255, 0, 102]], dtype=np.uint8)
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(facts, separate=True), palette=palette)
    for channel, axes in enumerate(seen(plot)):
        assert [segment[0][0] for segment in part(axes, "ticks").get_segments()] == palette[:, channel].tolist()
    assert [legend(axes) for axes in seen(plot)] == [["channel 0"], ["channel 1"], ["channel 2"]]


def test_channels_are_outlines_of_their_counts():
    facts = image_facts(RGB, channel_axis=-1)
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(facts, levels_of(RGB, 3, -1)), log=False, rgb=True)
    [axes] = seen(plot)
    assert legend(axes) == ["red", "green", "blue"]
    for line, counts in zip(part(axes, "outlines").get_segments(), facts.counts, strict=True):
        assert np.array_equal(line[::2, 1], counts)
        assert np.array_equal(line[::2, 0], facts.edges[:-1])
        assert np.array_equal(line[1::2, 0], facts.edges[1:])


@pytest.mark.parametrize("log", [True, False])
def test_a_zoomed_histogram_fills_the_axes(log):
    image = np.arange(4000, dtype=np.uint16).reshape(50, 80)
    facts = image_facts(image)
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(facts), log=log, limits=(100, 200))
    [axes] = seen(plot)
    assert axes.get_xlim() == (100, 200)
    assert facts.counts.max() <= axes.get_ylim()[1] <= 3 * facts.counts.max()


def test_a_histogram_drawn_again_equals_a_new_one():
    def pixels(figure):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())

    first, second = image_facts(RGB, channel_axis=-1), image_facts(RGB // 2, channel_axis=-1)
    dark = PlotTheme(background="#000000", text="#ffffff", faint="#888888")
    used, new = HistogramPlot(Figure(), dark), HistogramPlot(Figure(), PlotTheme())
    used.show(histogram_rows(first, levels_of(RGB, 5, -1)), log=False, rgb=True)
    pixels(used.figure)
    used.show(histogram_rows(first, levels_of(RGB, 5, -1, "per_channel")), rgb=True)
    pixels(used.figure)
    used.theme = PlotTheme()
    used.show(histogram_rows(second, levels_of(RGB // 2, 2, -1)), rgb=False)
    new.show(histogram_rows(second, levels_of(RGB // 2, 2, -1)), rgb=False)
    assert np.array_equal(pixels(used.figure), pixels(new.figure))


def test_a_histogram_of_colours_can_show_grey():
    plot = HistogramPlot(Figure(), PlotTheme())
    facts = image_facts(RGB, channel_axis=-1)
    plot.show(histogram_rows(facts, levels_of(RGB, 3, -1, "per_channel")), rgb=True)
    three = seen(plot)
    assert [legend(axes) for axes in three] == [["red"], ["green"], ["blue"]]
    plot.show(histogram_rows(image_facts(GREY), levels_of(GREY, 3)))
    [one] = seen(plot)
    assert legend(one) == []
    plot.show(histogram_rows(facts, levels_of(RGB, 3, -1, "per_channel")), rgb=False)
    assert seen(plot) == three


@pytest.mark.parametrize("value", [0, 7, -3.5, 1e-9, 1e12])
@pytest.mark.parametrize("log", [True, False])
def test_constant_images_are_drawn(value, log):
    image = np.full((4, 5), value)
    plot = HistogramPlot(Figure(), PlotTheme())
    plot.show(histogram_rows(image_facts(image), levels_of(image, 4)), log=log)
    plot.figure.canvas.draw()


def pictures(image, axis=None):
    return [
        ComparisonPanel(image, "source"),
        *(ComparisonPanel(image, f"K={k}", levels_of(image, k, axis)) for k in (1, 2, 4, 8, 16)),
    ]


KINDS = {
    "8 bit": (GREY, None, DisplaySettings(GREYS, (0, 255))),
    "bool": (GREY > 100, None, DisplaySettings(GREYS, (0, 1))),
    "16 bit": (GREY.astype(">u2"), None, DisplaySettings(GREYS, (0, 255), 0.5, 3.0)),
    "half float": (GREY.astype(np.float16), None, DisplaySettings(GREYS, (0, 255))),
    "NaN": (np.where(GREY > 150, np.nan, GREY).astype(np.float32), None, DisplaySettings(GREYS, (0, 255))),
    "signed": (GREY.astype(np.int64) - 100, None, DisplaySettings(GREYS, (-100, 100))),
    "RGB": (RGB, -1, DisplaySettings(None)),
    "RGB of 16 bits": (RGB.astype(np.uint16) * 300, -1, DisplaySettings(None)),
    "RGB of floats": ((RGB / 150).astype(np.float32), -1, DisplaySettings(None)),
    "RGBA": (np.dstack([RGB, GREY]), -1, DisplaySettings(None, pixel_aspect=0.2)),
}


@pytest.mark.parametrize("kind", slow_except(KINDS, "16 bit", "NaN", "RGB of floats", "RGBA"))
def test_a_comparison_of_any_kind_is_drawn(kind, tmp_path):
    image, axis, display = KINDS[kind]
    facts = image_facts(image, channel_axis=axis, alpha=image.shape[2:] == (4,))
    figure = comparison_figure(pictures(image, axis), facts, display, r"a $\frac name")
    titles = [axes.get_title() for axes in figure.axes if axes.get_visible() and axes.get_title()]
    assert titles == ["source", "K=1", "K=2", "K=4", "K=8", "K=16"]
    save_figure(figure, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as drawn:
        assert drawn.size[0] > 1000


@pytest.mark.parametrize(
    ("display", "aspect"),
    [(DisplaySettings(GREYS, (0, 255), 1.0, 2.5), 2.5), (DisplaySettings(None, pixel_aspect=2.5), 2.5)],
)
def test_pixels_keep_their_shape(display, aspect):
    image, axis = (RGB, -1) if display.colors is None else (GREY, None)
    figure = comparison_figure(pictures(image, axis), image_facts(image, channel_axis=axis), display, "it")
    assert figure.axes[0].get_aspect() == aspect


@pytest.mark.parametrize(("pixel_width", "text"), [(0.65, "2 µm"), (0.0132, "0.05 µm"), (7.0, "20 µm"), (None, None)])
def test_a_figure_has_a_scale_bar_where_there_is_a_scale(pixel_width, text):
    display = DisplaySettings(GREYS, (0, 255), pixel_width=pixel_width, unit="µm")
    figure = comparison_figure(pictures(GREY), image_facts(GREY), display, "it")
    bars = [artist for axes in figure.axes for artist in axes.artists if artist.get_gid() == "scale bar"]
    assert [bar.txt_label.get_text() for bar in bars] == ([] if text is None else [text])
    for bar in bars:
        length = bar.size_bar.get_children()[0].get_width() * pixel_width
        assert f"{length:g} µm" == text
        assert 0.1 < length / (GREY.shape[1] * pixel_width) <= 0.3
        assert bar.axes is figure.axes[0]


@pytest.mark.parametrize("power", range(-20, 21))
def test_the_bar_is_the_longest_round_length_within_the_limit(power):
    one, two, five, ten = (float(f"{digit}e{power}") for digit in (1, 2, 5, 10))
    assert [round_length(limit) for limit in (one, two, five, ten)] == [one, two, five, ten]
    assert [round_length(np.nextafter(limit, 0)) for limit in (two, five, ten)] == [one, two, five]
    assert [round_length(np.nextafter(limit, np.inf)) for limit in (one, two, five)] == [one, two, five]


def test_gamma_and_contrast_limits_are_applied():
    figure = comparison_figure(pictures(GREY), image_facts(GREY), DisplaySettings(GREYS, (50, 100), 2.0), "it")
    drawn = figure.axes[0].images[0]
    np.testing.assert_allclose(drawn.norm([50, 75, 100]), [0, 0.25, 1])


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_figures_are_saved_in_each_format(suffix, start, tmp_path):
    path = tmp_path / f"figure.{suffix}"
    save_figure(comparison_figure(pictures(GREY), image_facts(GREY), DisplaySettings(GREYS, (0, 255)), "it"), path)
    assert path.read_bytes().startswith(start)


def test_an_unknown_format_leaves_the_existing_file(tmp_path):
    path = tmp_path / "figure.doc"
    path.write_bytes(b"precious")
    with pytest.raises(ValueError, match="doc"):
        save_figure(comparison_figure(pictures(GREY), image_facts(GREY), DisplaySettings(GREYS, (0, 255)), "it"), path)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("figure.doc", b"precious")]


@pytest.mark.parametrize("name", ["x$^$y", "$\\more$"])
def test_names_with_dollar_signs_are_no_formulas(name):
    panels = [ComparisonPanel(GREY, "source"), ComparisonPanel(GREY, f"K=2 {name}")]
    drawn = comparison_figure(panels, image_facts(GREY), DisplaySettings(GREYS, (0, 255)), name)
    FigureCanvasAgg(drawn).draw()
    plot = AreasPlot(Figure())
    plot.show([0, 1], np.ones((2, 1)), ["#ff0000"], (name, f"pixels of {name}"), PlotTheme(), 0)
    FigureCanvasAgg(plot.figure).draw()
    assert plot.axes.get_xlabel() == name


def histograms(figure):
    """Return the axes of a comparison that show histograms."""
    return [axes for axes in figure.axes if not axes.images]


@pytest.mark.parametrize("known", [True, False])
def test_a_comparison_shows_colours_as_the_histogram_does(known):
    palette = np.array([[0, 51, 255], [255, 0, 102]], dtype=np.uint8)
    facts = image_facts(RGB, channel_axis=-1)
    members = np.array([100, 92]) if known else None
    luminance = np.arange(len(facts.edges) - 1) if known else None
    panel = ComparisonPanel(RGB, "K=2", palette=palette, members=members, luminance_counts=luminance)
    figure = comparison_figure([ComparisonPanel(RGB, "source"), panel], facts, DisplaySettings(None), "it")
    plot = HistogramPlot(Figure(), PlotTheme())
    rows = histogram_rows(facts, luminance_counts=luminance)
    plot.show(rows, palette=palette, members=members, rgb=True)
    [source, drawn], [expected] = histograms(figure), seen(plot)
    for name in ("ticks", "rims", "outlines"):
        np.testing.assert_array_equal(part(drawn, name).get_segments(), part(expected, name).get_segments())
    assert np.allclose(part(drawn, "ticks").get_colors()[:, :3], palette / 255)
    assert len(part(drawn, "bars").get_paths()[0]) == len(part(expected, "bars").get_paths()[0])
    assert drawn.get_ylim() == expected.get_ylim()
    assert legend(drawn) == ["red", "green", "blue", *["luminance"] * known]
    assert legend(source) == ["red", "green", "blue"]
    assert not part(source, "ticks").get_segments()


def test_a_comparison_has_a_row_for_each_channel_with_levels_or_colours_of_its_own():
    facts = image_facts(RGB, channel_axis=-1)
    levels = levels_of(RGB, 4, -1, "per_channel")
    figure = comparison_figure([ComparisonPanel(RGB, "K=4", levels)], facts, DisplaySettings(None), "it")
    assert [legend(axes) for axes in histograms(figure)] == [["red"], ["green"], ["blue"]]
    for axes, own in zip(histograms(figure), levels, strict=True):
        assert [segment[0][0] for segment in part(axes, "stems").get_segments()] == own.tolist()
    palette = np.array([[0, 51, 255], [255, 0, 102]], dtype=np.uint8)
    panel = ComparisonPanel(RGB[..., 0], "K=2", palette=palette, members=np.array([100, 92]))
    figure = comparison_figure([panel], facts, DisplaySettings(GREYS, (0, 255)), "it")
    for channel, axes in enumerate(histograms(figure)):
        assert [segment[1].tolist() for segment in part(axes, "ticks").get_segments()] == [
            [palette[0, channel], 100],
            [palette[1, channel], 92],
        ]


def test_the_line_of_6_db_is_seen_where_the_least_error_falls_like_it():
    figure = Figure(figsize=(3, 2))
    canvas = FigureCanvasAgg(figure)
    plot = CurvePlot(figure)
    plot.show(ErrorCurve((Point("a", 8, 8.0),), Baseline(64 / np.arange(1, 65))), PlotTheme())
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba()).astype(int)
    box = plot.axes.bbox
    red, green, blue, _ = np.moveaxis(picture[-int(box.y1) : -int(box.y0), int(box.x0) : int(box.x1)], -1, 0)
    assert np.count_nonzero((red > green + 60) & (blue > green)) > 50
    assert np.count_nonzero((blue > green + 60) & (blue > red + 60)) > 50
