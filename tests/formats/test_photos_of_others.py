"""Photos made by other programs (make_photos.sh) show what was drawn: four corners, or a square that moves."""

from pathlib import Path

import numpy as np
import pytest

from napari_quantize.formats.photo.read import read_image, read_images

FOLDER = Path(__file__).parent / "made_by_others" / "photos"
CORNERS = [(220, 40, 30), (40, 180, 60), (30, 60, 200), (240, 230, 90)]
GREYS = [0, 85, 170, 255]
DEEP = [(4660, 22136, 39612), (1, 255, 256), (65534, 65535, 0), (257, 32768, 32767)]
TURNED = sorted(path.name for path in FOLDER.glob("turned_?.*"))
TURNED_AVIF = sorted(path.name for path in FOLDER.glob("turned_?_*.avif"))


def four(corners: list) -> np.ndarray:
    """Draw 24×16 pixels whose corners have these colours, in reading order."""
    return np.asarray(corners).reshape(2, 2, -1).repeat(8, 0).repeat(12, 1).squeeze()


def with_alpha(pixels: np.ndarray, last: int) -> np.ndarray:
    return np.dstack([pixels, four([255, 255, 255, last])])


def test_all_rotated_files_exist():
    assert len(TURNED) == 8 * 4
    assert len(TURNED_AVIF) == 4 * 3


@pytest.mark.parametrize("name", [*TURNED, *TURNED_AVIF])
def test_photos_are_upright(name):
    data, info = read_image(FOLDER / name)
    lossy = name.endswith((".jpg", ".avif"))
    np.testing.assert_allclose(data, four(CORNERS), atol=2 if lossy else 0)
    swapped = (info["orientation"] > 4) if name.endswith(".avif") else int(name[7]) > 4
    assert info["original_size"] == ([16, 24] if swapped else [24, 16])
    assert info["notes"] == []


def test_a_16_bit_photo_is_upright():
    data, info = read_image(FOLDER / "turned_16bit_5.png")
    np.testing.assert_array_equal(data, four(CORNERS) * 257)
    assert (data.dtype, info["orientation"], info["notes"]) == (np.uint16, 5, [])


@pytest.mark.parametrize(
    ("name", "mode", "expected"),
    [
        ("palette.png", "P", four(CORNERS)),
        ("palette_alpha.png", "P", with_alpha(four(CORNERS), 128)),
        ("alpha.png", "RGBA", with_alpha(four(CORNERS), 128)),
        ("alpha.webp", "RGBA", with_alpha(four(CORNERS), 128)),
        ("alpha.tif", "RGBA", with_alpha(four(CORNERS), 128)),
        ("alpha.avif", "RGBA", with_alpha(four(CORNERS), 128)),
        ("see_through.gif", "P", with_alpha(four([*CORNERS[:3], (0, 0, 0)]), 0)),
        ("grey_see_through.png", "L", np.dstack([four(GREYS)] * 3 + [four([255, 255, 0, 255])])),
        ("grey_2.png", "L", four(GREYS)),
        ("grey_4.png", "L", four(GREYS)),
        ("grey_8.png", "L", four(GREYS)),
        ("grey.jpg", "L", four(GREYS)),
        ("grey_16.png", "I;16", four(GREYS) * 257),
        ("grey_16.pgm", None, four(GREYS) * 257),
        ("grey_16.tif", "I;16", four(GREYS) * 257),
        ("bits.png", "1", four([0, 255, 255, 0])),
        ("bits.pbm", "1", four([0, 255, 255, 0])),
        ("bits_plain.pbm", "1", four([0, 255, 255, 0])),
        ("bits.tif", "1", four([0, 255, 255, 0])),
        ("bits_black.tif", "1", four([0, 255, 255, 0])),
        ("progressive.jpg", "RGB", four(CORNERS)),
        ("arithmetic.jpg", "RGB", four(CORNERS)),
        ("stored_rgb.jpg", "RGB", four(CORNERS)),
    ],
)
def test_pixels_and_modes_of_each_kind(name, mode, expected):
    data, info = read_image(FOLDER / name)
    # pngquant's 128 and the lossy formats' colours may be one off.
    np.testing.assert_allclose(data, expected, atol=2 if name.endswith((".jpg", ".avif")) else 0)
    assert data.dtype == (np.uint16 if "16" in name else np.uint8)
    assert (info["rgb"], info["notes"]) == (expected.ndim == 3, [])
    assert mode in (info["mode"], None)  # Pillow has changed its name for 16-bit PGM


@pytest.mark.parametrize("suffix", ["bmp", "gif", "tga", "pcx", "sgi", "ras", "xpm", "ppm", "jp2"])
def test_lossless_formats_are_exact(suffix):
    data, info = read_image(FOLDER / f"rgb.{suffix}")
    np.testing.assert_array_equal(data, four(CORNERS))
    assert info["notes"] == []


@pytest.mark.parametrize("name", ["rgb_plain.ppm", "rgb_rle.bmp", "rgb.ico"])
def test_variants_of_a_format_have_the_same_pixels(name):
    np.testing.assert_array_equal(read_image(FOLDER / name)[0][..., :3], four(CORNERS))


@pytest.mark.parametrize("name", ["netpbm.png", "magick.png", "interlaced.png", "ffmpeg.png", "alpha.png", ".ppm"])
def test_16_bit_colours_keep_all_bits(name):
    data, info = read_image(FOLDER / ("deep.ppm" if name == ".ppm" else f"deep_{name}"))
    np.testing.assert_array_equal(data[..., :3], [DEEP])
    assert (data[..., 3:] == 16384).all()
    assert (data.dtype, info["notes"]) == (np.uint16, [])


@pytest.mark.parametrize(
    ("name", "bits"), [("deep_animated.png", 16), ("deep.jp2", 16), ("ten_bits.avif", 10), ("twelve_bits.avif", 12)]
)
def test_lost_bits_are_noted(name, bits):
    data, info = read_image(FOLDER / name)
    assert data.dtype == np.uint8
    assert info["notes"] == [f"The file has {bits} bits a channel; only 8 could be read."]


@pytest.mark.parametrize("name", ["ycck.jpg", "inks.tif"])
def test_inks_become_rgb(name):
    data, info = read_image(FOLDER / name)
    columns = data[::32, 16::32] if name == "ycck.jpg" else data
    np.testing.assert_allclose(columns, [[(0, 255, 255), (255, 0, 255), (0, 0, 0), (255, 255, 255)]], atol=3)
    assert info["mode"] == "CMYK"


ADOBE_TO_XYZ = [[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]]
P3_TO_XYZ = [[0.48657, 0.26567, 0.19822], [0.22897, 0.69174, 0.07929], [0.0, 0.04511, 1.04394]]
XYZ_TO_SRGB = [[3.24097, -1.53738, -0.49861], [-0.96924, 1.87597, 0.04156], [0.05563, -0.20398, 1.05697]]


def in_srgb(colors: list, to_xyz: list, gamma: float) -> np.ndarray:
    """Convert by the definitions of the colour spaces (Adobe RGB (1998), SMPTE EG 432-1, IEC 61966-2-1)."""
    light = ((np.array(colors) / 255) ** gamma @ np.transpose(to_xyz) @ np.transpose(XYZ_TO_SRGB)).clip(0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("suffix", ["png", "_16bit.png", "tif", "jpg", "webp", "avif"])
@pytest.mark.parametrize(("profile", "to_xyz", "gamma"), [("adobe", ADOBE_TO_XYZ, 563 / 256), ("p3", P3_TO_XYZ, 2.2)])
def test_profiles_become_srgb(profile, to_xyz, gamma, suffix):
    data, info = read_image(FOLDER / f"profile_{profile}{'' if suffix.startswith('_') else '.'}{suffix}")
    deep = data.dtype == np.uint16
    expected = four(list(in_srgb(CORNERS, to_xyz, gamma)))
    # Near the edge of the gamut, one level of a lossy file becomes several.
    np.testing.assert_allclose(data / (257 if deep else 1), expected, atol=8 if suffix in ("jpg", "avif") else 1)
    assert info["converted_to_srgb"]
    assert info["notes"] == []
    assert deep == (suffix == "_16bit.png")


def moved(left: int) -> np.ndarray:
    picture = np.zeros((8, 12, 3), np.uint8)
    picture[..., 2] = 255
    picture[2:6, left : left + 4] = 255, 0, 0
    return picture


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("moving.gif", [100, 200, 300]),
        ("moving_0ms.gif", [0, 0, 0]),
        ("moving.png", [250, 250, 500]),
        ("moving.webp", [100, 1, 300]),
        ("moving.avif", [100, 200, 300]),
        ("moving.tif", None),
    ],
)
def test_animations_have_their_frames_and_times(name, times):
    data, info = read_image(FOLDER / name)
    np.testing.assert_allclose(data[..., :3], [moved(left) for left in (0, 4, 8)], atol=3 if "avif" in name else 0)
    assert (data[..., 3:] == 255).all()
    assert (info.get("durations_ms"), info["frames"], info["notes"]) == (times, 3, [])


def test_frames_are_disposed_to_the_background_colour():
    blue = moved(12)
    red, green = blue.copy(), blue.copy()
    red[2:6, 2:6], green[2:6, 6:10] = (255, 0, 0), (0, 255, 0)
    white = blue.copy()
    white[:2, :2] = 255
    data, info = read_image(FOLDER / "disposal_blue.gif")
    np.testing.assert_array_equal(data, [blue, red, green, white])
    assert info["durations_ms"] == [100, 0, 250, 50]


def test_disposed_frames_become_transparent():
    data, _ = read_image(FOLDER / "disposal_holed.gif")
    seen = np.full((4, 8, 12), True)
    seen[:, 7, 11] = False
    seen[2:, 2:6, 2:6] = False
    np.testing.assert_array_equal(data[..., 3], seen * 255)
    assert (data[2, 2:6, 6:10, :3] == (0, 255, 0)).all()
    assert (data[3, 2:6, 6:10, :3] == (0, 0, 255)).all()


def test_pages_of_another_kind_are_left_out():
    data, info = read_image(FOLDER / "pages_differ.tif")
    np.testing.assert_array_equal(data, moved(0))
    assert info["notes"] == ["The 2 pictures in the file differ in size or kind; only the first was read."]


def test_a_format_that_cannot_be_read_is_named():
    sentence = r"^rgb\.heic is a HEIC file, which cannot be read here: save it as JPEG, PNG or TIFF$"
    with pytest.raises(ValueError, match=sentence):
        read_image(FOLDER / "rgb.heic")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["rgb.bmp", "moving.tif"], "rgb.bmp is 24×16 RGB but moving.tif is 12×8 RGB with 3 frames"),
        (["rgb.bmp", "grey.jpg"], "rgb.bmp is 24×16 RGB but grey.jpg is 24×16 grey"),
        (["rgb.bmp", "turned_16bit_5.png"], r"rgb.bmp is 24×16 RGB but turned_16bit_5.png is 24×16 RGB \(uint16\)"),
        (["alpha.png", "rgb.bmp"], "alpha.png is 24×16 RGBA but rgb.bmp is 24×16 RGB"),
    ],
)
def test_files_of_different_kinds_are_not_stacked(names, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}: files of one stack must be of equal size and colour mode$"):
        read_images([FOLDER / name for name in names])


def test_files_of_different_programs_are_stacked():
    data, _ = read_images([FOLDER / name for name in ("rgb.bmp", "turned_6.png", "turned_7.webp")])
    np.testing.assert_array_equal(data, [four(CORNERS)] * 3)


@pytest.mark.parametrize(
    ("name", "n_values"),
    [("rgb.ppm", 24 * 16 * 3), ("moving.gif", 3 * 12 * 8 * 3), ("grey_16.png", 24 * 16 * 2), ("deep_alpha.png", 4 * 8)],
)
def test_the_figures_of_the_file(name, n_values):
    data, info = read_image(FOLDER / name)
    size = (FOLDER / name).stat().st_size
    n_pixels = data.size // (data.shape[-1] if info["rgb"] else 1)
    assert info["file_kb"] == round(size / 1024, 1)
    assert info["bits_per_pixel"] == pytest.approx(8 * size / n_pixels, abs=0.001)
    assert info["compression_ratio"] == pytest.approx(n_values / size, abs=0.001)
    smaller = read_image(FOLDER / name, size=(3, 3))[1]
    assert {**smaller, "notes": []} == {**info, "notes": []}
