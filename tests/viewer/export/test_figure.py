"""The figure of *Export…* shows what the dock shows."""

import dask.array as da
import numpy as np
import pytest
from driving import GREY, RGB, column, open_dock, press, settle
from export_driver import choose, open_export, wait_until_closed
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from PIL import Image

from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.plots import comparison
from napari_quantize.viewer.export.figure import figure_writer
from napari_quantize.viewer.family.find_layers import list_results
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.plan.regions import EACH_SLICE

RNG = np.random.default_rng(3)


@pytest.fixture
def figures(monkeypatch):
    """Return a list, to which each figure is added that is drawn."""
    draw, drawn = comparison.comparison_figure, []

    def record(*arguments):
        drawn.append(draw(*arguments))
        return drawn[-1]

    monkeypatch.setattr(comparison, "comparison_figure", record)
    return drawn


def export_figure(widget, qtbot, folder):
    """Export a figure of all results, and return its path."""
    dialog = open_export(widget, qtbot)
    dialog.folder.setText(str(folder))
    choose(dialog.options["image"], "")
    choose(dialog.options["figure"], ".png")
    qtbot.waitUntil(dialog.export.isEnabled)
    dialog.export.click()
    wait_until_closed(widget, qtbot)
    [path] = folder.iterdir()
    return path


def swatches(axes):
    """Return the foot and the tip of each swatch."""
    [ticks] = [artist for artist in axes.collections if artist.get_gid() == "ticks"]
    return [segment.tolist() for segment in ticks.get_segments()]


def scale_bars(figure):
    return [artist for axes in figure.axes for artist in axes.artists if artist.get_gid() == "scale bar"]


def picture_of_source(pixels, figure):
    """Return the part of the drawn figure that shows the source."""
    height, width = pixels.shape[:2]
    box = figure.axes[0].get_position()
    return pixels[
        round((1 - box.y1) * height) : round((1 - box.y0) * height), round(box.x0 * width) : round(box.x1 * width)
    ]


def axes_in(widget):
    """Return the visible axes of the dock's histogram; none before it is drawn."""
    canvases = widget.native.findChildren(FigureCanvasQTAgg)
    return [axes for canvas in canvases for axes in canvas.figure.axes if axes.get_visible()]


@pytest.mark.parametrize(("data", "rgb"), [(RGB, True), (np.moveaxis(RGB, -1, 0), False)])
def test_swatches_of_colours_are_those_of_the_dock(window, qtbot, tmp_path, figures, data, rgb):
    window.add_image(data, name="photo", rgb=rgb)
    widget = open_dock(window, "4")
    if not rgb:
        widget.channel_axis.value = 0
    widget.mode.value = "color"
    press(qtbot, widget)
    qtbot.waitUntil(lambda: any(map(swatches, axes_in(widget))))
    export_figure(widget, qtbot, tmp_path)
    [figure] = figures
    shown = axes_in(widget)
    drawn = [axes for axes in figure.axes if not axes.images and swatches(axes)]
    assert list(map(swatches, drawn)) == list(map(swatches, shown))
    assert len(drawn) == (1 if rgb else 3)
    heights = [tip[1] for _, tip in swatches(drawn[0])]
    assert sum(heights) == RGB.size // 3
    assert len(set(heights)) > 1


def test_the_figure_has_a_scale_bar_where_pixels_have_a_size(viewer, qtbot, tmp_path, figures):
    layer = viewer.add_image(np.tile(RGB[..., 0], (4, 4)), name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    pictures = []
    for number, (scale, units) in enumerate([((0.5, 0.5), ("um", "um")), ((1, 1), ("pixel", "pixel"))]):
        layer.scale, layer.units = scale, units
        (tmp_path / str(number)).mkdir()
        path = export_figure(widget, qtbot, tmp_path / str(number))
        with Image.open(path) as file:
            pictures.append(np.asarray(file.convert("RGB")).astype(int))
    texts = [[bar.txt_label.get_text() for bar in scale_bars(figure)] for figure in figures]
    assert texts == [["5 µm"], []]
    with_bar, without = (picture_of_source(*each) for each in zip(pictures, figures, strict=True))
    rows, columns = np.nonzero((with_bar != without).any(axis=2))
    assert rows.min() > 0.7 * len(with_bar)
    assert columns.min() > 0.6 * with_bar.shape[1]
    assert len(np.unique(columns)) > 10 / 64 * with_bar.shape[1]  # a pixel is half a micrometre wide
    white = (with_bar[rows, columns] == 255).all(axis=1)
    assert len(np.unique(rows[white])) > 5  # the line alone is lower than its text


def histogram_parts(axes, name):
    [found] = [artist for artist in axes.collections if artist.get_gid() == name]
    return found


def drawn_histograms(viewer, path, figures):
    """Draw the figure of all results, and return the axes of its histograms."""
    [source] = [layer for layer in viewer.layers if list_results(viewer, str(layer.unique_id))]
    figure_writer(viewer, source, list_results(viewer, str(source.unique_id)))(path, False)
    return [axes for axes in figures[-1].axes if not axes.images]


def test_each_slice_on_its_own_has_its_own_histogram(viewer, qtbot, tmp_path, figures):
    film = RNG.integers(0, 200, (4, 12, 16), dtype=np.uint8)
    viewer.add_image(film, name="film", axis_labels=("t", "y", "x"))
    widget = open_dock(viewer, "3")
    widget.learn_from.value = EACH_SLICE
    [result] = press(qtbot, widget)
    codebook, edges = provenance_of(result).codebook, image_facts(film).edges
    for index in (0, 2):
        viewer.dims.set_point(0, index)
        source, own = drawn_histograms(viewer, tmp_path / f"{index}.png", figures)
        for axes, pixels in ((source, film), (own, film[index])):
            paths = histogram_parts(axes, "bars").get_paths()
            n_bars = sum(np.count_nonzero(path.codes == path.MOVETO) for path in paths)
            assert n_bars == np.count_nonzero(np.histogram(pixels, edges)[0])
        stems = histogram_parts(own, "stems").get_segments()
        assert [stem[0][0] for stem in stems] == codebook.levels[index].tolist()
        assert [stem[1][1] for stem in stems] == np.bincount(codebook.encode(film)[index].ravel()).tolist()


def test_stems_are_as_high_as_their_pixels_are_many(viewer, qtbot, tmp_path, figures):
    image = RNG.integers(0, 400, (40, 50), dtype=np.uint16)
    image[0, 0] = 65_535  # one bar holds all other values
    viewer.add_image(image, name="cells")
    [result] = press(qtbot, open_dock(viewer, "4"))
    _, own = drawn_histograms(viewer, tmp_path / "a.png", figures)
    counts = np.bincount(provenance_of(result).codebook.encode(image).ravel())
    assert [stem[1][1] for stem in histogram_parts(own, "stems").get_segments()] == counts.tolist()


def test_results_with_and_without_channels_have_their_own_rows(viewer, qtbot, tmp_path, figures):
    viewer.add_image(RNG.integers(0, 200, (3, 12, 16), dtype=np.uint8), name="stack")
    widget = open_dock(viewer, "4")
    widget.channel_axis.value, widget.mode.value = 0, "per_channel"
    press(qtbot, widget)
    widget.channel_axis.value, widget.k_values.value = None, "2"
    press(qtbot, widget)
    _, *drawn = drawn_histograms(viewer, tmp_path / "a.png", figures)
    results = [provenance for _, provenance in list_results(viewer, str(viewer.layers["stack"].unique_id))]
    levels = [own.tolist() for provenance in results for own in provenance.levels]
    assert [len(own) for own in levels] == [2, 4, 4, 4]
    stems = [[stem[0][0] for stem in histogram_parts(axes, "stems").get_segments()] for axes in drawn]
    assert stems == levels


def test_a_figure_of_an_image_whose_values_were_not_counted(viewer, qtbot, tmp_path, figures):
    source = viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    source.data = RGB.copy()
    path = export_figure(widget, qtbot, tmp_path)
    assert path.name == "photo_figure.png"
    assert len(figures) == 1


def test_the_figure_shows_all_results(tmp_path, viewer, qtbot, monkeypatch):
    import matplotlib

    monkeypatch.setitem(matplotlib.rcParams, "svg.fonttype", "none")
    source = viewer.add_image(GREY, name="costs $5 & $\\more", scale=(2, 1))
    press(qtbot, open_dock(viewer, "2, 4"))
    results = list_results(viewer, str(source.unique_id))
    figure_writer(viewer, source, results)(tmp_path / "all.svg", False)
    text = (tmp_path / "all.svg").read_text(encoding="utf-8")
    for caption in ("costs $5 &amp; $\\more", "source", "K=2 · ±", "K=4 · ±", "bits/px", "KB"):
        assert caption in text
    assert text.count(" KB as a PNG<") == 1  # of the source, whose own file may have another size


def test_the_figure_of_a_stack_shows_the_displayed_slice(tmp_path, viewer, qtbot):
    stack = np.random.default_rng(0).integers(0, 99, (6, 12, 16), dtype=np.uint8)
    viewer.add_image(stack, name="stack", scale=(3, 2, 1))
    press(qtbot, open_dock(viewer, "2"))
    source = viewer.layers["stack"]
    for step in (1, 4):
        viewer.dims.set_current_step(0, step)
        path = tmp_path / f"{step}.png"
        results = list_results(viewer, str(source.unique_id))
        figure_writer(viewer, source, results)(path, False)
    with Image.open(tmp_path / "1.png") as one, Image.open(tmp_path / "4.png") as four:
        assert one.size == four.size
        assert not np.array_equal(one, four)


def test_the_figure_reads_lazy_data_in_its_thread(tmp_path, viewer, qtbot):
    reads = []
    lazy = da.from_array(GREY, chunks=8).map_blocks(lambda block: (reads.append(1), block)[1], dtype=GREY.dtype)
    source = viewer.add_image(lazy, name="lazy")
    press(qtbot, open_dock(viewer, "2"))
    settle(qtbot)
    before = len(reads)
    draw = figure_writer(viewer, source, list_results(viewer, str(source.unique_id)))
    assert len(reads) == before
    draw(tmp_path / "a.png", False)
    assert len(reads) > before


def test_a_figure_lacks_results_that_were_made_of_other_pixels(viewer, qtbot, tmp_path, figures):
    source = viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    source.data = 255 - RGB
    qtbot.waitUntil(lambda: column(widget, 0)[1:] == ["2 old", "4 old"])
    widget.k_values.value = "4"
    press(qtbot, widget)
    dialog = open_export(widget, qtbot)
    choose(dialog.options["figure"], ".png")
    assert dialog.notice.text() == "No figure of K=2: the image has changed since."
    dialog.cancel.click()
    export_figure(widget, qtbot, tmp_path)
    captions = [axes.get_title(loc="left") or axes.get_title() for axes in figures[0].axes if axes.images]
    assert len(captions) == 2, captions


def test_no_figure_is_drawn_of_pixels_that_turn_out_to_have_changed(viewer, qtbot, tmp_path, figures):
    source = viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    dialog = open_export(widget, qtbot)
    dialog.folder.setText(str(tmp_path))
    choose(dialog.options["image"], "")
    choose(dialog.options["figure"], ".png")
    source.data = 255 - RGB
    dialog.export.click()
    qtbot.waitUntil(lambda: "Nothing was saved." in dialog.notice.text())
    assert "the image has changed since" in dialog.notice.text()
    assert figures == []
    dialog.cancel.click()


def test_a_figure_lacks_results_of_several_layers_if_one_has_changed(viewer, qtbot, tmp_path):
    layers = [viewer.add_image(np.ascontiguousarray(RGB[..., index]), name=name) for index, name in enumerate("ab")]
    viewer.layers.selection = layers
    widget = open_dock(viewer, "3")
    widget.mode.value = "together"
    press(qtbot, widget)
    viewer.layers.selection.active = layers[0]
    layers[1].data = layers[1].data // 2
    qtbot.waitUntil(lambda: column(widget, 0)[1].endswith(" old"))
    dialog = open_export(widget, qtbot)
    choose(dialog.options["image"], "")
    choose(dialog.options["figure"], ".png")
    assert "the image has changed since" in dialog.notice.text()
    assert not dialog.export.isEnabled()
    dialog.cancel.click()
