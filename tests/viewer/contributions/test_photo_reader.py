"""The reader takes photos, declines everything else without raising, and gives one complete layer."""

import json
import os
import pkgutil
import sys

import numpy as np
import pytest
from npe2 import PluginManifest
from PIL import Image

from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.save import save_raster
from napari_quantize.viewer.contributions.palette_reader import read_png_layer
from napari_quantize.viewer.contributions.photo_reader import get_reader, read_layer

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def saved(folder, pixels, name, **options):
    path = folder / name
    Image.fromarray(pixels).save(path, **options)
    return str(path)


def saved_steps(folder, steps, name, **options):
    first, *others = [Image.fromarray(step) for step in steps]
    first.save(folder / name, save_all=True, append_images=others, duration=[100, 200, 300], **options)
    return str(folder / name)


@pytest.fixture
def messages(monkeypatch):
    shown = []
    monkeypatch.setattr("napari.utils.notifications.show_info", shown.append)
    return shown


@pytest.mark.parametrize("name", ["a.jpg", "b.JPEG", "c.avif", "d.png", "e.webp", "f.gif", "g.bmp", "Grüße 1.ppm"])
def test_photo_names_are_taken(tmp_path, name):
    assert get_reader(str(tmp_path / name)) is read_layer
    assert get_reader([str(tmp_path / name)] * 2) is read_layer


@pytest.mark.parametrize(
    "path",
    [
        "a.tif",
        "a.TIFF",
        "a.npy",
        "a.zarr",
        "a.h5",
        "a.pdf",
        "a.eps",
        "a.fits",
        "jpg",
        "a",
        "",
        ".jpg",
        [],
        ["a.jpg", "a.tif"],
        None,
        7,
        [None],
    ],
)
def test_other_files_are_declined(path):
    assert get_reader(path) is None


def test_a_folder_is_declined(tmp_path):
    (tmp_path / "photos.jpg").mkdir()
    assert get_reader(str(tmp_path / "photos.jpg")) is None


def test_declared_patterns_are_readable():
    manifest = PluginManifest.from_distribution("napari-quantize")
    commands = {command.id: command.python_name for command in manifest.contributions.commands}
    for reader in manifest.contributions.readers:
        get = pkgutil.resolve_name(commands[reader.command])
        for pattern in set(reader.filename_patterns) - {"*.json"}:  # of these, the content decides
            assert get(pattern.replace("*", "photo")) is not None


@pytest.mark.parametrize(
    ("pixels", "is_rgb"),
    [(RGB, True), (np.dstack([RGB, RGB[..., 0]]), True), (RGB[..., 0].copy(), False), (RGB[:, :3, 0].copy(), False)],
)
def test_a_photo_is_one_layer(tmp_path, pixels, is_rgb, messages):
    path = saved(tmp_path, pixels, "my photo.png")
    [(data, attributes, kind)] = get_reader(path)(path)
    np.testing.assert_array_equal(data, pixels)
    assert kind == "image"
    assert (attributes["name"], attributes["rgb"]) == ("my photo", is_rgb)
    assert attributes["axis_labels"] == ("y", "x")
    info = attributes["metadata"]["file"]
    assert (info["format"], info["original_size"]) == ("PNG", [pixels.shape[1], 5])
    assert json.loads(json.dumps(info)) == info
    assert messages == []


@pytest.mark.parametrize("name", ["Grüße aus Köln", "two  words", "x" * 200, "a.b.c"])
def test_layer_is_named_like_the_file(tmp_path, name):
    path = saved(tmp_path, RGB, f"{name}.png")
    [(_, attributes, _)] = read_layer(path)
    assert attributes["name"] == name


@pytest.mark.skipif(sys.platform != "linux", reason="names are text on other systems")
def test_a_name_that_is_not_valid_text_is_replaced(tmp_path):
    path = saved(tmp_path, RGB, os.fsdecode(b"photo \xff.png"))
    [(_, attributes, _)] = get_reader(path)(path)
    assert attributes["name"] == "photo \ufffd"


def test_colour_animation(tmp_path):
    steps = [np.roll(RGB, step, axis=1) for step in range(3)]
    path = saved_steps(tmp_path, steps, "a.webp", lossless=True)
    [(data, attributes, _)] = read_layer(path)
    np.testing.assert_array_equal(data[..., :3], steps)
    assert (attributes["rgb"], attributes["axis_labels"]) == (True, ("time", "y", "x"))
    assert attributes["metadata"]["file"]["durations_ms"] == [100, 200, 300]


@pytest.mark.parametrize("columns", [3, 4])
def test_narrow_grey_animation_is_not_colour(tmp_path, columns):
    steps = [np.full((6, columns), level, np.uint8) for level in (0, 100, 200)]
    path = saved_steps(tmp_path, steps, "a.png")
    [(data, attributes, _)] = read_layer(path)
    np.testing.assert_array_equal(data, steps)
    assert (attributes["rgb"], attributes["axis_labels"]) == (False, ("time", "y", "x"))


def test_several_photos_are_a_stack(tmp_path):
    paths = [saved(tmp_path, RGB + step, f"{step}.png") for step in range(3)]
    [(data, attributes, _)] = get_reader(paths)(paths)
    np.testing.assert_array_equal(data, [RGB + step for step in range(3)])
    assert (attributes["name"], attributes["axis_labels"]) == ("0", ("file", "y", "x"))
    assert attributes["metadata"]["file"]["files"] == ["0.png", "1.png", "2.png"]


def test_photos_of_different_sizes_are_an_error(tmp_path):
    paths = [saved(tmp_path, RGB, "a.png"), saved(tmp_path, RGB[:3], "b.png")]
    with pytest.raises(ValueError, match=r"^a\.png is 7×5 RGB but b\.png is 7×3 RGB"):
        get_reader(paths)(paths)


def test_notes_are_shown(tmp_path, messages):
    path = tmp_path / "ink.jpg"
    Image.new("CMYK", (4, 4)).save(path)
    read_layer(str(path))
    assert messages == ["The CMYK colours have no usable profile; their conversion to RGB is approximate."]


def test_notes_need_no_viewer(tmp_path):
    path = tmp_path / "ink.jpg"
    Image.new("CMYK", (4, 4)).save(path)
    assert len(read_layer(str(path))) == 1


@pytest.mark.parametrize("make", [saved, lambda folder, pixels, name: saved_steps(folder, [pixels] * 2, name)])
def test_napari_accepts_the_layer(tmp_path, make):
    from napari.layers import Layer

    [layer_data] = read_layer(make(tmp_path, RGB, "a.png"))
    layer = Layer.create(*layer_data)
    assert layer.rgb
    assert layer.axis_labels == layer_data[1]["axis_labels"]
    assert layer.metadata["file"]["format"] == "PNG"


@pytest.mark.parametrize(
    ("scale", "unit"), [(1.0, "9**9**9**9"), (1.0, "furlong\0"), (1e299, "pixel"), (1e15, "micrometer")]
)
def test_a_scale_that_napari_cannot_use_is_left_out(tmp_path, messages, scale, unit):
    from napari.layers import Layer

    image = Raster(RGB, True, Calibration(("y", "x"), (0.5, scale), ("micrometer", unit)))
    path = save_raster(tmp_path / "a.indexed.png", image).path
    layer = Layer.create(*read_png_layer(str(path))[0])
    assert (tuple(layer.scale), [str(one) for one in layer.units]) == ((0.5, 1), ["micrometer", "pixel"])
    assert len(messages) == 1
