"""The histogram under the pointer: readout, zoom and panning."""

import numpy as np
import pytest
from driving import GREY, RGB, is_shown, press, settle
from panels_driver import drawn_histogram, quantize_image
from pointer import Pointer, wait_for_rest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

from napari_quantize.viewer.panels.histogram import messages as histogram_messages

DEEP = np.random.default_rng(2).integers(100, 20_000, (20, 30), dtype=np.uint16)


def counted(number, one="pixel"):
    return f"{number:,} {one if number == 1 else f'{one}s'}"


def opened(window, qtbot, image, mode=None, ks="4", **options):
    """Return the histogram's panel, drawn, a pointer over it, and the dock."""
    widget, _ = quantize_image(window, qtbot, image, ks, mode=mode, active=-1, **options)
    panel = drawn_histogram(widget, qtbot)
    return panel, Pointer(panel._plot.figure), widget


def test_the_readout_shows_value_count_and_class(window, qtbot):
    panel, mouse, _ = opened(window, qtbot, GREY)
    height = panel.readout.height()
    codebook = panel.model.shown.provenance.codebook
    for near in (20, 90, 150):
        value = round(mouse.move(near))  # in a narrow dock not each value has a pixel
        number = int(codebook.encode(np.array([value], np.uint8))[0])
        share = np.mean(codebook.encode(GREY) == number)
        first, second = panel.readout.lines
        assert first == f"value {value}: {counted(np.count_nonzero(value == GREY))}"
        assert second.startswith(f"class {number + 1} · level {codebook.outputs[0][number]} · {share:.1%}"[:-1])
        assert panel.readout.accessibleName() == f"{first}; {second}"
    assert panel.readout.height() == height
    mouse.leave()
    assert panel.readout.lines[0].startswith("Point at a bar")
    assert panel.readout.height() == height


def test_the_line_stands_at_the_pointed_value(window, qtbot):
    _panel, mouse, _ = opened(window, qtbot, GREY)
    line = mouse.canvas.findChild(QWidget)
    assert not line.isVisible()

    def stands_there():
        mouse.move(60)
        return line.isVisible() and abs(line.x() - mouse.pixel(60).x()) <= 1

    qtbot.waitUntil(stands_there)  # the plot may have to be laid out once more
    mouse.leave()
    assert not line.isVisible()


def test_the_readout_shows_luminance_and_channels(window, qtbot):
    panel, mouse, widget = opened(window, qtbot, RGB, mode="color", rgb=True)
    value = round(mouse.move(99))  # in a narrow dock not each value has a pixel
    bright = np.rint(RGB @ [0.2126, 0.7152, 0.0722])
    text = " ".join(panel.readout.lines)
    assert f"luminance {value}: {counted(np.count_nonzero(bright == value))}" in text
    palette = panel.model.shown.palette
    mouse.move(float(palette[1] @ [0.2126, 0.7152, 0.0722]))
    members = int(panel.model.members[1])
    assert panel.readout.lines[1] == f"colour 2 of 4, #{bytes(palette[1]).hex()} · {members} pixels"
    widget.mode.value = "global"
    *_, last = press(qtbot, widget)
    window.layers.selection.active = last
    wait_for_rest(qtbot, panel._plot.figure.canvas)

    def shows_channels():
        value = round(mouse.move(99))
        channels = [np.count_nonzero(RGB[..., channel] == value) for channel in range(3)]
        return panel.readout.lines[0] == "value {}: R {} · G {} · B {}".format(value, *channels)

    qtbot.waitUntil(shows_channels)  # the other result's plot may be drawn after the first move
    assert panel.readout.lines[1].startswith("class ")


def test_the_readout_shows_the_pointed_row(window, qtbot):
    panel, _, _ = opened(window, qtbot, RGB, mode="per_channel", rgb=True)
    for row, name in enumerate(("red", "green", "blue")):
        expected = f"{name} 50: {counted(np.count_nonzero(RGB[..., row] == 50))}"

        def reads(row=row, text=expected):
            Pointer(panel._plot.figure, row).move(50)
            return panel.readout.lines[0] == text

        qtbot.waitUntil(reads)  # the plot may still be getting its size


def test_wheel_drag_and_double_click_change_the_range(window, qtbot):
    panel, mouse, _ = opened(window, qtbot, DEEP)
    whole = panel.model.axis_range.bounds
    assert mouse.axes.get_xlim() == whole
    x = 6000.0
    mouse.canvas.setFocus()  # as a click does
    for _ in range(30):
        mouse.wheel(x, 1)
    low, high = mouse.axes.get_xlim()
    assert low < x < high
    assert high - low < 40
    # A bar now is one value of 16 bits.
    pixel = mouse.pixel(round(x))
    mouse.move(round(x))
    assert panel.readout.lines[0] == f"value {round(x):,}: {counted(np.count_nonzero(round(x) == DEEP))}"
    assert pixel == mouse.pixel(round(x))
    mouse.drag(low + 0.8 * (high - low), low + 0.2 * (high - low))
    moved = mouse.axes.get_xlim()
    assert moved[0] - low == pytest.approx(0.6 * (high - low), rel=0.1)
    assert moved[1] - moved[0] == pytest.approx(high - low)
    mouse.double_click(sum(moved) / 2)
    assert mouse.axes.get_xlim() == whole
    for _ in range(3):
        mouse.wheel(x, -1)
    assert mouse.axes.get_xlim() == whole


@pytest.mark.slow
def test_the_range_is_kept_for_the_same_image(window, qtbot):
    panel, mouse, widget = opened(window, qtbot, GREY, ks="2, 4")
    mouse.canvas.setFocus()
    mouse.wheel(100, 2)
    zoomed = mouse.axes.get_xlim()
    assert zoomed != panel.model.axis_range.bounds
    mouse.leave()
    assert "Double click" in panel.readout.lines[1]
    window.layers.selection.active = window.layers[1]
    qtbot.wait(80)
    assert mouse.axes.get_xlim() == zoomed
    window.add_image(DEEP, name="other")
    *_, made = press(qtbot, widget)
    window.layers.selection.active = made
    qtbot.waitUntil(lambda: mouse.axes.get_xlim() != zoomed)
    assert panel.model.axis_range.is_whole


def test_keys_move_the_line_and_zoom(window, qtbot):
    panel, mouse, _ = opened(window, qtbot, GREY)
    mouse.move(60)
    at = round(panel.model.pointed[1])  # the value of a whole pixel
    assert panel.readout.lines[0].startswith(f"value {at}:")
    mouse.key(Qt.Key.Key_Right)
    mouse.key(Qt.Key.Key_Right)
    assert panel.readout.lines[0].startswith(f"value {at + 2}:")
    mouse.key(Qt.Key.Key_Left)
    assert panel.readout.lines[0].startswith(f"value {at + 1}:")
    mouse.key(Qt.Key.Key_Plus)
    assert not panel.model.axis_range.is_whole
    for _ in range(120):
        mouse.key(Qt.Key.Key_Right)
    low, high = mouse.axes.get_xlim()
    assert low <= panel.model.pointed[1] <= high
    mouse.key(Qt.Key.Key_Home)
    assert panel.model.axis_range.is_whole


@pytest.mark.slow
def test_the_saved_histogram_has_no_line(window, qtbot, tmp_path):
    panel, mouse, _ = opened(window, qtbot, GREY)
    panel.save(tmp_path / "before.png")
    mouse.move(60)
    panel.save(tmp_path / "after.png")
    assert (tmp_path / "before.png").read_bytes() == (tmp_path / "after.png").read_bytes()


def test_without_an_image_the_readout_is_hidden(window, qtbot):
    panel, _, widget = opened(window, qtbot, GREY)
    assert is_shown(panel.readout, widget)
    for layer in list(window.layers):
        window.layers.remove(layer)
    settle(qtbot)
    assert not is_shown(panel.readout, widget)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_histogram_of_colours_can_be_zoomed(window, qtbot, dtype):
    image = (RGB / 255).astype(dtype) if dtype == np.float32 else RGB.astype(dtype) * (np.iinfo(dtype).max // 255)
    panel, mouse, _ = opened(window, qtbot, image, mode="color", rgb=True)
    [before] = panel.model.rows
    mouse.move(image[..., 1].mean())
    for _ in range(9):
        mouse.key(Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: panel.model.rows[0] is not before)
    wait_for_rest(qtbot, panel._plot.figure.canvas)
    [row] = panel.model.rows
    assert row.is_luminance
    assert len(row.edges) == len(row.counts) + 1
    assert row.counts.sum() == image[..., 0].size


def test_the_pixels_of_a_colour_are_about_known_where_there_are_too_many_colours(window, qtbot):
    noise = np.random.default_rng(0).random((520, 520, 3), dtype=np.float32)
    panel, mouse, _ = opened(window, qtbot, noise, mode="color", rgb=True)
    mouse.move(float(panel.model.shown.palette[1] @ [0.2126, 0.7152, 0.0722]))
    assert f" · about {panel.model.members[1]:,} pixels" in panel.readout.lines[1]


@pytest.mark.parametrize(
    ("palette", "white", "name"),
    [
        (np.array([[0, 128, 255]], np.uint8), 255, "#0080ff"),
        (np.array([[0, 2056, 4095]], np.uint16), 4095, "#0080ff"),
        (np.array([[0, 32896, 65535]], np.uint16), 65535, "#0080ff"),
        (np.array([[0, 0.5, 1.5]], np.float32), 1, "#0080ff"),
    ],
)
def test_colours_are_named_by_their_white(palette, white, name):
    assert histogram_messages.colour(0, palette, rgb=True, white=white) == f"colour 1 of 1, {name}"
