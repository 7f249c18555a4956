"""One door in: photos, our PNG, TIFF, NumPy's files, in other sizes, too."""

import re

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin
from rasters import assert_same, grey, raster

from napari_quantize import Codebook, fit, read_image
from napari_quantize.core.request.request import Request
from napari_quantize.formats import arrays
from napari_quantize.formats.load import load
from napari_quantize.formats.png.chunks import chunk
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.save import save_raster


def test_photos_are_loaded_as_by_read_image(tmp_path):
    Image.fromarray(grey(20, 30, 3)).save(tmp_path / "a.jpg", quality=95)
    loaded = load(tmp_path / "a.jpg")
    image, info = read_image(tmp_path / "a.jpg")
    np.testing.assert_array_equal(loaded.raster.image, image)
    assert loaded.info == info
    assert loaded.raster.calibration == Calibration.of_pixels("y", "x")
    assert (loaded.channel_axis, loaded.alpha) == (2, False)


def test_animations_have_an_axis_of_time(tmp_path):
    frames = [Image.fromarray(grey(5, 7, 3, seed=seed)) for seed in range(3)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    raster = load(tmp_path / "a.webp").raster
    assert raster.calibration.axes == ("t", "y", "x")
    assert raster.image.shape == (3, 5, 7, 3)


@pytest.mark.parametrize(
    ("image", "rgb"),
    [
        (grey(9, 7) // 60 * 60, False),
        (grey(9, 7, dtype="bool"), False),
        (grey(9, 7, 3) // 60, True),
        (grey(9, 7, 4) // 60, True),
    ],
)
def test_our_png_is_loaded_as_saved(tmp_path, image, rgb):
    wanted = raster(image, rgb=rgb, scale=0.25, unit="nanometer")
    loaded = load(save_raster(tmp_path / "a.indexed.png", wanted).path)
    assert_same(loaded.raster, wanted)
    assert loaded.info["rgb"] == rgb
    assert loaded.alpha == (image.shape[2:] == (4,))
    smaller = load(tmp_path / "a.indexed.png", (3, 4)).raster
    assert (smaller.image.shape[:2], smaller.image.dtype, smaller.rgb) == ((4, 3), image.dtype, rgb)


def test_a_damaged_record_in_a_png_is_noted(tmp_path):
    path = save_raster(tmp_path / "a.png", raster(grey(9, 7) // 60, scale=0.5)).path
    content = path.read_bytes()
    place = content.index(b"iTXt")
    length = int.from_bytes(content[place - 4 : place], "big")
    path.write_bytes(
        content[: place - 4] + chunk(b"iTXt", b"napari-quantize\0\1\0\0\0garbage") + content[place + length + 8 :]
    )
    loaded = load(path)
    assert loaded.raster.calibration.scale == (1.0, 1.0)
    assert len(loaded.info["notes"]) == 1
    assert "damaged" in loaded.info["notes"][0]


@pytest.mark.parametrize(
    ("shape", "axes", "rgb"),
    [
        ((9,), ("x",), False),
        ((9, 7), ("y", "x"), False),
        ((3, 9, 7), ("-3", "y", "x"), False),
        ((9, 7, 3), ("y", "x"), True),
        ((9, 7, 4), ("y", "x"), True),
        ((9, 4, 3), ("-3", "y", "x"), False),
        ((2, 9, 7, 3), ("-3", "y", "x"), True),
        ((2, 2, 9, 7), ("-4", "-3", "y", "x"), False),
    ],
)
def test_numpy_arrays_are_loaded(tmp_path, shape, axes, rgb):
    image = grey(*shape)
    np.save(tmp_path / "a.npy", np.asfortranarray(image).astype(">i2"))
    loaded = load(tmp_path / "a.npy")
    np.testing.assert_array_equal(loaded.raster.image, image)
    assert loaded.raster.image.dtype == np.dtype("=i2")
    assert loaded.raster.image.flags.writeable
    assert (loaded.raster.calibration, loaded.raster.rgb) == (Calibration.of_pixels(*axes), rgb)
    assert len(loaded.info["notes"]) == rgb


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "uint16", "int64", "float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "axes", "rgb"), [((20, 30), "yx", False), ((2, 20, 30), "tyx", False), ((20, 30, 3), "yx", True)]
)
def test_resizing_keeps_dtype_and_extent(tmp_path, dtype, shape, axes, rgb):
    image = (grey(*shape, dtype="uint8") > 60).astype(dtype) * np.array(100, dtype)
    path = save_raster(tmp_path / "a.tif", raster(image, axes, rgb=rgb, scale=0.5, unit="micrometer")).path
    small = load(path, (15, 10)).raster
    assert small.image.dtype == image.dtype
    assert small.image.shape == (*shape[: len(axes) - 2], 10, 15, *shape[len(axes) :])
    assert small.calibration.scale[-2:] == (1.0, 1.0)
    assert small.image.min() >= np.iinfo(dtype).min if image.dtype.kind in "iu" else True
    assert abs(float(small.image.mean()) - float(image.mean())) < 0.1 * float(image.max())
    assert_same(load(path, (30, 20)).raster, load(path).raster)


def test_photos_and_tiffs_are_resized_alike(tmp_path):
    image = grey(20, 30, 3)
    Image.fromarray(image).save(tmp_path / "a.png")
    save_raster(tmp_path / "a.tif", raster(image, rgb=True))
    np.testing.assert_array_equal(
        load(tmp_path / "a.png", (15, 11)).raster.image, load(tmp_path / "a.tif", (15, 11)).raster.image
    )


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize(("shape", "rgb"), [((20, 30), False), ((20, 30, 3), True), ((20, 30, 4), True)])
def test_the_record_of_a_png_applies_only_to_its_pixels(tmp_path, shape, rgb, changed):
    image = grey(*shape) // 40 * 40
    codebook = fit(
        image, 3, mode="color" if rgb else "global", channel_axis=-1 if rgb else None, alpha=shape[2:] == (4,)
    )
    saved = Raster(codebook.apply(image), rgb, Calibration.of_pixels("y", "x"), codebook, {"source": "a"})
    save_raster(tmp_path / "a.png", saved)
    with Image.open(tmp_path / "a.png") as picture:
        text = PngImagePlugin.PngInfo()
        for name, value in picture.text.items():
            text.add_itxt(name, value, zip=True)
        full = picture.convert({2: "L", 3: "RGB"}[len(shape)] if shape[2:] != (4,) else "RGBA")
        (full.resize((15, 10)) if changed else full).save(tmp_path / "b.png", pnginfo=text)
    loaded = load(tmp_path / "b.png")
    if not changed:
        assert_same(loaded.raster, saved)
        assert not loaded.info["notes"]
        return
    assert (loaded.raster.codebook, loaded.raster.record) == (None, None)
    assert loaded.info["notes"] == [
        "The record in the file was left out: the pixels were changed after it was written."
    ]


def test_resizing_respects_the_limit_of_memory(tmp_path, monkeypatch):
    images = {"a.tif": grey(3, 40, 50), "a.npy": grey(3, 40, 50), "b.png": grey(40, 50)}
    for name, image in images.items():
        save_raster(tmp_path / name, raster(image, "zyx"[-image.ndim :]))
    monkeypatch.setattr(arrays, "MAX_ARRAY_BYTES", 10_000)
    for name in images:
        with pytest.raises(ValueError, match=rf"^{re.escape(name)} would need .*100 × 101 values of uint8\): more"):
            load(tmp_path / name, (101, 100))


def test_one_dimensional_arrays_cannot_be_resized(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(9))
    with pytest.raises(ValueError, match=r"has no width and height"):
        load(tmp_path / "a.npy", (3, 3))


def test_the_facts_of_the_file(tmp_path):
    path = save_raster(tmp_path / "a.tif", raster(grey(3, 40, 50, dtype="uint16"), "zyx")).path
    info = load(path).info
    size = path.stat().st_size
    assert (info["format"], info["original_size"], info["rgb"], info["notes"]) == ("TIFF", [50, 40], False, [])
    assert info["file_kb"] == round(size / 1024, 1)
    assert info["bits_per_pixel"] == round(8 * size / 6000, 3)
    assert info["compression_ratio"] == round(12000 / size, 3)


def test_channels_are_found_by_their_name(tmp_path):
    path = save_raster(tmp_path / "a.tif", raster(grey(3, 2, 9, 7), "zcyx")).path
    assert load(path).channel_axis == 1


@pytest.mark.parametrize(
    ("unit", "scale", "known"),
    [
        ("micron", 0.5, "micrometer"),
        ("\\u00B5m", 0.5, "micrometer"),
        ("microns", 0.5, "micrometer"),
        ("furlong", 1.0, "pixel"),
    ],
)
def test_units_of_imagej_are_read(tmp_path, unit, scale, known):
    options = {"imagej": True, "resolution": (2, 2), "metadata": {"unit": unit}}
    tifffile.imwrite(tmp_path / "a.tif", grey(9, 7), **options)
    loaded = load(tmp_path / "a.tif")
    assert loaded.raster.calibration == Calibration(("y", "x"), (scale,) * 2, (known,) * 2)
    assert len(loaded.info["notes"]) == (known == "pixel")


def test_missing_tiles_are_noted(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        tiles = iter([grey(16, 16), None, grey(16, 16), None])
        writer.write(tiles, shape=(32, 32), dtype="uint8", tile=(16, 16), compression="zlib", photometric="minisblack")
    loaded = load(tmp_path / "a.tif")
    assert not loaded.raster.image[:16, 16:].any()
    assert loaded.info["notes"] == ["2 of 4 tiles are not in the file; they were read as 0."]


def test_arrays_are_not_treated_as_photos(tmp_path):
    image = grey(9, 7, 3, dtype="uint16")
    tags = [(274, "H", 1, 6, True), (34675, "B", 4, b"icc!", True)]
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="rgb", extratags=tags)
    loaded = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(loaded.raster.image, image)
    assert loaded.info["notes"] == [
        "The file says that the picture is to be turned (orientation 6); its numbers were not.",
        "The colour profile in the file was left out: it is not applied to numbers.",
    ]


@pytest.mark.parametrize("ending", [".png", ".tif", ".ome.tif"])
@pytest.mark.parametrize(
    ("scale", "unit", "note"),
    [
        (1.0, "9**9**9**9", "The unit “9**9**9**9” in the file is not known; sizes in it were left out."),
        (1.0, "micro\x1b[31m", "The unit “micro?[31m” in the file is not known; sizes in it were left out."),
        (1e15, "micrometer", "The scale 1e+15 of the axis x in the file is not between 1e-12 and 1e+12; it was left"),
        (1e299, "pixel", "The scale 1e+299 of the axis x in the file is not between 1e-12 and 1e+12; it was left out."),
        (1e-150, "pixel", "The scale 1e-150 of the axis x in the file is not between 1e-12 and 1e+12; it was left out"),
    ],
)
def test_units_and_scales_that_napari_cannot_use_are_left_out_of_our_files(tmp_path, ending, scale, unit, note):
    image = grey(9, 7)
    codebook = fit(image, 3)
    calibration = Calibration(("y", "x"), (0.5, scale), ("micrometer", unit))
    saved = save_raster(tmp_path / f"a{ending}", Raster(codebook.apply(image), False, calibration, codebook))
    loaded = load(saved.path)
    assert loaded.raster.calibration == Calibration(("y", "x"), (0.5, 1.0), ("micrometer", "pixel"))
    assert loaded.raster.codebook == codebook
    assert len(loaded.info["notes"]) == 1
    assert loaded.info["notes"][0].startswith(note)


def test_scales_of_imagej_that_napari_cannot_use_are_left_out(tmp_path):
    options = {"imagej": True, "resolution": (2, 2), "metadata": {"unit": "um", "spacing": 1e20, "axes": "ZYX"}}
    tifffile.imwrite(tmp_path / "a.tif", grey(3, 9, 7), **options)
    loaded = load(tmp_path / "a.tif")
    assert loaded.raster.calibration == Calibration(("z", "y", "x"), (1, 0.5, 0.5), ("pixel", *["micrometer"] * 2))
    assert loaded.info["notes"] == [
        "The scale 1e+20 of the axis z in the file is not between 1e-12 and 1e+12; it was left out."
    ]


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_our_png_of_very_many_colours_is_read_by_us_and_by_pillow(tmp_path, dtype):
    image = np.random.default_rng(0).integers(1, np.iinfo(dtype).max, (256, 256, 3), dtype=dtype, endpoint=True)
    levels = np.unique(image.reshape(-1, 3), axis=0) - np.random.default_rng(1).random(3) / 3
    codebook = Codebook(len(levels), (levels,), image.dtype, Request(mode="color", channel_axis=-1))
    # Each colour is its center's output; to ask the codebook would take half a minute.
    wanted = Raster(image, True, Calibration.of_pixels("y", "x"), codebook)
    path = save_raster(tmp_path / "a.png", wanted, level="fast").path
    loaded = load(path)
    assert_same(loaded.raster, wanted)
    assert loaded.info["notes"] == []
    with Image.open(path) as opened:
        texts = [text for keyword, text in opened.info.items() if keyword.startswith("napari-quantize")]
    assert len(texts) > 2
    assert max(map(len, texts)) <= 10**6


@pytest.mark.parametrize(
    ("part", "sentence"), [(2, "1 of its 4 parts are missing."), (3, "1 of its 4 parts are missing."), (4, "Untermin")]
)
def test_a_record_without_one_of_its_parts_is_noted(tmp_path, part, sentence):
    image = Raster(grey(9, 7), False, Calibration.of_pixels("y", "x"), None, {"text": "a" * 3 * 10**6})
    path = save_raster(tmp_path / "b.png", image).path
    content = path.read_bytes()
    assert_same(load(path).raster, image)
    start = content.index(b"napari-quantize %d" % part) - 8
    end = start + 12 + int.from_bytes(content[start : start + 4], "big")
    path.write_bytes(content[:start] + content[end:])
    loaded = load(path)
    np.testing.assert_array_equal(loaded.raster.image, image.image)
    assert loaded.raster.record is None
    damage = "The record of how b.png was made is damaged and was ignored: "
    assert loaded.info["notes"][0].startswith(f"{damage}{sentence}")


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_an_inverting_table_does_not_invert_measurements(tmp_path, kind, dtype):
    image = grey(9, 7, dtype=dtype)
    path = tmp_path / ("a.ome.tif" if kind == "ome" else "a.tif")
    tifffile.imwrite(path, image, photometric="miniswhite", imagej=kind == "imagej", ome=kind == "ome")
    np.testing.assert_array_equal(load(path).raster.image, image)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_scans_whose_white_is_0_are_inverted(tmp_path, dtype):
    image = grey(9, 7, dtype=dtype)
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="miniswhite")
    loaded = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(loaded.raster.image, np.iinfo(dtype).max - image)
    assert loaded.info["notes"] == ["The file stores white as 0; its values were inverted."]


def test_masks_that_tifffile_writes_are_not_inverted(tmp_path):
    mask = np.zeros((12, 14), dtype=bool)
    mask[2:8, 3:10] = True
    tifffile.imwrite(tmp_path / "mask.tif", mask)
    with tifffile.TiffFile(tmp_path / "mask.tif") as file:
        assert file.pages[0].photometric == tifffile.PHOTOMETRIC.MINISWHITE
    loaded = load(tmp_path / "mask.tif")
    np.testing.assert_array_equal(loaded.raster.image, mask)
    assert loaded.info["notes"] == []


@pytest.mark.parametrize("photometric", ["miniswhite", "minisblack"])
def test_bits_of_other_programs_are_inverted_where_0_is_white(tmp_path, photometric):
    mask = grey(9, 7) > 90
    tifffile.imwrite(tmp_path / "scan.tif", mask, photometric=photometric, software="a scanner")
    loaded = load(tmp_path / "scan.tif")
    is_negative = photometric == "miniswhite"
    np.testing.assert_array_equal(loaded.raster.image, mask ^ is_negative)
    assert loaded.info["notes"] == ["The file stores white as 0; its values were inverted."] * is_negative


@pytest.mark.parametrize("bits", [8, 16])
def test_palettes_of_16_bits_are_said_to_be_left_out(tmp_path, bits):
    image = grey(9, 7, dtype=f"uint{bits}")
    colormap = np.random.default_rng(0).integers(0, 256, (3, 2**bits)).astype(np.uint16) * 257
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="palette", colormap=colormap)
    loaded = load(tmp_path / "a.tif")
    if bits == 8:
        np.testing.assert_array_equal(loaded.raster.image, colormap.T[image] // 257)
        assert loaded.info["notes"] == []
    else:
        np.testing.assert_array_equal(loaded.raster.image, image)
        assert loaded.info["notes"] == ["The palette in the file was not applied: the values are its indices."]


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(
    ("dtype", "photometric"), [("uint16", "miniswhite"), ("int16", "minisblack"), ("float16", "minisblack")]
)
def test_what_pillow_reads_wrongly_is_read_as_it_is_stored(tmp_path, dtype, photometric, orientation, byteorder):
    image = grey(9, 7, dtype="uint8").astype(dtype)
    tags = [(274, "H", 1, orientation, True)]
    tifffile.imwrite(tmp_path / "a.tif", image, photometric=photometric, extratags=tags, byteorder=byteorder)
    expected = 65535 - image if photometric == "miniswhite" else image
    loaded = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(loaded.raster.image, expected)
    assert loaded.raster.image.dtype == dtype
    assert any("is to be turned" in note for note in loaded.info["notes"]) == (orientation == 6)


def imagej_file(path, image, **words):
    """Write a file as ImageJ does, with its own words in the description."""
    tifffile.imwrite(path, image, imagej=True, resolution=(2, 2), metadata=words)
    return load(path).raster.calibration


def test_imagej_leaves_a_spacing_of_1_out(tmp_path):
    stack = imagej_file(tmp_path / "a.tif", grey(3, 9, 7), unit="um", axes="ZYX")
    assert stack == Calibration(("z", "y", "x"), (1.0, 0.5, 0.5), ("micrometer",) * 3)
    saved = save_raster(tmp_path / "b.tif", Raster(grey(3, 9, 7), False, stack)).path
    with tifffile.TiffFile(saved) as file:
        assert (file.imagej_metadata["unit"], file.pages[0].resolution) == ("um", (2.0, 2.0))


def test_imagej_has_a_unit_of_time_and_one_for_each_axis(tmp_path):
    film = imagej_file(tmp_path / "a.tif", grey(3, 9, 7), unit="um", axes="TYX", finterval=5.0, tunit="min")
    assert film == Calibration(("t", "y", "x"), (5.0, 0.5, 0.5), ("minute", "micrometer", "micrometer"))
    words = {"unit": "um", "yunit": "nm", "zunit": "mm", "spacing": 0.25, "axes": "ZYX"}
    stack = imagej_file(tmp_path / "b.tif", grey(3, 9, 7), **words)
    assert stack == Calibration(("z", "y", "x"), (0.25, 0.5, 0.5), ("millimeter", "nanometer", "micrometer"))
