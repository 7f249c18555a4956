"""*Copy → Python script*: it gives the bytes of the layer, and learns the same levels."""

import subprocess
import sys

import dask.array as da
import imageio.v3 as iio
import numpy as np
import pytest
from driving import GREY, RGB, menu_action, open_dock, press
from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtGui import QGuiApplication

from napari_quantize import sweep
from napari_quantize.viewer.export.script import script_inputs, write_script
from napari_quantize.viewer.layers.provenance import Provenance, provenance_of
from napari_quantize.viewer.layers.sources import Source

RNG = np.random.default_rng(5)
STACK = RNG.integers(0, 4000, (7, 12, 16), dtype=np.uint16)
BROKEN = RNG.normal(size=(12, 16)).astype(np.float32)
BROKEN[0, :3] = np.nan, np.inf, -np.inf
RGBA = np.dstack([RGB, np.where(GREY > 60, 255, 0).astype(np.uint8)])
PHOTO = {"mode": "color", "channel_axis": -1}
NASTY = 'it\'s "quoted"\n# and {odd}\\'

KINDS = {
    "grey": (GREY, {}, {}),
    "most significant byte first": (STACK[0].astype(">u2"), {}, {"method": "lloyd", "random_state": 4}),
    "NaN and infinities": (BROKEN, {}, {}),
    "half floats, exact": (BROKEN.astype(np.float16), {}, {"method": "exact"}),
    "doubles": (RNG.normal(size=(9, 9)), {}, {"ignore": [0.1, (None, -1.5)]}),
    "binary": (GREY > 100, {}, {}),
    "signed": (GREY.astype(np.int32) * 1000 - 90_000, {}, {"ignore": [(100_000, None)]}),
    "stack": (STACK, {}, {}),
    "own levels": (STACK[:3], {}, {"mode": "per_channel", "channel_axis": 0}),
    "palette of a stack's channels": (STACK[:3], {}, {"mode": "color", "channel_axis": 0, "balance": True}),
    "photo": (RGB, {"rgb": True}, PHOTO),
    "photo in Lab": (RGB, {"rgb": True}, {**PHOTO, "color_space": "lab"}),
    "photo with a kept colour": (RGB, {"rgb": True}, {**PHOTO, "keep": [(0, 0, 0), (255, 128, 0)]}),
    "levels of a photo": (RGB, {"rgb": True}, {"mode": "per_channel", "channel_axis": -1}),
    "photo with alpha": (RGBA, {"rgb": True}, {**PHOTO, "alpha": True}),
    "levels with alpha": (RGBA, {"rgb": True}, {"channel_axis": -1, "alpha": True}),
    "float photo": ((RGB / 255).astype(np.float32), {"rgb": True}, PHOTO),
}


def add_result(viewer, sources, k, options, **provenance_options):
    """Add a result of `sources` as a run of the dock does; the last of them is the result's own source."""
    images = [np.asarray(Source.of(source).data) for source in sources]
    [result] = sweep(np.stack(images) if len(sources) > 1 else images[0], (k,), **options)
    own = sources[-1]
    layer = Image(result.image[-1] if len(sources) > 1 else result.image, rgb=own.rgb, name=f"K={k} · {own.name}")
    together = [[str(source.unique_id), source.name] for source in sources] if len(sources) > 1 else []
    Provenance.of(result, str(own.unique_id), own.name, layer, together, **provenance_options).write(layer)
    viewer.add_layer(layer)
    return layer


def script_of(viewer, layer):
    return write_script(script_inputs(viewer, layer, provenance_of(layer)))


def run(script, **names):
    exec(script.text, names)  # noqa: S102
    return names


def run_learning(script, **names):
    """Run the script, and then its lines that learn."""
    _, marker, after = script.text.partition("can be learnt anew:\n")
    assert marker
    names = run(script, **names)
    exec(after.replace("# ", ""), names)  # noqa: S102
    return names


def assert_same_bytes(found, layer):
    assert (found.dtype, found.shape) == (layer.data.dtype, layer.data.shape)
    assert found.tobytes() == layer.data.tobytes()


@pytest.mark.parametrize(
    ("kind", "k"), [(kind, k) for kind in KINDS for k in (1, 5, 300) if k >= len(KINDS[kind][2].get("keep", ()))]
)
def test_the_script_gives_the_same_bytes_and_learns_the_same_codebook(kind, k):
    image, attributes, options = KINDS[kind]
    viewer = ViewerModel()
    source = viewer.add_image(image, name=NASTY, **{"rgb": False, **attributes})
    layer = add_result(viewer, [source], k, options)
    script = script_of(viewer, layer)
    assert script.exact
    assert script.in_viewer
    assert max(map(len, script.text.splitlines())) <= 200
    found = run_learning(script, viewer=viewer)
    assert_same_bytes(found["result"], layer)
    assert found["codebook"] == provenance_of(layer).codebook


def test_the_script_is_short_for_few_levels():
    viewer = ViewerModel()
    layer = add_result(viewer, [viewer.add_image(GREY, name="cells")], 8, {})
    assert len(script_of(viewer, layer).text.splitlines()) <= 30


def test_the_script_of_layers_together_gives_the_own_channel():
    viewer = ViewerModel()
    layers = [viewer.add_image(channel, name=f"c{i}") for i, channel in enumerate(STACK[:3])]
    layer = add_result(viewer, layers, 6, {"mode": "color", "channel_axis": 0})
    found = run_learning(script_of(viewer, layer), viewer=viewer)
    assert_same_bytes(found["result"], layer)
    viewer.layers.remove(layers[0])
    with pytest.raises(ValueError, match="“c0” is no longer in the viewer"):
        script_of(viewer, layer)


@pytest.mark.parametrize("multiscale", [False, True])
def test_the_script_of_lazy_and_multiscale_layers_gives_the_same_bytes(multiscale):
    viewer = ViewerModel()
    lazy = da.from_array(STACK, chunks=(3, 5, 16))
    data = [lazy, lazy[:, ::2, ::2]] if multiscale else lazy
    layer = add_result(viewer, [viewer.add_image(data, name="lazy", multiscale=multiscale)], 4, {})
    assert_same_bytes(run_learning(script_of(viewer, layer), viewer=viewer)["result"], layer)


def test_the_script_says_that_a_region_is_missing():
    viewer = ViewerModel()
    layer = add_result(viewer, [viewer.add_image(GREY, name="cells")], 4, {"mask": GREY > 50})
    script = script_of(viewer, layer)
    assert "within a region that is not in this script" in script.text
    assert_same_bytes(run(script, viewer=viewer)["result"], layer)


def test_the_script_learns_levels_from_the_other_layer():
    viewer = ViewerModel()
    first, second = viewer.add_image(GREY, name="one"), viewer.add_image(GREY // 2, name="two")
    layer = add_result(viewer, [first], 4, {})
    codebook = provenance_of(layer).codebook
    applied = Image(codebook.apply(second.data))
    [result] = sweep(first.data, (4,))
    learnt = (str(first.unique_id), "one")
    Provenance.of(result, str(second.unique_id), "two", applied, learnt_from=learnt).write(applied)
    viewer.add_layer(applied)
    found = run_learning(script_of(viewer, applied), viewer=viewer)
    assert_same_bytes(found["result"], applied)
    assert found["codebook"] == codebook
    viewer.layers.remove(first)
    script = script_of(viewer, applied)
    assert "learnt from the layer 'one'" in script.text
    assert_same_bytes(run(script, viewer=viewer)["result"], applied)


def test_the_script_is_not_exact_after_the_source_changed():
    viewer = ViewerModel()
    source = viewer.add_image(GREY.copy(), name="cells")
    layer = add_result(viewer, [source], 4, {})
    assert script_of(viewer, layer).exact
    source.data = GREY[::-1].copy()
    assert not script_of(viewer, layer).exact


FILES = {
    "napari": ("cells.tif", STACK),
    "napari's arrays": ("cells.npy", STACK),
    "napari's photos": ("photo.png", RGB),
    "ours": ("photo.jpg", RGB),
}


@pytest.mark.parametrize("kind", FILES)
def test_scripts_of_files_run_without_napari(kind, tmp_path, viewer):
    name, image = FILES[kind]
    path = tmp_path / name
    if path.suffix == ".npy":
        np.save(path, image)
    else:
        iio.imwrite(path, image)
    [source] = viewer.open(path, plugin="napari-quantize" if kind == "ours" else "napari", stack=False)
    layer = add_result(viewer, [source], 4, PHOTO if source.rgb else {})
    script = script_of(viewer, layer)
    assert not script.in_viewer
    assert "viewer" not in script.text
    assert_same_bytes(run_learning(script)["result"], layer)
    out = tmp_path / "out.npy"
    code = f"{script.text}\nimport sys, numpy\nassert 'napari' not in sys.modules\nnumpy.save({str(out)!r}, result)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert_same_bytes(np.load(out), layer)


def test_a_file_with_other_pixels_is_not_named(tmp_path, viewer):
    path = tmp_path / "cells.tif"
    iio.imwrite(path, STACK)
    [source] = viewer.open(path, plugin="napari")
    layer = add_result(viewer, [source], 4, {})
    for spoil in (lambda: iio.imwrite(path, STACK + 1), path.unlink):
        spoil()
        script = script_of(viewer, layer)
        assert script.in_viewer
        assert str(path) not in script.text
        assert_same_bytes(run(script, viewer=viewer)["result"], layer)


def test_the_copy_menu_copies_a_script_that_runs(viewer, qtbot):
    viewer.add_image(RGBA, name="photo", rgb=True)
    widget = open_dock(viewer, "4")
    menu_action(widget, "Python script").trigger()
    assert "quantize an image first" in widget.message.value
    [layer] = press(qtbot, widget)
    QGuiApplication.clipboard().clear()
    menu_action(widget, "Python script").trigger()
    qtbot.waitUntil(lambda: "result" in QGuiApplication.clipboard().text())
    assert "console" in widget.message.value
    found = {"viewer": viewer}
    exec(QGuiApplication.clipboard().text(), found)  # noqa: S102
    assert_same_bytes(found["result"], layer)
    layer.data = layer.data // 2
    menu_action(widget, "Python script").trigger()
    qtbot.waitUntil(lambda: "changed since" in widget.message.value)
