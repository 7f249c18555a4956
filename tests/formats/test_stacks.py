"""Several frames of a file, or several files, are one image with a leading axis."""

import json

import numpy as np
import pytest
from photos import ALPHA, GREY, GREY16, RGB, STEPS, TIMES, animation, encoded, oriented, written
from PIL import Image

from napari_quantize.formats.photo import frames as frames_module
from napari_quantize.formats.photo.read import read_image, read_images


@pytest.mark.parametrize(
    ("image_format", "options"),
    [
        ("GIF", {"duration": TIMES}),
        ("PNG", {"duration": TIMES}),
        ("WEBP", {"duration": TIMES, "lossless": True}),
        ("TIFF", {}),
    ],
)
def test_animations_have_a_leading_axis(tmp_path, image_format, options):
    (tmp_path / "a").write_bytes(animation(STEPS, image_format, **options))
    data, info = read_image(tmp_path / "a")
    np.testing.assert_array_equal(data[..., :3], STEPS)
    # WebP needs alpha to store what changes between frames.
    assert data.shape[3:] == ((4,) if image_format == "WEBP" else (3,))
    assert (data[..., 3:] == 255).all()
    assert (info["frames"], info["rgb"]) == (3, True)
    assert info.get("durations_ms") == (TIMES if options else None)
    assert json.loads(json.dumps(info)) == info


def test_avif_sequences_have_a_leading_axis(tmp_path):
    steps = [np.full((16, 16, 3), level, np.uint8) for level in (0, 100, 200)]
    (tmp_path / "a").write_bytes(animation(steps, "AVIF", duration=50))
    data, info = read_image(tmp_path / "a")
    np.testing.assert_allclose(data, steps, atol=3)
    assert info["durations_ms"] == [50, 50, 50]


def test_grey_animation_of_four_columns_is_not_colour(tmp_path):
    steps = [np.full((2, 4), level, np.uint8) for level in (10, 20, 30)]
    (tmp_path / "a").write_bytes(animation(steps, "TIFF"))
    data, info = read_image(tmp_path / "a", size=(4, 2))
    np.testing.assert_array_equal(data, steps)
    assert not info["rgb"]


def test_one_transparent_frame_makes_all_rgba(tmp_path):
    steps = [Image.fromarray(RGB), Image.fromarray(ALPHA), Image.fromarray(GREY)]
    (tmp_path / "a").write_bytes(encoded(steps[0], "TIFF", save_all=True, append_images=steps[1:]))
    data, _ = read_image(tmp_path / "a")
    np.testing.assert_array_equal(data, [np.asarray(step.convert("RGBA")) for step in steps])


@pytest.mark.parametrize("size", [None, (4, 3)])
def test_later_frames_widen_the_mode(tmp_path, size):
    steps = [Image.fromarray(pixels) for pixels in (GREY, RGB, GREY, ALPHA, RGB)]
    (tmp_path / "a").write_bytes(encoded(steps[0], "TIFF", save_all=True, append_images=steps[1:]))
    expected = [step.convert("RGBA").resize(size or step.size) for step in steps]
    np.testing.assert_array_equal(read_image(tmp_path / "a", size)[0], [np.asarray(step) for step in expected])


def test_the_first_page_is_unchanged_if_a_later_one_does_not_fit(tmp_path):
    steps = [Image.fromarray(pixels) for pixels in (GREY, ALPHA, GREY16)]
    (tmp_path / "a").write_bytes(encoded(steps[0], "TIFF", save_all=True, append_images=steps[1:]))
    data, info = read_image(tmp_path / "a")
    np.testing.assert_array_equal(data, GREY)
    assert (info["rgb"], info["frames"], len(info["notes"])) == (False, 1, 1)


def test_frames_of_a_transparent_gif_are_composed(tmp_path):
    steps = [np.zeros((4, 4, 4), np.uint8) for _ in range(3)]
    for index, step in enumerate(steps):
        step[index, :] = 200, 40, 0, 255
    (tmp_path / "a.gif").write_bytes(animation(steps, "GIF", disposal=2, duration=TIMES))
    data, _ = read_image(tmp_path / "a.gif")
    np.testing.assert_array_equal(data[..., 3], np.array(steps)[..., 3])
    np.testing.assert_array_equal(data[data[..., 3] == 255], [[200, 40, 0, 255]] * 12)


def test_the_default_image_of_an_animated_png_is_not_a_frame(tmp_path):
    poster = Image.new("RGB", (6, 4), "white")
    steps = [Image.fromarray(step) for step in STEPS]
    path = written(tmp_path, poster, "a.png", "PNG", save_all=True, append_images=steps, default_image=True)
    np.testing.assert_array_equal(read_image(path)[0], STEPS)


@pytest.mark.parametrize("second", [np.zeros((3, 3, 3), np.uint8), GREY16])
def test_pages_that_do_not_fit_are_left_out_and_noted(tmp_path, second):
    first, other = Image.fromarray(RGB), Image.fromarray(second)
    (tmp_path / "a").write_bytes(encoded(first, "TIFF", save_all=True, append_images=[other]))
    data, info = read_image(tmp_path / "a")
    np.testing.assert_array_equal(data, RGB)
    assert info["frames"] == 1
    assert info["notes"] == ["The 2 pictures in the file differ in size or kind; only the first was read."]


def test_the_preview_in_a_jpeg_is_not_read(tmp_path):
    photo, preview = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (8, 8))
    path = written(tmp_path, photo, "a.jpg", "MPO", save_all=True, append_images=[preview])
    data, info = read_image(path)
    assert (data.shape, info["frames"], info["notes"]) == ((16, 16, 3), 1, [])


@pytest.mark.parametrize("size", [None, (1, 1)])
def test_too_many_frames_are_refused_before_decoding(tmp_path, monkeypatch, size):
    monkeypatch.setattr(frames_module, "MAX_ARRAY_BYTES", 3 * 24 * 4 - 1)
    (tmp_path / "a.gif").write_bytes(animation(STEPS, "GIF"))
    with pytest.raises(ValueError, match=r"a\.gif would need .* GB \(3 × 6 × 4 pixels\): more than the safety limit"):
        read_image(tmp_path / "a.gif", size)


def test_too_large_a_size_is_refused(tmp_path):
    path = written(tmp_path, RGB, "a.png", "PNG")
    with pytest.raises(ValueError, match=r"a\.png would need 37\.3 GB .* the safety limit of 2 GB"):
        read_image(path, size=(100_000, 100_000))


def test_files_of_equal_kind_are_stacked(tmp_path):
    paths = [written(tmp_path, pixels, name, "PNG") for name, pixels in [("a.png", RGB), ("b.png", 255 - RGB)]]
    data, info = read_images(paths)
    np.testing.assert_array_equal(data, [RGB, 255 - RGB])
    assert (info["files"], info["rgb"], info["notes"]) == (["a.png", "b.png"], True, [])
    assert info["infos"] == [read_image(path)[1] for path in paths]
    size = sum(path.stat().st_size for path in paths)
    assert info["bits_per_pixel"] == pytest.approx(8 * size / 70, abs=0.001)
    assert info["compression_ratio"] == pytest.approx(data.nbytes / size, abs=0.001)
    assert json.loads(json.dumps(info)) == info


@pytest.mark.parametrize(
    ("other", "kind"),
    [(RGB[:3], "7×3 RGB"), (GREY, "7×5 grey"), (ALPHA, "7×5 RGBA"), (GREY16, r"7×5 grey \(uint16\)")],
)
def test_files_that_differ_cannot_be_stacked(tmp_path, other, kind):
    pixels = {"a.png": RGB, "b.png": RGB, "c.png": other}
    paths = [written(tmp_path, data, name, "PNG") for name, data in pixels.items()]
    sentence = f"^a.png is 7×5 RGB but c.png is {kind}: files of one stack must be of equal size and colour mode$"
    with pytest.raises(ValueError, match=sentence):
        read_images(paths)


def test_files_resized_to_one_size_are_stacked(tmp_path):
    paths = [written(tmp_path, RGB, "a.png", "PNG"), written(tmp_path, RGB[:3], "b.png", "PNG")]
    assert read_images(paths, size=(4, 4))[0].shape == (2, 4, 4, 3)


def test_notes_of_a_stack_name_their_file(tmp_path):
    paths = [written(tmp_path, RGB, f"{n}.png", "PNG", exif=oriented(n)) for n in (1, 9)]
    assert read_images(paths)[1]["notes"] == [
        "9.png: The EXIF orientation 9 in the file has no meaning and was ignored."
    ]


def test_an_empty_list_of_files_is_refused():
    with pytest.raises(ValueError, match="no files to read: a stack needs at least one"):
        read_images([])
