"""What our TIFF files tell to other programs, in their words."""

import json

import numpy as np
import pytest
import tifffile
from rasters import grey, raster

from napari_quantize import fit
from napari_quantize.formats.load import load
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.save import save_raster
from napari_quantize.formats.tiff.metadata import DAMAGED


def opened(folder, image, calibration, *, rgb=False, name="a.tif"):
    return tifffile.TiffFile(save_raster(folder / name, Raster(image, rgb, calibration)).path)


def test_imagej_gets_a_hyperstack_with_scale_and_interval(tmp_path):
    units = ("minute", "micrometer", "pixel", "micrometer", "micrometer")
    calibration = Calibration(("t", "z", "c", "y", "x"), (0.5, 2.0, 1.0, 0.25, 0.125), units)
    with opened(tmp_path, grey(2, 3, 4, 5, 7, dtype="uint16"), calibration) as file:
        words = file.imagej_metadata
        assert file.series[0].axes == "TZCYX"
        assert (words["frames"], words["slices"], words["channels"]) == (2, 3, 4)
        assert (words["unit"], words["spacing"], words["finterval"]) == ("um", 2.0, 30.0)
        assert file.pages[0].resolution == (8.0, 4.0)
        assert file.pages[0].compression == 8  # deflate
        assert file.pages[0].predictor == 1  # none: ImageJ would ignore it


def test_ome_gets_sizes_with_their_units(tmp_path):
    calibration = Calibration(
        ("t", "c", "z", "y", "x"), (1.5, 1.0, 2.0, 0.1083, 0.1083), ("hour", "pixel", *("nanometer",) * 3)
    )
    with opened(tmp_path, grey(2, 3, 4, 5, 7), calibration) as file:
        assert file.is_ome  # the order of the axes is none of ImageJ's
        words = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
    assert words["DimensionOrder"] == "XYZCT"
    assert (words["PhysicalSizeX"], words["PhysicalSizeXUnit"], words["PhysicalSizeZ"]) == (0.1083, "nm", 2.0)
    assert (words["TimeIncrement"], words["TimeIncrementUnit"]) == (1.5, "h")


@pytest.mark.parametrize(
    ("dtype", "shape", "axes", "rgb", "form"),
    [
        ("uint8", (5, 7), "yx", False, "imagej"),
        ("float32", (2, 5, 7), "zyx", False, "imagej"),
        ("uint8", (2, 5, 7, 3), "tyx", True, "imagej"),
        ("uint16", (5, 7, 3), "yx", True, "ome"),
        ("uint8", (2, 5, 7, 3), "cyx", True, "ome"),
        ("int16", (5, 7), "yx", False, "ome"),
        ("float64", (5, 7), "yx", False, "ome"),
        ("bool", (5, 7), "yx", False, "ome"),
        ("float16", (5, 7), "yx", False, "shaped"),
        ("int64", (5, 7), "yx", False, "shaped"),
        ("uint8", (2, 2, 2, 2, 5, 7), "abzcyx", False, "shaped"),
        ("uint8", (9,), "x", False, "shaped"),
    ],
)
def test_the_flavor_is_one_that_can_hold_the_image(tmp_path, dtype, shape, axes, rgb, form):
    with opened(tmp_path, grey(*shape, dtype=dtype), Calibration.of_pixels(*axes), rgb=rgb) as file:
        forms = {"imagej": file.is_imagej, "ome": file.is_ome, "shaped": file.is_shaped}
    assert [name for name, found in forms.items() if found] == [form]


def test_names_that_end_in_ome_tif_get_ome(tmp_path):
    with opened(tmp_path, grey(5, 7), Calibration.of_pixels("y", "x"), name="a.ome.tif") as file:
        assert file.is_ome


def test_unnamed_axes_become_planes_before_y_and_x(tmp_path):
    with opened(tmp_path, grey(2, 3, 5, 7), Calibration.of_pixels("-4", "-3", "x", "y"), name="a.ome.tif") as file:
        assert file.series[0].axes == "ZTYX"


def test_colours_and_alpha_are_tagged(tmp_path):
    with opened(tmp_path, grey(5, 7, 4), Calibration.of_pixels("y", "x"), rgb=True) as file:
        assert file.pages[0].photometric == tifffile.PHOTOMETRIC.RGB
        assert file.pages[0].extrasamples == (tifffile.EXTRASAMPLE.UNASSALPHA,)


def test_binary_images_are_not_compressed_for_imagej(tmp_path):
    with opened(tmp_path, grey(5, 7, dtype="bool"), Calibration.of_pixels("y", "x")) as file:
        assert (file.pages[0].bitspersample, file.pages[0].compression) == (1, 1)


@pytest.mark.parametrize("scale", [-0.5, 0.0, np.inf, 1e-12, 1e12])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64"])
def test_unusable_scales_are_written_only_to_our_metadata(tmp_path, scale, dtype):
    image = raster(grey(5, 7, dtype=dtype), scale=scale, unit="micrometer")
    path = save_raster(tmp_path / "a.tif", image).path
    with tifffile.TiffFile(path) as file:
        assert "unit" not in (file.imagej_metadata or {})
        assert file.pages[0].resolution == (1, 1)
    assert load(path).raster.calibration.scale == ((scale, scale) if scale and np.isfinite(scale) else (1.0, 1.0))


def test_invalid_metadata_is_noted_and_left_out(tmp_path):
    image = grey(5, 7)
    for text in ("", "[]", "{", "{" * 9000, '{"shape": [5, 7]}', '{"shape": ["a"]}', "[" * 100_000):
        tifffile.imwrite(tmp_path / "a.tif", image, imagej=True, metadata={"Info": f"napari-quantize: {text}"})
        loaded = load(tmp_path / "a.tif")
        np.testing.assert_array_equal(loaded.raster.image, image)
        assert len(loaded.info["notes"]) == 1
        assert loaded.info["notes"][0].startswith(
            "The codebook and the record in the file are damaged and were left out"
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda note: note.update(codebook={"k": 3}), "damaged"),
        (lambda note: note.update(record=[1]), "the record is no JSON object"),
        (lambda note: note.update(axes=["y"]), "damaged"),
        (lambda note: note.update(scale=[float("nan"), 1]), "do not go with the shape"),
        (lambda note: note.update(crc32=1), "were changed"),
    ],
)
def test_changed_metadata_is_left_out_and_pixels_are_read(tmp_path, monkeypatch, change, message):
    from napari_quantize.formats.tiff import flavors, metadata

    def changed(raster):
        note = json.loads(metadata.encode_annotation(raster))
        change(note)
        return json.dumps(note)

    monkeypatch.setattr(flavors, "encode_annotation", changed)
    image = grey(5, 7)
    path = save_raster(
        tmp_path / "a.tif", Raster(image, False, Calibration.of_pixels("y", "x"), fit(image, 3), {})
    ).path
    loaded = load(path)
    np.testing.assert_array_equal(loaded.raster.image, image)
    assert loaded.raster.codebook is None
    assert len(loaded.info["notes"]) == 1
    assert message in loaded.info["notes"][0]


def test_metadata_with_an_axis_in_place_of_colours_is_damaged(tmp_path):
    image = grey(5, 7, 3)
    note = {"shape": [5, 7, 3], "rgb": False, "axes": ["a", "b", "c"], "scale": [1, 1, 1], "units": ["pixel"] * 3}
    words = {"napari-quantize": json.dumps(note)}
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="rgb", metadata=words)
    loaded = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(loaded.raster.image, image)
    assert loaded.raster.rgb
    assert loaded.info["notes"] == [DAMAGED.format("the axes a, b, c are more than those of the image")]


def test_an_unknown_distance_of_planes_costs_imagej_no_other_size(tmp_path):
    calibration = Calibration(("z", "y", "x"), (1.0, 0.5, 0.5), ("pixel", "micrometer", "micrometer"))
    with opened(tmp_path, grey(3, 5, 7), calibration) as file:
        assert (file.imagej_metadata["unit"], file.pages[0].resolution) == ("um", (2.0, 2.0))
        assert "spacing" not in file.imagej_metadata
    assert load(tmp_path / "a.tif").raster.calibration == calibration  # our own words tell that it is unknown


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        *[(name, "T") for name in ("t", "time", "frame", "frames", "Frame ")],
        *[(name, "Z") for name in ("z", "depth", "plane", "slice", "-3", "angle")],
        *[(name, "C") for name in ("c", "ch", "channel", "channels", "colour", "Color")],
    ],
)
def test_axes_have_the_letters_of_the_names_that_the_dock_knows(tmp_path, name, letter):
    with opened(tmp_path, grey(3, 5, 7), Calibration.of_pixels(name, "y", "x")) as file:
        assert file.series[0].axes == f"{letter}YX"


@pytest.mark.parametrize(
    ("names", "units", "letters"),
    [
        (("t", "frame"), ("pixel", "pixel"), "TZ"),
        (("-4", "t"), ("second", "pixel"), "ZT"),
        (("-4", "-3"), ("micrometer", "minute"), "ZT"),
        (("-4", "-3"), ("second", "second"), "TZ"),
        (("z", "slice"), ("second", "pixel"), "ZT"),
    ],
)
def test_each_letter_stands_once_and_names_go_before_units(tmp_path, names, units, letters):
    calibration = Calibration((*names, "y", "x"), (1.0,) * 4, (*units, "pixel", "pixel"))
    with opened(tmp_path, grey(2, 3, 5, 7), calibration, name="a.ome.tif") as file:
        assert file.series[0].axes == f"{letters}YX"


@pytest.mark.parametrize("name", ["frame", "t", "-3"])
def test_an_axis_in_seconds_is_time_and_costs_no_other_size(tmp_path, name):
    calibration = Calibration((name, "y", "x"), (20_000.0, 0.5, 0.5), ("second", "micrometer", "micrometer"))
    with opened(tmp_path, grey(3, 5, 7), calibration) as file:
        words = file.imagej_metadata
        assert (file.series[0].axes, words["finterval"], words["unit"]) == ("TYX", 20_000.0, "um")
        assert file.pages[0].resolution == (2.0, 2.0)
    assert load(tmp_path / "a.tif").raster.calibration == calibration


@pytest.mark.parametrize(
    ("scale", "units", "written"),
    [
        ((5.0, 0.5, 0.5), ("pixel", "micrometer", "micrometer"), ("um", None, 2.0)),
        ((5.0, 0.5, 0.5), ("second", "micrometer", "micrometer"), ("um", None, 2.0)),
        ((-5.0, 0.5, 0.5), ("micrometer", "micrometer", "micrometer"), ("um", None, 2.0)),
        ((20_000.0, 5000.0, 5000.0), ("nanometer",) * 3, ("nm", 20_000.0, 1 / 5000)),
        ((1.0, 50_000.0, 50_000.0), ("millimeter", "nanometer", "nanometer"), ("um", 1000.0, 1 / 50)),
        ((2.0, 1e-9, 1e-9), ("millimeter",) * 3, ("nm", 2e6, 1000.0)),
        ((2.0, 1.0, 1.0), ("micrometer", "pixel", "pixel"), (None, None, 1.0)),
        ((2.0, 3.0, 4.0), ("pixel",) * 3, ("pixel", 2.0, 0.25)),
    ],
)
def test_imagej_gets_every_size_that_it_can_hold(tmp_path, scale, units, written):
    with opened(tmp_path, grey(3, 5, 7), Calibration(("z", "y", "x"), scale, units)) as file:
        words, (resolution, _) = file.imagej_metadata, file.pages[0].resolution
        assert (words.get("unit"), words.get("spacing")) == (written[0], pytest.approx(written[1]))
        assert resolution == pytest.approx(written[2], rel=1e-6)
