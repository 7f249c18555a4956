"""The upper half of the dock: its choices, the text of the button, and the reasons why it is disabled."""

import threading
from types import SimpleNamespace

import dask.array as da
import numpy as np
import pytest
from driving import (
    GREY,
    RGB,
    button,
    column,
    is_shown,
    labels,
    menu_action,
    names,
    open_dock,
    open_dock_and_widget,
    press,
    settle,
    titles,
)
from qtpy.QtWidgets import QCheckBox, QLabel, QPushButton

from napari_quantize import quantize
from napari_quantize.core.analysis.saturation import find_saturation
from napari_quantize.viewer import messages
from napari_quantize.viewer.fields import saturation

CHANNELS = np.stack([GREY, GREY // 2 + 100, 255 - GREY])


def test_the_button_shows_the_number_of_layers(viewer):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    for text, expected in [
        ("2-4, 3", "Quantize · 3 layers, "),
        ("8", "Quantize · 1 layer, "),
        ("4 4;2,2", "Quantize · 2 layers, "),
        ("2–3", "Quantize · 2 layers, "),
    ]:
        widget.k_values.value = text
        assert widget.run.text.startswith(expected)
        assert widget.run.native.isEnabled()
        assert widget.message.value == ""


def test_invalid_numbers_are_named(viewer):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    for text, named in [
        ("0", "“0”"),
        ("2, x, 4", "“x”"),
        ("", "how many"),
        ("   ", "how many"),
        ("6-2", "“6-2”"),
        ("1.5", "“1.5”"),
        ("-3", "“-3”"),
        ("70000", "“70000”"),
        ("9" * 5000, "“9999999999…”"),
        ("<b>2</b>", "“<b>2</b>”"),
    ]:
        widget.k_values.value = text
        assert named in widget.message.value, text
        assert is_shown(widget.message.native, widget)
        assert not widget.run.native.isEnabled()
        widget.run.native.click()
        widget.run.changed.emit(True)
        assert not widget.busy
        widget.k_values.value = "2"
        assert widget.message.value == ""
        assert widget.run.native.isEnabled()
    assert names(viewer.layers) == ["cells"]


def test_keep_says_how_many_values_are_left_and_nothing_else(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer)
    for mode, unit in (("color", "colours"), ("global", "values")):
        widget.mode.value = mode
        texts = [label.text() for label in widget.native.findChildren(QLabel)]
        assert texts.count("Keep") == 1
        assert unit in texts
    press(qtbot, widget)
    buttons = [each.text() for kind in (QPushButton, QCheckBox) for each in widget.native.findChildren(kind)]
    assert [text for text in buttons if "keep" in text.lower()] == []


def test_without_an_image_the_button_is_disabled(viewer, qtbot):
    viewer.add_labels(GREY.astype(int), name="labels")
    widget = open_dock(viewer)
    assert widget.image.value is None
    assert not widget.run.native.isEnabled()
    assert widget.message.value.startswith("Open an image first")
    viewer.add_image(GREY, name="cells")
    assert widget.image.value.name == "cells"
    assert widget.message.value == ""
    assert len(press(qtbot, widget)) == 2


def test_memory_is_shown_and_red_if_more_than_is_free(viewer, monkeypatch):
    viewer.add_image(np.zeros((1000, 2000), np.uint16), name="large", contrast_limits=(0, 9))
    widget = open_dock(viewer, "2, 3")
    assert widget.run.text == "Quantize · 2 layers, 8 MB"
    calm = widget.run.native.styleSheet()
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=5_000_000))
    widget.k_values.value = "2, 3, 4"
    assert widget.run.native.styleSheet() != calm
    assert "memory" in widget.message.value
    assert widget.run.native.isEnabled()
    widget.k_values.value = "2"
    assert widget.run.native.styleSheet() == calm
    assert widget.message.value == ""


def test_mode_is_offered_with_channels_only(viewer):
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer)
    assert widget.mode.choices == ("color", "global", "per_channel")
    assert widget.mode.value == "color"
    widget.mode.value = "per_channel"
    viewer.add_image(GREY, name="cells")
    assert widget.mode.choices == ("global",)
    assert widget.mode.value == "global"
    viewer.layers.selection.active = photo
    assert widget.mode.choices == ("color", "global", "per_channel")
    assert widget.mode.value == "per_channel"


def test_the_exact_method_is_for_levels_only(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "4")
    item = widget.method.native.model().item(2)
    assert not item.isEnabled()
    assert "levels only" in item.toolTip()
    widget.mode.value = "global"
    assert item.isEnabled()
    widget.method.value = "exact"
    [layer] = press(qtbot, widget)
    assert layer.name == "K=4 levels exact · photo"
    np.testing.assert_array_equal(layer.data, quantize(RGB, 4, channel_axis=-1, method="exact"))
    widget.mode.value = "color"
    assert widget.method.value == "minibatch"
    assert not item.isEnabled()


def test_ignored_values_are_not_learnt_from(viewer, qtbot):
    image = np.concatenate([GREY, np.zeros_like(GREY), np.full_like(GREY, 255)])
    viewer.add_image(image, name="cells", contrast_limits=(40, 120))
    widget = open_dock(viewer, "3")
    for choice, name, ignore in [
        ("zeros", "without 0", [0]),
        ("saturated", "below 255", [(255, None)]),
        ("outside", "without ≤ 39, ≥ 121", [(None, np.nextafter(40, 0)), (np.nextafter(120, 255), None)]),
    ]:
        widget.ignore.value = choice
        qtbot.waitUntil(widget.run.native.isEnabled)
        [layer] = press(qtbot, widget)
        assert layer.name == f"K=3 {name} · cells"
        np.testing.assert_array_equal(layer.data, quantize(image, 3, ignore=ignore))


CAMERA = np.minimum(np.random.default_rng(0).poisson(4000, (60, 80)), 4095).astype(np.uint16)
N_SATURATED = np.count_nonzero(CAMERA == 4095)


def says(widget, text):
    return lambda: widget.message.value == text


@pytest.mark.parametrize("lazy", [False, True])
def test_saturated_values_are_counted_before_the_run(viewer, qtbot, lazy):
    dim = viewer.add_image(np.random.default_rng(0).poisson(300, (60, 80)).astype(np.uint16), name="dim")
    viewer.add_image(da.from_array(CAMERA) if lazy else CAMERA, name="camera", contrast_limits=(0, 4095))
    widget = open_dock(viewer, "3")
    widget.ignore.value = "saturated"
    qtbot.waitUntil(says(widget, f"{N_SATURATED} of 4,800 values are saturated (4,095) and are ignored."))
    [layer] = press(qtbot, widget)
    np.testing.assert_array_equal(layer.data, quantize(CAMERA, 3, ignore=[(4095, None)]))
    fewer = np.where(CAMERA == 4095, 4094, CAMERA)
    fewer[0, 0] = 4095
    viewer.layers["camera"].data = da.from_array(fewer) if lazy else fewer
    qtbot.waitUntil(says(widget, "1 of 4,800 values is saturated (4,095) and is ignored."))
    viewer.layers.selection.active = dim
    qtbot.waitUntil(says(widget, "No value is saturated: none is ignored."))
    [layer] = press(qtbot, widget)
    np.testing.assert_array_equal(layer.data, quantize(dim.data, 3))
    widget.ignore.value = "nothing"
    assert widget.message.value == ""


def test_saturated_values_of_several_layers_are_counted_together(viewer, qtbot):
    image = np.arange(300, dtype=np.uint16).reshape(15, 20)
    first, second = (viewer.add_image(image + offset, name="c") for offset in (0, 3796))
    viewer.layers.selection = {first, second}
    viewer.layers.selection.active = second
    widget = open_dock(viewer, "3")
    viewer.layers.selection = {first, second}
    widget.mode.value = "together"
    widget.ignore.value = "saturated"
    qtbot.waitUntil(
        says(widget, "1 of 600 values is saturated (4,095); colours are ignored where all channels are saturated.")
    )


def test_saturated_values_are_counted_once_and_never_in_the_gui_thread(viewer, qtbot, monkeypatch):
    threads, may_count = [], threading.Event()

    def count(*arguments, **options):
        threads.append(threading.current_thread())
        may_count.wait(10)
        return find_saturation(*arguments, **options)

    monkeypatch.setattr(saturation, "find_saturation", count)
    viewer.add_image(CAMERA % 1000, name="dim")
    widget = open_dock(viewer, "3")
    widget.ignore.value = "saturated"
    assert widget.message.value == messages.COUNTING_SATURATED
    assert not widget.run.native.isEnabled()
    widget.random_state.value = 1
    assert widget.message.value == messages.COUNTING_SATURATED
    may_count.set()
    qtbot.waitUntil(says(widget, "No value is saturated: none is ignored."))
    widget.random_state.value = 2
    assert widget.run.native.isEnabled()
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


def test_an_image_without_visible_values_has_no_saturated_ones(viewer, qtbot):
    viewer.add_image(np.zeros((4, 5, 4), np.uint8), rgb=True, name="clear")
    widget = open_dock(viewer, "3")
    widget.ignore.value = "saturated"
    qtbot.waitUntil(says(widget, "The image has no finite, visible value to learn from."))
    assert not widget.run.native.isEnabled()


def test_the_question_is_asked_for_few_planes(viewer):
    widget = open_dock(viewer)
    for length in (1, 2, 3, 5, 6, 20):
        viewer.add_image(np.stack([GREY] * length), name="stack", rgb=False)
        asked = any("first axis" in text for text in labels(widget))
        assert asked == (2 <= length <= 5)
        assert widget.run.native.isEnabled() == (not asked)
        # What to do first is one thing at a time.
        assert any(text.startswith("Press Quantize") for text in labels(widget)) == (not asked)


def test_axis_labels_answer_the_question(viewer):
    widget = open_dock(viewer, "2")
    for label, axis in [("c", 0), ("Channel", 0), ("z", None), ("T", None), ("time", None)]:
        viewer.layers.clear()
        viewer.add_image(CHANNELS, name="stack", rgb=False, axis_labels=(label, "y", "x"))
        assert not any("first axis" in text for text in labels(widget))
        assert widget.channel_axis.value == axis
        assert widget.run.native.isEnabled()


@pytest.mark.parametrize(("answer", "axis"), [("Channels", 0), ("Time or z", None)])
def test_the_answer_is_applied_and_remembered(answer, axis, viewer, qtbot):
    stack = viewer.add_image(CHANNELS, name="stack", rgb=False)
    widget = open_dock(viewer, "2")
    widget.run.changed.emit(True)
    assert not widget.busy
    button(widget, answer).click()
    assert widget.channel_axis.value == axis
    assert widget.run.native.isEnabled()
    assert not any("first axis" in text for text in labels(widget))
    assert widget.mode.choices == (("per_channel", "global", "color") if axis == 0 else ("global",))
    viewer.add_image(CHANNELS, name="other", rgb=False)
    assert any("first axis" in text for text in labels(widget))
    viewer.layers.selection.active = stack
    assert widget.channel_axis.value == axis
    if axis == 0:
        assert widget.mode.value == "per_channel"  # shared levels would all go to the brightest channel
        [layer] = press(qtbot, widget)
        assert [len(np.unique(channel)) for channel in layer.data] == [2, 2, 2]
        assert column(widget, 0)[1] == "2 own"


def test_an_answer_by_the_field_and_for_data_without_that_axis(viewer, qtbot):
    image = np.random.default_rng(0).integers(0, 99, (12, 16, 3), dtype=np.uint8)
    stack = viewer.add_image(image, name="narrow", rgb=False)
    widget = open_dock(viewer, "2")
    widget.channel_axis.value = 2
    widget.mode.value = "per_channel"
    [layer] = press(qtbot, widget)
    assert [len(np.unique(layer.data[..., channel])) for channel in range(3)] == [2, 2, 2]
    # 90 entries are no channels: what was answered for the old data is no longer there.
    stack.data = np.random.default_rng(0).integers(0, 99, (70, 80, 90), dtype=np.uint8)
    assert widget.channel_axis.value is None
    assert widget.mode.choices == ("global",)
    assert len(press(qtbot, widget)) == 1


def test_facts_follow_the_data(viewer, qtbot):
    cells = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2, 4")
    assert "8 bit · 16×12" in labels(widget)
    press(qtbot, widget)
    assert f"8 bit · 16×12 · {len(np.unique(GREY))} values" in labels(widget)
    cells.data = np.zeros((30, 40), np.uint16)
    assert "16 bit · 40×30" in labels(widget)
    assert widget.run.text == "Quantize · 2 layers, 5 KB"


@pytest.mark.parametrize(
    ("image", "ks", "words"),
    [
        (GREY // 50, "2, 16", ["4", "16"]),
        (np.full((5, 6), 7, np.uint8), "1, 4", ["one value"]),
    ],
)
def test_messages_after_a_run(image, ks, words, viewer, qtbot):
    viewer.add_image(image, name="it", contrast_limits=(0, 255))
    widget = open_dock(viewer, ks)
    assert len(press(qtbot, widget)) == 2
    for word in words:
        assert word in widget.message.value
    assert "→" in column(widget, 0)[-1]


def test_the_number_of_colours_is_shown(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "1, 4")
    press(qtbot, widget)
    assert widget.message.value == ""
    assert column(widget, 0)[1:] == ["1 (mean)", "4"]  # as many colours
    assert "colours" not in titles(widget)
    menu_action(widget, "Remove results").trigger()
    settle(qtbot)
    widget.mode.value = "global"
    _, four = press(qtbot, widget)
    n_colours = len(np.unique(four.data.reshape(-1, 3), axis=0))
    assert f"{n_colours:,} colours" in widget.message.value
    assert column(widget, titles(widget).index("colours"))[1:] == ["1", f"{n_colours:,}"]


def test_long_names_do_not_widen_the_dock(viewer, qtbot):
    name = "a fluorescence image of the third well from the left, field number 9 &c"
    viewer.add_image(np.stack([CHANNELS[0]] * 3), name=name, rgb=False)
    dock, widget = open_dock_and_widget(viewer)
    assert dock.minimumSizeHint().width() <= 300
    button(widget, "Channels").click()
    widget.k_values.value = "2, " * 40 + "65536, hello"
    assert dock.minimumSizeHint().width() <= 300
    widget.k_values.value = "1, 64"
    press(qtbot, widget)
    assert dock.minimumSizeHint().width() <= 300
