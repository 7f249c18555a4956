"""Separations are one black-and-white picture a colour or level: all of them, or none."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pngs import few

from napari_quantize import fit
from napari_quantize.formats.png import separations
from napari_quantize.formats.png.separations import write_separations

PHOTO = few(300, 3, (20, 25))


def white(path):
    image = Image.open(path)
    assert image.mode == "1"
    return np.asarray(image)


def test_one_file_is_written_for_each_colour(tmp_path):
    codebook = fit(PHOTO, 5, mode="color", channel_axis=-1)
    paths = write_separations(tmp_path / "new", PHOTO, codebook)
    assert sorted((tmp_path / "new").iterdir()) == sorted(paths)
    assert [path.name for path in paths] == [
        f"{number:02}_{bytes(color).hex()}.png" for number, color in enumerate(codebook.outputs[0], start=1)
    ]
    indices = codebook.encode(PHOTO)
    for number, path in enumerate(paths):
        np.testing.assert_array_equal(white(path), indices == number)


@pytest.mark.parametrize("mode", ["global", "per_channel"])
def test_levels_of_several_channels_are_separated_by_channel(mode, tmp_path):
    codebook = fit(PHOTO, 3, mode=mode, channel_axis=-1)
    paths = write_separations(tmp_path, PHOTO, codebook)
    indices = codebook.encode(PHOTO)
    outputs = codebook.outputs if mode == "per_channel" else codebook.outputs * 3
    wanted = {
        f"channel{channel}_{number + 1:02}_{level}.png": indices[..., channel] == number
        for channel in range(3)
        for number, level in enumerate(outputs[channel])
    }
    assert [path.name for path in paths] == list(wanted)
    for path in paths:
        np.testing.assert_array_equal(white(path), wanted[path.name])


@pytest.mark.parametrize(
    ("image", "names"),
    [
        (np.array([[0.25, -3.5, np.nan]]), ["01_-3.5.png", "02_0.25.png"]),
        (np.array([[True, False]]), ["01_0.png", "02_1.png"]),
        (np.array([[500, 7]], np.uint16), ["01_7.png", "02_500.png"]),
    ],
)
def test_names_hold_the_level(image, names, tmp_path):
    paths = write_separations(tmp_path, image, fit(image, 2))
    assert [path.name for path in paths] == names
    assert sum(white(path).sum() for path in paths) == 2  # NaN is in none


def test_invisible_pixels_are_in_no_separation(tmp_path):
    photo = np.dstack([PHOTO, few(2, 0, (20, 25))])
    photo[:10, :, 3] = 0
    for mode, n_each in (("color", 4), ("per_channel", 12)):
        paths = write_separations(tmp_path / mode, photo, fit(photo, 4, mode=mode, channel_axis=-1, alpha=True))
        pictures = np.stack([white(path) for path in paths])
        assert len(pictures) == n_each
        assert not pictures[:, :10].any()
        assert (pictures[:, 10:].sum(axis=0) == n_each // 4).all()


def test_16_bit_colours_are_separated(tmp_path):
    colors = np.array([[[1, 2, 3], [500, 600, 700]]], np.uint16)
    paths = write_separations(tmp_path, colors, fit(colors, 2, mode="color", channel_axis=-1))
    assert [path.name for path in paths] == ["01_1-2-3.png", "02_500-600-700.png"]


def test_existing_files_are_replaced_only_with_overwrite(tmp_path):
    codebook = fit(PHOTO, 3, mode="color", channel_axis=-1)
    paths = write_separations(tmp_path, PHOTO, codebook)
    paths[2].write_bytes(b"precious")
    paths[0].unlink()
    with pytest.raises(FileExistsError, match=paths[1].name):
        write_separations(tmp_path, PHOTO, codebook)
    assert sorted(tmp_path.iterdir()) == sorted(paths[1:])
    assert paths[2].read_bytes() == b"precious"
    write_separations(tmp_path, PHOTO, codebook, overwrite=True)
    assert white(paths[2]).shape == (20, 25)


def test_a_folder_of_the_same_name_is_an_error(tmp_path):
    codebook = fit(PHOTO, 3, mode="color", channel_axis=-1)
    paths = write_separations(tmp_path, PHOTO, codebook)
    paths[2].unlink()
    paths[2].mkdir()
    before = paths[0].read_bytes()
    with pytest.raises(FileExistsError, match=paths[2].name):
        write_separations(tmp_path, 255 - PHOTO, codebook, overwrite=True)
    assert paths[0].read_bytes() == before


@pytest.mark.parametrize("there", [True, False])
def test_an_error_leaves_no_file(there, tmp_path, monkeypatch):
    folder = tmp_path / "new"
    if there:
        folder.mkdir()
    left = [1]

    def full(raster):
        if not left:
            raise OSError(28, "No space left on device")
        return bytes(left.pop())

    monkeypatch.setattr(separations, "encode_png", full)
    with pytest.raises(OSError, match="No space left"):
        write_separations(folder, PHOTO, fit(PHOTO, 3, mode="color", channel_axis=-1))
    assert folder.exists() == there
    assert list(tmp_path.rglob("*.png")) == []


@pytest.mark.parametrize("n_existing", [0, 1, 2, 3])
@pytest.mark.parametrize("moves", range(6))
def test_an_error_while_files_are_moved_changes_no_file(n_existing, moves, tmp_path, monkeypatch):
    codebook = fit(PHOTO, 3, mode="color", channel_axis=-1)
    folder = tmp_path / "new"
    for path in write_separations(folder, PHOTO, codebook)[n_existing:]:
        path.unlink()
    before = {path: path.read_bytes() for path in folder.iterdir()}
    replace, left = Path.replace, [None] * moves

    def move(path, target):
        if not left:
            left.extend([None] * 99)  # what is moved back can be moved
            raise PermissionError(13, "another program has it open", str(path))
        left.pop()
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", move)
    if moves < n_existing + 3:
        with pytest.raises(PermissionError, match="another program"):
            write_separations(folder, 255 - PHOTO, codebook, overwrite=True)
        assert {path: path.read_bytes() for path in folder.iterdir()} == before
    else:
        assert len(write_separations(folder, 255 - PHOTO, codebook, overwrite=True)) == 3


@pytest.mark.parametrize(
    ("image", "options", "sentence"),
    [
        (np.zeros((2, 3, 4)), {}, "separations are made of one plane, not of 3 dimensions"),
        (np.zeros((2, 3, 4, 3)), {"channel_axis": -1}, "separations are made of one plane, not of 3 dimensions"),
        (np.arange(300).reshape(3, 100), {}, "257 separations are too many: up to 256 are written"),
    ],
)
def test_images_that_cannot_be_separated_are_refused(image, options, sentence, tmp_path):
    codebook = fit(image, 257, **options)
    with pytest.raises(ValueError, match=sentence):
        write_separations(tmp_path / "new", image, codebook)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_separations(tmp_path / "a" / "b", PHOTO, fit(PHOTO, 2, mode="color", channel_axis=-1))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError):
        write_separations(tmp_path / "file", PHOTO, fit(PHOTO, 2, mode="color", channel_axis=-1))
    assert (tmp_path / "file").read_bytes() == b""
