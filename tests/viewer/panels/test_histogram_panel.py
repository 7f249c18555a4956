"""The histogram in the dock, and figures saved from it."""

import numpy as np
import pytest
from driving import GREY, RGB, button, find_panel, open_dock, press
from napari import layers
from qtpy.QtWidgets import QFileDialog

from napari_quantize import sweep
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.cache import SliceFactsCache, cache_samples
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.panels.histogram import panel as histogram_panel
from napari_quantize.viewer.panels.histogram.model import HistogramModel
from napari_quantize.viewer.panels.histogram.panel import HistogramPanel


def figure_of(widget, qtbot):
    """Return matplotlib's figure in the dock, once it is drawn."""
    from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg

    def drawn():
        canvas = widget.native.findChild(FigureCanvasQTAgg)
        assert canvas is not None
        assert canvas.figure.axes

    qtbot.waitUntil(drawn)
    qtbot.wait(80)
    return widget.native.findChild(FigureCanvasQTAgg).figure


def test_rows_scale_levels_and_theme_are_drawn(window, qtbot):
    window.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(window, "4")
    press(qtbot, widget)
    figure = figure_of(widget, qtbot)
    assert len(figure.axes) == 1
    assert {axes.get_yscale() for axes in figure.axes} == {"log"}
    find_panel(widget, "Histogram").log.click()
    assert {axes.get_yscale() for axes in figure.axes} == {"linear"}
    dark = figure.get_facecolor()
    window.theme = "light"
    assert figure.get_facecolor() != dark
    light = figure.get_facecolor()
    assert sum(light[:3]) > sum(dark[:3])
    window.theme = "dark"
    assert figure.get_facecolor() == dark
    widget.mode.value = "per_channel"
    own, *_ = press(qtbot, widget)
    window.layers.selection.active = own
    qtbot.waitUntil(lambda: sum(axes.get_visible() for axes in figure.axes) == 3)
    window.add_image(GREY, name="cells")
    press(qtbot, widget)
    qtbot.waitUntil(lambda: sum(axes.get_visible() for axes in figure.axes) == 1)


def test_the_title_names_the_current_result(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, _ = press(qtbot, widget)
    assert button(widget, "▾ Histogram · K=4").isChecked()
    viewer.layers.selection.active = two
    assert button(widget, "▾ Histogram · K=2").isChecked()
    button(widget, "▾ Histogram · K=2").click()
    assert not button(widget, "▸ Histogram · K=2").isChecked()


def test_the_histogram_is_saved_in_each_format(tmp_path, viewer, qtbot, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4")
    press(qtbot, widget)
    for suffix, start in [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]:
        path = tmp_path / f"histogram{suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path, **__: (str(path), ""))
        find_panel(widget, "Histogram").save_button.click()
        assert path.read_bytes().startswith(start)


def test_saving_without_an_image_is_an_error(qtbot, tmp_path):
    panel = HistogramPanel()
    qtbot.addWidget(panel)
    with pytest.raises(ValueError, match="no histogram to save"):
        panel.save(tmp_path / "a.png")


def test_the_plot_is_prepared_while_the_user_pauses(window, qtbot):
    window.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(window, "2")
    panel = find_panel(widget, "Histogram")
    qtbot.waitUntil(lambda: panel._drawing is not None)
    assert len(panel._plot.figure.axes) == 1
    assert panel._plot.isHidden()
    before = panel._drawing
    press(qtbot, widget)
    qtbot.waitUntil(lambda: not panel._plot.isHidden())
    assert panel._drawing is before


def test_the_plot_is_not_prepared_during_a_run(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    widget.run.native.click()
    assert not find_panel(widget, "Histogram")._idle.isActive()
    qtbot.waitUntil(lambda: not widget.busy)


def family(image, **options):
    """Return a snapshot of an image with a result of K=3, and the result."""
    source = layers.Image(image, rgb=options.get("channel_axis") == -1)
    each_slice = options.pop("each_slice", False)
    [result] = sweep(image, [3], **options)
    layer = layers.Image(result.image, rgb=source.rgb)
    provenance = Provenance.of(result, str(source.unique_id), "it", layer, each_slice=each_slice)
    cache_samples(source, provenance.request, result.samples)
    facts = image_facts(image, channel_axis=provenance.facts_axis)
    return FamilySnapshot(source, facts, ((layer, provenance),), (layer, provenance)), result


@pytest.mark.parametrize("meanwhile", ["other result", "nothing"])
def test_what_is_shown_when_save_is_pressed_is_saved(meanwhile, qtbot, tmp_path, monkeypatch):
    panel = HistogramPanel()
    qtbot.addWidget(panel)
    panel.show_family(family(GREY)[0])
    panel.save(tmp_path / "before.png")
    later = FamilySnapshot() if meanwhile == "nothing" else family(RGB, channel_axis=-1, mode="color")[0]

    def ask_path(*_):
        panel.show_family(later)
        return tmp_path / "saved.png"

    monkeypatch.setattr(histogram_panel, "ask_figure_path", ask_path)
    panel.save_button.click()
    assert (tmp_path / "saved.png").read_bytes() == (tmp_path / "before.png").read_bytes()


@pytest.mark.parametrize("index", [0, 2])
def test_each_slice_on_its_own_is_counted(index):
    stack = np.random.default_rng(5).integers(0, 4000, (3, 12, 16), dtype=np.uint16)
    whole, result = family(stack, mode="per_channel", channel_axis=0, each_slice=True)
    facts = SliceFactsCache().get(whole.facts, result.samples[index])
    model = HistogramModel()
    model.show(FamilySnapshot(whole.source, facts, whole.results, whole.current, index))
    [row] = model.count()
    np.testing.assert_array_equal(row.members, np.bincount(result.codebook.encode(stack)[index].ravel()))
    model.zoom(0.1, float(stack[index].mean()))
    [row] = model.count()
    assert row.edges[1] - row.edges[0] < facts.edges[1] - facts.edges[0]
    np.testing.assert_array_equal(row.counts, np.histogram(stack[index], row.edges)[0])


def test_the_arrow_keys_go_on_in_a_result_with_fewer_rows():
    own, _ = family(RGB, mode="per_channel", channel_axis=-1)
    same, _ = family(RGB, channel_axis=-1)
    model = HistogramModel()
    model.show(own)
    model.count()
    model.point(2, 60.0)
    model.show(FamilySnapshot(own.source, own.facts, same.results, same.current))
    model.count()
    model.step(1)
    low, high = model.axis_range.bounds
    assert model.pointed == (0, (low + high) / 2 + 1)
