"""The panel *Show the steps* in the dock."""

import numpy as np
import pytest
from driving import GREY, RGB, accordion_of, button, open_dock, open_dock_and_widget, press, settle
from napari import layers
from napari.settings import get_settings
from PIL import Image
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QFileDialog
from slow_cases import slow_except
from steps_driver import panel_of

from napari_quantize import sweep
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.analysis.lloyd_trace import Lloyd
from napari_quantize.core.learning.learner import make_learner
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.cache import cache_samples
from napari_quantize.viewer.layers.provenance import Provenance, provenance_of
from napari_quantize.viewer.panels.lloyd_steps.panel import StepsPanel
from napari_quantize.viewer.plan.regions import EACH_SLICE

NAME = StepsPanel.name


def open_panel(widget, qtbot):
    """Open the panel and wait until its run is there."""
    accordion_of(widget).open(NAME)
    wait_for_run(panel_of(widget), qtbot)
    return panel_of(widget)


def wait_for_run(panel, qtbot):
    qtbot.waitUntil(lambda: panel._data is not None and not panel._background.busy)


def line(panel):
    return panel.line.text().replace("\N{NO-BREAK SPACE}", " ")


def test_the_steps_of_levels_are_those_of_lloyd(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    two, four = press(qtbot, widget)
    viewer.layers.selection.active = four
    panel = panel_of(widget)
    assert panel._data is None  # nothing is computed while the panel is closed
    panel = open_panel(widget, qtbot)
    samples = make_learner(GREY, provenance_of(four).codebook.request, None, lambda: None).samples[0]
    lloyd = Lloyd(samples)
    expected = lloyd.trace(4, 0)
    np.testing.assert_array_equal(panel._data.trace.centers, expected.centers)
    assert panel._data.best == pytest.approx(lloyd.least_error(4))
    assert panel._data.own == pytest.approx(lloyd.error(provenance_of(four).levels[0]))
    assert (panel.k.value(), panel.slider.maximum()) == (4, expected.n_steps)
    assert line(panel).startswith("Random start: ± ")
    viewer.layers.selection.active = two
    qtbot.waitUntil(lambda: panel._data.trace.centers.shape[1] == 2)
    panel.seed.setValue(5)
    qtbot.waitUntil(lambda: panel._request.seed == 5 and not panel._background.busy)
    np.testing.assert_array_equal(panel._data.trace.centers, lloyd.trace(2, 5).centers)
    panel.k.setValue(6)
    qtbot.waitUntil(lambda: panel._data.trace.centers.shape[1] == 6)
    assert panel._data.own is None  # the result has two


def test_buttons_slider_and_keys_go_to_a_step(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    last = panel.slider.maximum()
    assert last > 2
    assert (panel.back.isEnabled(), panel.forward.isEnabled()) == (False, True)
    panel.forward.click()
    panel.forward.click()
    assert line(panel).startswith(f"Step 2 of {last}: ±")
    panel.back.click()
    assert (panel.slider.value(), line(panel)[:6]) == (1, "Step 1")
    QTest.keyClick(panel.slider, Qt.Key.Key_End)
    assert "Nothing moves any more" in line(panel)
    assert (panel.back.isEnabled(), panel.forward.isEnabled()) == (True, False)
    QTest.keyClick(panel.slider, Qt.Key.Key_Left)
    assert panel.slider.value() == last - 1
    assert panel.back.focusProxy() is panel.slider


def test_play_ends_at_the_last_step_and_when_the_panel_is_closed(window, qtbot):
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "4")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel._timer.setInterval(1)
    button(widget, "Play").click()
    qtbot.waitUntil(lambda: panel.slider.value() == panel.slider.maximum())
    assert (panel.play.text(), panel._timer.isActive()) == ("Play", False)
    panel._timer.setInterval(10_000)
    panel.play.click()
    assert (panel.play.text(), panel._timer.isActive(), panel.slider.value()) == ("Pause", True, 0)
    accordion_of(widget).open("Histogram")
    assert (panel.play.text(), panel._timer.isActive()) == ("Play", False)


@pytest.mark.parametrize("font_size", slow_except([9, 14], 14))
def test_nothing_moves_when_play_becomes_pause(font_size, window, qtbot):
    get_settings().appearance.font_size = font_size
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "4")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    settle(qtbot)
    before = [part.geometry() for part in (panel.slider, panel.forward, panel.play)]
    panel.play.click()
    settle(qtbot)
    assert panel.play.text() == "Pause"
    assert [part.geometry() for part in (panel.slider, panel.forward, panel.play)] == before


def test_going_to_a_step_stops_playing(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.play.click()
    assert panel._timer.isActive()
    panel.slider.setValue(2)
    assert (panel._timer.isActive(), panel._playback.step) == (False, 2)


def test_playing_is_no_faster_than_three_steps_a_second(qtbot):
    panel = StepsPanel()
    qtbot.addWidget(panel)
    assert panel._timer.interval() >= 334


def test_each_channel_with_own_levels_has_its_steps(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "3")
    widget.mode.value = "per_channel"
    [layer] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    layer = provenance_of(layer)
    samples = make_learner(RGB, layer.codebook.request, None, lambda: None).samples
    assert [panel.channel.itemText(i) for i in range(3)] == ["levels of red", "levels of green", "levels of blue"]
    for channel in (0, 2):
        panel.channel.setCurrentIndex(channel)
        expected = Lloyd(samples[channel]).trace(3, 0).centers
        qtbot.waitUntil(lambda expected=expected: np.array_equal(panel._data.trace.centers, expected))
        assert panel._data.own == pytest.approx(Lloyd(samples[channel]).error(layer.levels[channel]))


def test_the_steps_of_colours_are_drawn(window, qtbot):
    window.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(window, "5")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    assert panel._data.trace.centers.shape[1:] == (5, 3)
    assert panel._data.best is None
    panel.forward.click()
    assert "(this result: ±" in line(panel)
    assert not panel.log.isVisible()
    assert not panel.channel.isVisible()
    qtbot.waitUntil(lambda: len(panel._plot.figure.axes) == 3)
    dark = panel._plot.figure.get_facecolor()
    window.theme = "light"
    assert panel._plot.figure.get_facecolor() != dark


def test_unknown_samples_show_a_sentence_instead(viewer, qtbot):
    panel = panel_of(open_dock(viewer))
    assert not panel.fits(FamilySnapshot())
    layer = viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.play.click()
    layer.data = GREY[::-1].copy()
    qtbot.waitUntil(lambda: panel._data is None)
    assert line(panel).startswith("Quantize the image again")
    assert not panel._timer.isActive()
    assert not any(part.isEnabled() for part in (panel.slider, panel.play, panel.back, panel.forward))
    assert not panel.save_button.isEnabled()
    viewer.layers.clear()
    settle(qtbot)


def test_a_stack_that_has_become_shorter_has_no_steps(qtbot):
    stack = np.random.default_rng(2).integers(0, 200, (5, 12, 16), dtype=np.uint8)
    [before], [now] = (sweep(data, [3], mode="per_channel", channel_axis=0) for data in (stack, stack[:3]))
    source, layer = layers.Image(stack[:3]), layers.Image(before.image)
    provenance = Provenance.of(before, str(source.unique_id), "stack", layer, each_slice=True)
    cache_samples(source, provenance.request, now.samples)
    panel = StepsPanel()
    qtbot.addWidget(panel)
    panel.show_family(FamilySnapshot(source, image_facts(stack[:3]), ((layer, provenance),), (layer, provenance)))
    for slice_index in (4, 1):
        panel.channel.setCurrentIndex(slice_index)
        assert line(panel).startswith("Quantize the image again")
    assert not panel._background.busy


def save(panel, path, monkeypatch, meanwhile=lambda: None):
    """Press *Save GIF…*, and choose a path; behind the dialog, something may happen."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (meanwhile(), (str(path), ""))[1])
    panel.save_button.click()


def test_the_gif_holds_all_steps(viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    save(panel, "", monkeypatch)
    save(panel, tmp_path / "steps", monkeypatch)
    assert panel.save_button.text().endswith("%")
    assert not panel.save_button.isEnabled()
    qtbot.waitUntil(panel.save_button.isEnabled)
    assert panel.save_button.text() == "Save GIF…"
    with Image.open(tmp_path / "steps.gif") as animation:
        assert animation.n_frames == panel.slider.maximum() + 1


def test_the_gif_holds_the_run_that_was_shown_when_save_was_pressed(viewer, qtbot, tmp_path, monkeypatch):
    layer = viewer.add_image(GREY.copy(), name="cells")
    widget = open_dock(viewer, "3")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    n_steps = panel.slider.maximum()

    def change_image():
        layer.data = GREY[::-1].copy()
        qtbot.waitUntil(lambda: panel._data is None)

    save(panel, tmp_path / "steps.gif", monkeypatch, change_image)
    qtbot.waitUntil(lambda: not panel.save_button._background.busy)
    with Image.open(tmp_path / "steps.gif") as animation:
        assert animation.n_frames == n_steps + 1


def test_a_gif_that_cannot_be_written_is_an_error(viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    path = tmp_path / "missing" / "steps.gif"
    save(panel, path, monkeypatch)
    qtbot.waitUntil(panel.save_button.isEnabled)
    assert line(panel) == f"“{path.name}” could not be written: No such file or directory."


def test_closing_the_dock_cancels_the_gif(viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(GREY, name="cells")
    dock, widget = open_dock_and_widget(viewer)
    widget.k_values.value = "3"
    press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.play.click()
    monkeypatch.setattr("napari_quantize.plots.animation.chosen_steps", lambda n_steps: [0, n_steps] * 1000)
    save(panel, tmp_path / "steps.gif", monkeypatch)
    background = panel.save_button._background
    viewer.window.remove_dock_widget(dock)
    settle(qtbot)
    qtbot.waitUntil(lambda: background._running is None)
    assert list(tmp_path.iterdir()) == []


def test_every_control_has_a_tooltip(qtbot):
    panel = StepsPanel()
    qtbot.addWidget(panel)
    controls = (panel.k, panel.seed, panel.channel, panel.back, panel.slider, panel.forward, panel.play)
    assert all(control.toolTip() for control in (*controls, panel.log, panel.save_button))


def test_the_channels_follow_a_stack_of_other_length(viewer, qtbot):
    def film(n_slices):
        return np.random.default_rng(n_slices).integers(0, 99, (n_slices, 8, 9), dtype=np.uint8)

    source = viewer.add_image(film(10), name="film", axis_labels=("t", "y", "x"))
    widget = open_dock(viewer, "2")
    widget.learn_from.value = EACH_SLICE
    [result] = press(qtbot, widget)
    panel = open_panel(widget, qtbot)
    panel.channel.setCurrentIndex(8)
    for n_slices in (5, 7):
        source.data = film(n_slices)
        with qtbot.waitSignal(widget.finished) as ended:
            widget.run.native.click()
        assert ended.args[0] == [result]
        assert panel.channel.count() == n_slices
        wait_for_run(panel, qtbot)
