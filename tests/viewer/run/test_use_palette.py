"""*Use a palette*: the menu, the results, and the messages."""

import numpy as np
import pytest
from driving import GREY, RGB, column, names, open_dock, press, results_of, settle
from qtpy.QtWidgets import QApplication, QFileDialog

from napari_quantize import fit, sweep
from napari_quantize.core.classes.edited_levels import move_border
from napari_quantize.core.request.request import no_tick
from napari_quantize.palettes.io import write_palette
from napari_quantize.palettes.palette import Palette
from napari_quantize.text.methods import methods_sentence
from napari_quantize.text.results import is_measured_on_part
from napari_quantize.viewer.layers.cache import cached_facts, cached_samples
from napari_quantize.viewer.layers.palettes import palette_in, swatch_layer
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import MAX_LAZY_BYTES, Source
from napari_quantize.viewer.plan.compatibility import codebook_for, menu_entry

COLORS = np.array([[0, 0, 0], [255, 255, 255], [200, 30, 30], [20, 40, 200]], np.uint8)
PALETTE = Palette(COLORS, "flag & more")
GREYS = Palette(np.repeat(np.array([[0], [128], [255]], np.uint8), 3, axis=1), "greys")
LEVELS = fit(GREY, 4)
COLOURS = fit(RGB, 4, mode="color", channel_axis=-1)


def entries(widget):
    """Open the menu, and return its entries."""
    menu = widget._inputs.palette.menu()
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if not action.isSeparator()}


def use(widget, qtbot, text):
    """Choose an entry, and wait for what comes of it."""
    with qtbot.waitSignal(widget.finished):
        entries(widget)[text].trigger()
    settle(qtbot)


def nearest(image, colors):
    """By brute force."""
    distance = ((image[..., np.newaxis, :].astype(int) - colors.astype(int)) ** 2).sum(-1)
    return colors[distance.argmin(-1)]


def source(image, *, rgb=False, name="image"):
    return Source(name, name, image, rgb, ())


class Huge:
    shape, dtype = (MAX_LAZY_BYTES, 2), np.dtype(np.uint8)


@pytest.mark.parametrize(
    ("palette", "image", "message"),
    [
        (PALETTE, source(RGB, rgb=True), ""),
        (PALETTE, source(np.dstack([RGB, RGB[..., :1]]), rgb=True), ""),
        (PALETTE, source(RGB.astype(np.uint16), rgb=True), ""),
        (GREYS, source(GREY), ""),
        (PALETTE, source(GREY), "holds colours, but the image is grey"),
        (PALETTE, source(RGB.astype(np.int32), rgb=True), "not of int32"),
        (PALETTE, source(Huge()), "can be quantized at once"),
        (LEVELS, source(GREY), ""),
        (LEVELS, source(np.stack([GREY] * 3)), ""),
        (LEVELS, source(RGB, rgb=True), "these levels are for grey images, but “image” is in colour"),
        (LEVELS, source(GREY / 2), "these levels are of 8 bit, but “image” is 64 bit float"),
        (COLOURS, source(RGB, rgb=True), ""),
        (COLOURS, source(GREY), "these colours are for images in colour, but “image” is none"),
        (COLOURS, source(np.dstack([RGB, RGB[..., :1]]), rgb=True), "“image” has an alpha channel, but these colours"),
        (fit(np.stack([GREY] * 2), 4, mode="per_channel", channel_axis=0), source(np.stack([GREY] * 3)), "3 channels"),
    ],
)
def test_palettes_that_fit_an_image(palette, image, message):
    if message:
        with pytest.raises((ValueError, TypeError), match=message):
            codebook_for(palette, image, None, no_tick)
    else:
        assert codebook_for(palette, image, None, no_tick).apply(image.data).shape == image.data.shape


def test_menu_entries_are_short():
    assert menu_entry("x" * 60, PALETTE) == f"{'x' * 39}… · 4 colours"
    assert menu_entry("levels", LEVELS) == "levels · 4 levels"
    assert menu_entry("one", Palette(COLORS[:1])) == "one · 1 colour"


@pytest.mark.parametrize("palette", [PALETTE, GREYS, LEVELS, COLOURS, Palette(COLORS.astype(np.uint16) * 257, "deep")])
def test_swatches_hold_the_palette(palette):
    image, attributes = swatch_layer(palette, "name")
    assert palette_in(attributes["metadata"]) == palette
    n = len(palette.colors if isinstance(palette, Palette) else palette.levels[0])
    assert (image[..., 3] > 0).sum() == n


def test_many_swatches_stand_in_rows():
    colors = np.random.default_rng(0).integers(0, 256, (40, 3), dtype=np.uint8)
    image, _ = swatch_layer(Palette(colors), "")
    assert image.shape == (3, 16, 4)
    np.testing.assert_array_equal(image[..., :3].reshape(-1, 3)[:40], colors)
    assert image[2, 8:, 3].max() == 0


@pytest.mark.parametrize(
    "stored", [None, {}, {"colors": [[1, 2, 300]], "bits": 8, "name": "", "names": []}, {"codebook": {"format": "x"}}]
)
def test_an_invalid_palette_is_ignored(stored):
    assert palette_in({"napari_quantize_palette": stored}) is None


def test_an_opened_palette_is_applied(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2")
    press(qtbot, widget)
    image, attributes = swatch_layer(PALETTE, "")
    viewer.add_image(image, **attributes)
    assert names(widget.image.choices) == ["photo"]
    assert widget.message.value == "“flag & more” is a palette: Options → Use a palette gives it to “photo”."
    use(widget, qtbot, "flag && more · 4 colours")
    layer = viewer.layers["K=4 of flag & more · photo"]
    np.testing.assert_array_equal(layer.data, nearest(RGB, COLORS))
    assert column(widget, 0) == ["source", "2", "4 of flag & more"]
    provenance = provenance_of(layer)
    assert provenance.quality.rmse == pytest.approx(np.sqrt(((RGB - np.float64(layer.data)) ** 2).mean()))
    assert "nearest of the 4 colours of the palette “flag & more”" in methods_sentence(provenance)
    assert "learnt" not in methods_sentence(provenance)
    # Once more: it takes the place of the former one.
    use(widget, qtbot, "flag && more · 4 colours")
    assert column(widget, 0) == ["source", "2", "4 of flag & more"]


def test_a_palette_is_as_bright_as_an_image_of_12_bits(viewer, qtbot):
    deep = RGB * np.uint16(16)
    viewer.add_image(deep, name="photo", rgb=True)
    widget = open_dock(viewer, "2")
    image, attributes = swatch_layer(PALETTE, "")
    viewer.add_image(image, **attributes)
    use(widget, qtbot, "flag && more · 4 colours")
    expected = np.rint(COLORS * (4095 / 255)).astype(np.uint16)
    np.testing.assert_array_equal(viewer.layers["K=4 of flag & more · photo"].data, nearest(deep, expected))


def test_the_script_of_a_palette_gives_the_same_pixels(viewer, qtbot):
    viewer.add_image(RGB, name="photo", rgb=True)
    image, attributes = swatch_layer(PALETTE, "")
    viewer.add_image(image, **attributes)
    widget = open_dock(viewer)
    use(widget, qtbot, "flag && more · 4 colours")
    viewer.layers.selection.active = viewer.layers["K=4 of flag & more · photo"]
    widget._result_actions._on_copy_script()
    qtbot.waitUntil(lambda: "The script is copied" in widget.message.value)
    scope = {"viewer": viewer}
    exec(QApplication.clipboard().text(), scope)  # noqa: S102
    np.testing.assert_array_equal(scope["result"], nearest(RGB, COLORS))


def test_a_palette_from_a_file_is_applied(viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    path = tmp_path / "saved.json"
    LEVELS.save(path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    use(widget, qtbot, "From a file…")
    layer = viewer.layers["K=4 of saved.json · cells"]
    np.testing.assert_array_equal(layer.data, LEVELS.apply(GREY))
    assert provenance_of(layer).codebook == LEVELS
    assert "learnt from another image (kept in the file “saved.json”)" in methods_sentence(provenance_of(layer))
    viewer.layers.selection.active = layer
    widget._result_actions._on_copy_script()
    qtbot.waitUntil(lambda: "The script is copied" in widget.message.value)
    assert "# The levels are those of the file 'saved.json'." in QApplication.clipboard().text()
    write_palette(tmp_path / "greys.gpl", GREYS)
    path = tmp_path / "greys.gpl"
    use(widget, qtbot, "From a file…")
    values = np.array([0, 128, 255])
    expected = values[abs(GREY[..., np.newaxis] - values).argmin(-1)]
    np.testing.assert_array_equal(viewer.layers["K=3 of greys · cells"].data, expected)


def test_files_of_one_name_keep_a_result_each(viewer, qtbot, tmp_path, monkeypatch):
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer)
    expected = []
    for day, levels in (("1", LEVELS), ("2", fit(GREY // 2, 4)), ("2 again", fit(GREY // 2, 4))):
        path = tmp_path / day / "saved.json"
        path.parent.mkdir()
        levels.save(path)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, path=path: (str(path), ""))
        use(widget, qtbot, "From a file…")
        expected.append(levels.apply(GREY))
    layers = results_of(viewer)
    assert names(layers) == ["K=4 of saved.json · cells", "K=4 of saved.json · cells [1]"]
    for layer, image in zip(layers, expected[:2], strict=True):  # the same levels replace their own result only
        np.testing.assert_array_equal(layer.data, image)


def test_palettes_that_do_not_fit_are_reported_inline(viewer, qtbot, tmp_path, monkeypatch):
    widget = open_dock(viewer)
    path = tmp_path / "flag.gpl"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    entries(widget)["From a file…"].trigger()
    qtbot.waitUntil(lambda: "flag.gpl” could not be read: No such file" in widget.message.value)
    write_palette(path, PALETTE)
    entries(widget)["From a file…"].trigger()
    qtbot.waitUntil(lambda: widget.message.value.startswith("Choose an image first"))
    viewer.add_image(GREY, name="cells")
    for content, message in [(path.read_bytes(), "holds colours, but the image is grey"), (b"GIMP", "flag.gpl")]:
        widget._inputs.show_message("")
        path.write_bytes(content)
        entries(widget)["From a file…"].trigger()
        qtbot.waitUntil(lambda message=message: message in widget.message.value)
    assert names(viewer.layers) == ["cells"]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    entries(widget)["From a file…"].trigger()
    assert not widget.busy


def test_a_result_from_a_file_is_offered_as_a_palette(viewer, qtbot, tmp_path):
    viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "4")
    [own] = press(qtbot, widget)
    provenance = provenance_of(own)
    own.save(str(tmp_path / "own.indexed.png"))
    viewer.layers.clear()
    [opened] = viewer.open(tmp_path / "own.indexed.png", plugin="napari-quantize")
    assert provenance_of(opened) is None  # what was opened is an image like any other
    widget._result_actions._on_copy_methods()
    assert QApplication.clipboard().text() == methods_sentence(provenance)
    viewer.add_image(RGB[::-1].copy(), name="other", rgb=True)
    use(widget, qtbot, "own · 4 colours")
    layer = viewer.layers["K=4 of photo · other"]
    np.testing.assert_array_equal(layer.data, provenance.codebook.apply(RGB[::-1]))
    assert provenance_of(layer).learnt_from[1] == "photo"


def test_edited_levels_from_a_file_are_those_of_another_image(viewer, qtbot, tmp_path):
    [learnt] = sweep(GREY, (4,), mask=GREY > 50)
    move_border(learnt.codebook, learnt.samples[0], 0, 1, 110.0).save(tmp_path / "edited.json")
    viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "4")
    with qtbot.waitSignal(widget.finished):
        widget._palette_controller.use_file(tmp_path / "edited.json")
    layer = viewer.layers["K=4 edited part of edited.json · cells"]
    assert not is_measured_on_part(provenance_of(layer))
    assert "the mean of their class in a part of another image (kept in the file “edited.json”)" in methods_sentence(
        provenance_of(layer)
    )
    assert cached_samples(viewer.layers["cells"], provenance_of(layer).request) is None  # all pixels were counted


def test_no_palette_is_applied_during_a_run(viewer, qtbot, gate):
    viewer.add_image(RGB, name="photo", rgb=True)
    image, attributes = swatch_layer(PALETTE, "")
    viewer.add_image(image, **attributes)
    widget = open_dock(viewer, "2")
    widget.run.native.click()
    entries(widget)["flag && more · 4 colours"].trigger()
    assert widget.message.value == "Wait until the results are ready, or cancel."
    with qtbot.waitSignal(widget.finished):
        gate.open()


def test_an_image_that_is_removed_while_a_palette_is_fitted_gets_no_results(viewer, qtbot):
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "2, 4")
    image, attributes = swatch_layer(PALETTE, "")
    viewer.add_image(image, **attributes)
    entries(widget)["flag && more · 4 colours"].trigger()
    viewer.layers.remove(photo)
    qtbot.waitUntil(lambda: not widget._palette_controller._background.busy)
    settle(qtbot)
    assert not widget.busy
    assert names(viewer.layers) == ["flag & more"]


@pytest.mark.parametrize("label", ["z", "c"])
@pytest.mark.parametrize("of_file", [True, False])
def test_levels_of_each_slice_stay_those_of_slices(of_file, label, viewer, qtbot, tmp_path):
    stack = np.random.default_rng(0).integers(0, 99, (7, 8, 9), dtype=np.uint8)
    viewer.add_image(stack, name="stack", axis_labels=(label, "y", "x"))
    result = fit(stack, 2, mode="per_channel", channel_axis=0)
    widget = open_dock(viewer, "2")
    if of_file:
        result.save(tmp_path / "two.json")
        with qtbot.waitSignal(widget.finished):
            widget._palette_controller.use_file(tmp_path / "two.json")
        settle(qtbot)
        assert provenance_of(results_of(viewer)[-1]).each_slice == (label == "z")
        return
    widget.channel_axis.value = None
    widget.learn_from.value = "each slice"
    [own] = press(qtbot, widget)
    data, attributes, _ = own.as_layer_data_tuple()
    viewer.add_image(data, **{**attributes, "name": "copy"})
    widget.image.value = viewer.layers["stack"]
    use(widget, qtbot, "copy · 2 levels")
    made = [each for layer in results_of(viewer) if layer is not own and (each := provenance_of(layer))]
    assert [each.each_slice for each in made] == [True]


def test_data_that_are_replaced_while_a_palette_is_fitted_have_no_facts_of_the_former(viewer, qtbot):
    image = viewer.add_image(GREY, name="cells")
    widget = open_dock(viewer, "2")
    with qtbot.waitSignal(widget.finished):
        widget._palette_controller._use(GREYS, ("1", "greys"))
        image.data = GREY // 2 + 100
    facts = cached_facts(image)
    assert facts is None or facts.low == image.data.min()
