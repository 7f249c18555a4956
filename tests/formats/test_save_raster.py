"""One door out: what is written where, what is said of it, and what is left behind when it fails: nothing."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rasters import assert_same, grey, raster

from napari_quantize import fit
from napari_quantize.formats.load import load
from napari_quantize.formats.png import encode
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.save import save_raster

PHOTO = np.random.default_rng(0).integers(0, 256, (32, 48, 3), dtype=np.uint8)
CODEBOOK = fit(PHOTO, 16, mode="color", channel_axis=-1)
CALIBRATION = Calibration(("y", "x"), (0.5, 0.25), ("micrometer", "micrometer"))
RESULT = Raster(CODEBOOK.apply(PHOTO), True, CALIBRATION, CODEBOOK, {"seed": 0})


@pytest.mark.parametrize(
    ("asked", "image", "written", "sentence"),
    [
        ("a.indexed.png", RESULT, "a.indexed.png", r"16 colours, 4 bits each, [\d.]+ KB"),
        ("a.INDEXED.PNG", RESULT, "a.INDEXED.PNG", r"16 colours, 4 bits each, [\d.]+ KB"),
        ("a.png", RESULT, "a.png", r"16 colours, 4 bits each, [\d.]+ KB"),
        ("a.png", raster(grey(9, 9, dtype="bool")), "a.png", r"grey of 1 bit, [\d.]+ KB"),
        ("a.indexed.png", raster(PHOTO, rgb=True), "a.png", r"colours of 24 bits, too many for a palette, [\d.]+ KB"),
        (
            "a.indexed.png",
            raster(grey(9, 9, dtype="uint16")),
            "a.png",
            r"grey of 16 bits, too many for a palette, [\d.]+ KB",
        ),
        ("a.png", raster(PHOTO, rgb=True), "a.png", r"colours of 24 bits, [\d.]+ KB"),
        ("a.png", raster(np.dstack([PHOTO, PHOTO[..., 0]]), rgb=True), "a.png", r"colours of 32 bits, [\d.]+ KB"),
        ("film.indexed.png", raster(grey(3, 9, 9), "zyx"), "film.tif", r"a PNG cannot hold 3 dimensions"),
        ("a.png", raster(grey(9, 9, dtype="float32")), "a.tif", r"a PNG cannot hold .*float.*"),
        ("a.tif", RESULT, "a.tif", r"32 × 48 × 3 values of uint8, [\d.]+ KB"),
        ("a.ome.tif", raster(grey(2, 9, 9), "zyx"), "a.ome.tif", r"2 × 9 × 9 values of uint8, [\d.]+ KB"),
        ("a.npy", raster(grey(9, 9)), "a.npy", r"9 × 9 values of uint8, [\d.]+ KB"),
        ("a.npy", RESULT, "a.npy", r"32 × 48 × 3 values of uint8, [\d.]+ KB; scale, codebook and record are not in it"),
    ],
)
def test_the_file_and_its_description(tmp_path, asked, image, written, sentence):
    saved = save_raster(tmp_path / asked, image)
    assert [path.name for path in tmp_path.iterdir()] == [written]
    assert saved.path == tmp_path / written
    assert re.fullmatch(rf"Saved {re.escape(written)}: {sentence}\.", saved.sentence)
    assert (saved.reason != "") == (written != asked)
    if written == "film.tif":
        assert saved.reason == sentence
    np.testing.assert_array_equal(load(saved.path).raster.image, image.image)


@pytest.mark.parametrize("name", ["a.indexed.png", "a.png", "a.tif", "a.ome.tif"])
def test_calibration_codebook_and_record_are_read_back(tmp_path, name):
    assert_same(load(save_raster(tmp_path / name, RESULT).path).raster, RESULT)


@pytest.mark.parametrize("name", ["a.jpg", "a", "png", ".png", ".indexed.png", "a.tif.txt", "a.npy.gz"])
def test_names_without_a_known_ending_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"does not say what to write: names end in \.indexed\.png, \.png, "):
        save_raster(tmp_path / name, RESULT)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.indexed.png", "a.png", "a.tif", "a.npy"])
def test_existing_files_are_replaced_only_with_overwrite(tmp_path, name):
    (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=name.replace(".", r"\.")):
        save_raster(tmp_path / name, RESULT)
    assert (tmp_path / name).read_bytes() == b"precious"
    save_raster(tmp_path / name, RESULT, overwrite=True)
    np.testing.assert_array_equal(load(tmp_path / name).raster.image, RESULT.image)
    assert len(list(tmp_path.iterdir())) == 1


def test_an_existing_file_of_the_other_format_is_not_replaced(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"a\.tif"):
        save_raster(tmp_path / "a.png", raster(grey(3, 9, 9), "zyx"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_a_result_can_replace_the_file_of_its_image(tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    with pytest.raises(FileExistsError):
        save_raster(tmp_path / "photo.png", RESULT)
    np.testing.assert_array_equal(load(tmp_path / "photo.png").raster.image, PHOTO)
    save_raster(tmp_path / "photo.png", RESULT, overwrite=True)
    assert_same(load(tmp_path / "photo.png").raster, RESULT)


@pytest.mark.parametrize(
    "name", ["bild ä ö ü – 色.tif", "with  spaces .indexed.png", f"{'n' * 200}.indexed.png", "a.b.tif"]
)
def test_unusual_names_can_be_written(tmp_path, name):
    saved = save_raster(tmp_path / name, RESULT)
    assert saved.path.name == name
    assert_same(load(saved.path).raster, RESULT)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.npy"])
def test_folders_and_missing_folders_are_errors(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(IsADirectoryError, match=rf"^{name} is a folder, not a file$"):
        save_raster(tmp_path / name, RESULT, overwrite=True)
    with pytest.raises(FileNotFoundError) as caught:
        save_raster(tmp_path / "missing" / name, RESULT)
    assert Path(caught.value.filename).name == name
    assert not list((tmp_path / name).iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes")
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.npy"])
def test_a_full_disk_leaves_the_old_file(tmp_path, name):
    import resource
    import signal

    noise = raster(PHOTO.repeat(4, 0), rgb=True)
    (tmp_path / name).write_bytes(b"precious")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match=rf"{name}'$") as caught:
            save_raster(tmp_path / name, noise, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert caught.value.filename == str(tmp_path / name)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"precious")]


@pytest.mark.skipif(sys.platform != "linux", reason="permissions of POSIX, which on Linux can bind root, too")
def test_a_read_only_folder_is_an_error(tmp_path, bound_by_permissions):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"a\.tif"):
        save_raster(tmp_path / "a.tif", RESULT)
    tmp_path.chmod(0o700)


def test_only_indexed_pngs_are_dithered(tmp_path):
    photo = Raster(PHOTO, True, CALIBRATION, CODEBOOK)
    saved = save_raster(tmp_path / "a.indexed.png", photo, dither=True)
    dithered = load(saved.path).raster
    colors = CODEBOOK.outputs[0].tolist()
    assert all(color in colors for color in dithered.image.reshape(-1, 3).tolist())
    assert not np.array_equal(dithered.image, RESULT.image)
    assert dithered.record == {"dithered": True}
    with pytest.raises(ValueError, match=r"^a\.tif would be a file of data: only pictures, as \.png, are dithered$"):
        save_raster(tmp_path / "a.tif", photo, dither=True)
    with pytest.raises(ValueError, match="dithered"):
        save_raster(tmp_path / "b.png", raster(PHOTO, rgb=True), dither=True)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_picture_too_large_for_readers_of_pngs_becomes_a_tiff(tmp_path, monkeypatch):
    monkeypatch.setattr(encode, "MAX_PIXELS", PHOTO[..., 0].size - 1)
    saved = save_raster(tmp_path / "a.indexed.png", RESULT)
    assert saved.path.name == "a.tif"
    assert saved.reason == "many programs refuse to read a PNG of more than 1,535 pixels"
    assert_same(load(saved.path).raster, RESULT)


def test_the_limit_of_pixels_is_that_of_pillow():
    assert encode.MAX_PIXELS == 2 * Image.MAX_IMAGE_PIXELS
