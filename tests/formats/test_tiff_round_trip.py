"""What is saved as TIFF is loaded again to the last bit, and other readers see the same pixels."""

import io
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from rasters import DTYPES, assert_same, grey, raster, rasters

from napari_quantize import fit
from napari_quantize.formats.load import load
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.save import save_raster
from napari_quantize.formats.tiff import flavors
from napari_quantize.formats.tiff.write import write_tiff


@given(wanted=rasters(), k=st.integers(0, 3), ending=st.sampled_from((".tif", ".tiff", ".ome.tif", ".OME.TIFF")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_image_calibration_codebook_and_record_are_read_back(tmp_path, wanted, k, ending):
    before = wanted.image.copy()
    wanted = replace(wanted, codebook=fit(before, k) if k else None)
    saved = save_raster(tmp_path / f"a{ending}", wanted, overwrite=True)
    np.testing.assert_array_equal(wanted.image, before)
    loaded = load(saved.path)
    assert_same(loaded.raster, wanted)
    assert loaded.info["notes"] == []
    np.testing.assert_array_equal(tifffile.imread(saved.path).reshape(before.shape), before)


@pytest.mark.parametrize("shape", [(3, 1), (2, 3, 1), (2, 2, 3, 1), (2, 1, 1), (1, 3), (2, 1, 3)])
@pytest.mark.parametrize("dtype", ["uint8", "bool", "int16"])
@pytest.mark.parametrize("ome", [False, True])
def test_narrow_images_have_the_same_width_in_all_programs(tmp_path, shape, dtype, ome):
    wanted = raster(grey(*shape, dtype=dtype), "tzyx"[-len(shape) :], scale=0.5, unit="micrometer")
    path = save_raster(tmp_path / ("a.ome.tif" if ome else "a.tif"), wanted).path
    with tifffile.TiffFile(path) as opened:
        assert {page.shape[:2] for page in opened.pages} == {shape[-2:]}
    assert_same(load(path).raster, wanted)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ome", [False, True])
def test_extremes_of_every_dtype_are_kept(tmp_path, dtype, ome):
    kind = np.dtype(dtype)
    ends = [False, True]
    if kind.kind in "iu":
        ends = [np.iinfo(kind).min, np.iinfo(kind).max]
    elif kind.kind == "f":
        ends = [np.finfo(kind).min, np.nan, -np.inf, np.finfo(kind).smallest_subnormal, -0.0]
    image = np.tile(np.array(ends, kind), (3, 2))
    loaded = load(save_raster(tmp_path / ("a.ome.tif" if ome else "a.tif"), raster(image)).path).raster.image
    assert loaded.tobytes() == image.tobytes()


def test_the_same_image_makes_the_same_file():
    for ome in (False, True):
        files = [io.BytesIO(), io.BytesIO()]
        for file in files:
            write_tiff(file, raster(grey(5, 7)), ome=ome)
        assert files[0].getvalue() == files[1].getvalue()


def test_pillow_reads_the_same_pixels(tmp_path):
    for name, image in {
        "grey": grey(5, 7),
        "deep": grey(5, 7, dtype="uint16"),
        "rgb": grey(5, 7, 3),
        "rgba": grey(5, 7, 4),
    }.items():
        path = save_raster(tmp_path / f"{name}.tif", raster(image, rgb=image.ndim == 3)).path
        with Image.open(path) as opened:
            np.testing.assert_array_equal(np.asarray(opened), image)


def test_large_images_are_written_as_bigtiff(tmp_path, monkeypatch):
    monkeypatch.setattr(flavors, "CLASSIC_BYTES", 100)
    monkeypatch.setattr("napari_quantize.formats.tiff.write.CLASSIC_BYTES", 100)
    wanted = raster(grey(9, 5, 7), "zyx", scale=0.5, unit="micrometer")
    path = save_raster(tmp_path / "a.tif", wanted).path
    with tifffile.TiffFile(path) as opened:
        assert opened.is_bigtiff
        assert opened.is_ome  # ImageJ reads no BigTIFF
    assert_same(load(path).raster, wanted)


def test_codebooks_of_many_colours_are_read_back(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    codebook = fit(image, 1000, mode="color", channel_axis=-1)
    wanted = Raster(codebook.apply(image), True, Calibration.of_pixels("y", "x"), codebook)
    for name in ("a.tif", "a.ome.tif"):
        assert_same(load(save_raster(tmp_path / name, wanted).path).raster, wanted)
