"""What must hold for every photo: upright, in sRGB, nothing lost without a note, one clear error if damaged."""

import io
import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from napari_quantize.files import frames as frames_module
from napari_quantize.files.opening import photo_suffixes
from napari_quantize.files.photo import read_image, read_images

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
GREY = RGB[..., 0].copy()
ALPHA = np.dstack([RGB, 255 - GREY])
GREY16 = np.arange(35, dtype=np.uint16).reshape(5, 7) * 1927
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Red and blue primaries exchanged: what the profile calls red is the blue of sRGB.
SWAPPED = SRGB.replace(b"rXYZ", b"tmp ").replace(b"bXYZ", b"rXYZ").replace(b"tmp ", b"bXYZ")


def encoded(data: np.ndarray | Image.Image, image_format: str, **options) -> bytes:
    image = data if isinstance(data, Image.Image) else Image.fromarray(data)
    stream = io.BytesIO()
    image.save(stream, image_format, **options)
    return stream.getvalue()


def written(folder: Path, data: np.ndarray | Image.Image, name: str, image_format: str, **options) -> Path:
    path = folder / name
    path.write_bytes(encoded(data, image_format, **options))
    return path


def oriented(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = number
    return exif


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(width: int, height: int, depth: int, color: int, rows: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def icc_profile(device_class: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Build a version 2 profile from its tags."""
    start = 128 + 4 + 12 * len(tags)
    table, body = b"", b""
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    header = struct.pack(">I", start + len(body)) + b"\0\0\0\0\x02\x40\0\0" + device_class + space + pcs
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + bytes.fromhex("0000f6d6000100000000d32d") + b"\0" * 48
    return header + struct.pack(">I", len(tags)) + table + body


def desc(text: bytes) -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + b"\0" * 78


WHITE = b"XYZ \0\0\0\0" + bytes.fromhex("0000f6d6000100000000d32d")
LINEAR_GREY = icc_profile(
    b"mntr",
    b"GRAY",
    b"XYZ ",
    {b"desc": desc(b"Linear grey"), b"wtpt": WHITE, b"kTRC": b"curv\0\0\0\0\0\0\0\1\1\0\0\0"},
)


def black_only_cmyk() -> bytes:
    """Build a CMYK profile in which only black ink is seen."""
    ramp = bytes(range(256))
    grid = bytes(v for ink in range(16) for v in (255 * (1 - ink % 2), 128, 128))
    matrix = struct.pack(">9i", *[65536 * (i % 4 == 0) for i in range(9)])
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + grid + ramp * 3
    tags = {b"desc": desc(b"Black only"), b"wtpt": WHITE, b"A2B0": lut, b"A2B1": lut}
    return icc_profile(b"prtr", b"CMYK", b"Lab ", tags)


def srgb_from_linear(values: np.ndarray) -> np.ndarray:
    share = values / 255
    return 255 * np.where(share <= 0.0031308, 12.92 * share, 1.055 * share ** (1 / 2.4) - 0.055)


# ---- pixels ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(Image.fromarray(GREY), GREY, id="L"),
        pytest.param(Image.fromarray(RGB), RGB, id="RGB"),
        pytest.param(Image.fromarray(ALPHA), ALPHA, id="RGBA"),
        pytest.param(Image.fromarray(GREY > 99), (GREY > 99) * np.uint8(255), id="1"),
        pytest.param(Image.fromarray(GREY16), GREY16, id="I;16"),
        pytest.param(
            Image.fromarray(np.dstack([GREY, ALPHA[..., 3]])),
            np.dstack([GREY, GREY, GREY, ALPHA[..., 3]]),
            id="LA",
        ),
    ],
)
def test_png_modes_keep_their_values(tmp_path, image, expected):
    data, info = read_image(written(tmp_path, image, "a.png", "PNG"))
    np.testing.assert_array_equal(data, expected)
    assert data.dtype == expected.dtype
    assert info["rgb"] == (expected.ndim == 3)
    assert info["notes"] == []
    assert (info["format"], info["original_size"], info["frames"]) == ("PNG", [7, 5], 1)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u2", "i2", "i4", "f4"])
def test_measured_greys_are_exact_and_native(tmp_path, order, kind):
    if order + kind in (">u2", "<u2"):
        mode, values = ("I;16" if order == "<" else "I;16B"), GREY16.astype(order + kind)
        image = Image.frombytes(mode, (7, 5), values.tobytes())
    else:
        image = Image.fromarray(GREY16.astype({"i2": "i4"}.get(kind, kind)))
    data, info = read_image(written(tmp_path, image, "a.tif", "TIFF"))
    np.testing.assert_array_equal(data, GREY16)
    assert data.dtype == {"u2": np.uint16, "f4": np.float32}.get(kind, np.int32)
    assert data.dtype.isnative
    assert not info["rgb"]


def test_16_bit_pgm_is_uint16(tmp_path):
    (tmp_path / "a.pgm").write_bytes(b"P5 7 5 65535\n" + GREY16.astype(">u2").tobytes())
    data, info = read_image(tmp_path / "a.pgm")
    np.testing.assert_array_equal(data, GREY16)
    assert data.dtype == np.uint16
    assert info["notes"] == []


def test_scaled_pgm_values_are_told(tmp_path):
    (tmp_path / "a.pgm").write_bytes(b"P5 2 1 1023\n" + struct.pack(">2H", 0, 1023))
    data, info = read_image(tmp_path / "a.pgm")
    assert data.tolist() == [[0, 65535]]
    assert info["notes"] == ["The values 0 … 1,023 in the file were scaled to 0 … 65,535."]


@pytest.mark.parametrize(("color", "channels"), [(2, 3), (6, 4)])
def test_16_bit_colours_are_read_as_8_bits_and_told(tmp_path, color, channels):
    (tmp_path / "a.png").write_bytes(raw_png(2, 1, 16, color, b"\0" + b"\x12\x34" * 2 * channels))
    data, info = read_image(tmp_path / "a.png")
    assert np.unique(data).tolist() == [0x12]
    assert info["notes"] == ["The file has 16 bits a channel; only 8 could be read."]


@pytest.mark.parametrize("transparency", [None, 1, b"\x00\x80\xff"])
def test_palettes_become_colours(tmp_path, transparency):
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "L").convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    options = {} if transparency is None else {"transparency": transparency}
    data, info = read_image(written(tmp_path, image, "a.png", "PNG", **options))
    assert data[..., :3].tolist() == [[[10, 20, 30], [40, 50, 60], [70, 80, 90]]]
    alpha = {None: None, 1: [255, 0, 255], b"\x00\x80\xff": [0, 128, 255]}[transparency]
    assert (data[0, :, 3].tolist() if data.shape[-1] == 4 else None) == alpha
    assert (info["mode"], info["notes"]) == ("P", [])


def test_a_transparent_grey_becomes_rgba(tmp_path):
    image = Image.fromarray(np.array([[0, 7, 9]], np.uint8))
    data, _ = read_image(written(tmp_path, image, "a.png", "PNG", transparency=7))
    assert data.tolist() == [[[0, 0, 0, 255], [7, 7, 7, 0], [9, 9, 9, 255]]]


@pytest.mark.parametrize("mode", ["YCbCr", "CMYK"])
def test_other_colour_spaces_become_rgb(tmp_path, mode):
    data, info = read_image(written(tmp_path, Image.fromarray(RGB).convert(mode), "a.tif", "TIFF"))
    assert info["mode"] == mode
    np.testing.assert_allclose(data, RGB, atol=3)


def test_lab_becomes_rgb(tmp_path):
    muted = RGB // 2 + 64  # 8-bit LAB is coarse where colours are strong
    spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.applyTransform(Image.fromarray(muted), ImageCms.buildTransform(*spaces, "RGB", "LAB"))
    data, info = read_image(written(tmp_path, image, "a.tif", "TIFF"))
    assert info["mode"] == "LAB"
    np.testing.assert_allclose(data, muted, atol=5)


@pytest.mark.parametrize(
    ("suffix", "image_format", "options"),
    [
        ("bmp", "BMP", {}),
        ("ppm", "PPM", {}),
        ("webp", "WEBP", {"lossless": True}),
        ("tga", "TGA", {}),
        ("jp2", "JPEG2000", {}),
        ("qoi", "QOI", {}),
        ("avif", "AVIF", {"quality": 100, "subsampling": "4:4:4"}),
        ("jpg", "JPEG", {"quality": 100, "subsampling": 0}),
    ],
)
def test_formats(tmp_path, suffix, image_format, options):
    smooth = np.stack(np.meshgrid(range(0, 160, 5), range(0, 96, 3)), axis=-1).repeat(2, axis=-1)[..., :3]
    data, info = read_image(written(tmp_path, smooth.astype(np.uint8), f"a.{suffix}", image_format, **options))
    assert np.abs(data.astype(int) - smooth).max() <= (4 if suffix in ("avif", "jpg") else 0)
    assert (info["format"], info["notes"]) == (image_format, [])


@given(
    mode=st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]),
    size=st.none() | st.tuples(st.integers(1, 20), st.integers(1, 20)),
    orientation=st.integers(1, 8),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arrays_are_ours_and_info_is_json(tmp_path, mode, size, orientation):
    image = Image.fromarray(GREY16) if mode == "I;16" else Image.fromarray(ALPHA).convert(mode)
    data, info = read_image(written(tmp_path, image, "a.png", "PNG", exif=oriented(orientation)), size)
    assert data.flags.c_contiguous
    assert data.flags.owndata
    assert data.flags.writeable
    assert data.dtype.isnative
    turned = (5, 7) if orientation > 4 else (7, 5)
    assert data.shape[1::-1] == (size or turned)
    assert json.loads(json.dumps(info)) == info
    assert info["rgb"] == (data.ndim == 3)


# ---- orientation -------------------------------------------------------------------------------------------

UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.swapaxes(np.rot90(a, 2), 0, 1),
    8: np.rot90,
}


@pytest.mark.parametrize(
    ("suffix", "image_format", "options"),
    [
        ("png", "PNG", {}),
        ("webp", "WEBP", {"lossless": True}),
        ("tif", "TIFF", {}),
        ("tiff", "TIFF", {"compression": "tiff_lzw"}),
    ],
)
@pytest.mark.parametrize("number", UPRIGHT)
def test_orientation_is_applied(tmp_path, number, suffix, image_format, options):
    path = written(tmp_path, RGB, f"a.{suffix}", image_format, exif=oriented(number), **options)
    data, info = read_image(path)
    np.testing.assert_array_equal(data, UPRIGHT[number](RGB))
    assert (info["orientation"], info["original_size"]) == (number, [7, 5])


@pytest.mark.parametrize("number", UPRIGHT)
@pytest.mark.parametrize("image_format", ["JPEG", "AVIF"])
def test_orientation_of_lossy_photos(tmp_path, number, image_format):
    quadrants = np.zeros((32, 48), np.uint8)
    quadrants[:16, 24:], quadrants[16:, :24], quadrants[16:, 24:] = 80, 160, 240
    data, info = read_image(written(tmp_path, quadrants, "a.jpg", image_format, exif=oriented(number)))
    grey = data if data.ndim == 2 else data[..., 0]
    np.testing.assert_allclose(grey, UPRIGHT[number](quadrants), atol=12)
    assert info["orientation"] == number


@pytest.mark.parametrize("number", [0, 9, 400])
def test_meaningless_orientation_is_told(tmp_path, number):
    data, info = read_image(written(tmp_path, RGB, "a.png", "PNG", exif=oriented(number)))
    np.testing.assert_array_equal(data, RGB)
    assert info["orientation"] == 1
    assert info["notes"] == [f"The EXIF orientation {number} in the file has no meaning and was ignored."]


def test_damaged_exif_does_not_cost_the_photo(tmp_path):
    data, info = read_image(written(tmp_path, RGB, "a.webp", "WEBP", lossless=True, exif=b"Exif\0\0not exif"))
    np.testing.assert_array_equal(data, RGB)
    assert info["notes"] == ["The EXIF data in the file are damaged and were ignored."]


# ---- colour profiles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("pixels", [RGB, ALPHA])
@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_profile_is_converted_to_srgb(tmp_path, pixels, image_format):
    data, info = read_image(written(tmp_path, pixels, "a", image_format, icc_profile=SWAPPED))
    exchanged = pixels.copy()
    exchanged[..., :3] = pixels[..., 2::-1]
    np.testing.assert_allclose(data, exchanged, atol=2)
    np.testing.assert_array_equal(data[..., 3:], pixels[..., 3:])
    assert (info["profile"], info["converted_to_srgb"], info["notes"]) == ("sRGB built-in", True, [])


def test_profile_of_a_palette_is_converted(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([200, 100, 0])
    data, info = read_image(written(tmp_path, image, "a.png", "PNG", icc_profile=SWAPPED))
    np.testing.assert_allclose(data, [[[0, 100, 200]] * 2], atol=2)
    assert info["converted_to_srgb"]


def test_grey_profile_is_converted(tmp_path):
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    data, info = read_image(written(tmp_path, ramp, "a.png", "PNG", icc_profile=LINEAR_GREY))
    np.testing.assert_allclose(data, srgb_from_linear(ramp), atol=1)
    assert (data.shape, info["profile"], info["converted_to_srgb"]) == ((16, 16), "Linear grey", True)


def test_cmyk_goes_through_its_profile(tmp_path):
    inks = np.zeros((2, 2, 4), np.uint8)
    inks[..., 0], inks[1, :, 3] = 200, 255
    data, info = read_image(
        written(tmp_path, Image.fromarray(inks, "CMYK"), "a.tif", "TIFF", icc_profile=black_only_cmyk())
    )
    np.testing.assert_allclose(data[0], 255, atol=2)
    np.testing.assert_allclose(data[1], 0, atol=2)
    assert (info["mode"], info["profile"], info["converted_to_srgb"]) == ("CMYK", "Black only", True)
    assert info["notes"] == []


def test_cmyk_without_profile_is_told(tmp_path):
    data, info = read_image(written(tmp_path, Image.new("CMYK", (2, 2)), "a.jpg", "JPEG"))
    assert np.unique(data).tolist() == [255]
    assert info["notes"] == ["The CMYK colours have no usable profile; their conversion to RGB is approximate."]


@pytest.mark.parametrize("pixels", [RGB, GREY, ALPHA])
def test_srgb_is_left_alone(tmp_path, pixels):
    data, info = read_image(written(tmp_path, pixels, "a.png", "PNG", icc_profile=SRGB))
    np.testing.assert_array_equal(data, pixels)
    assert (info["profile"], info["converted_to_srgb"], info["notes"]) == ("sRGB built-in", False, [])


@pytest.mark.parametrize("broken", [b"junk", SRGB[:200], SRGB[:-40]])
def test_broken_profile_is_ignored_and_told(tmp_path, broken):
    data, info = read_image(written(tmp_path, RGB, "a.png", "PNG", icc_profile=broken))
    np.testing.assert_array_equal(data, RGB)
    assert (info["profile"], info["converted_to_srgb"]) == (None, False)
    assert info["notes"] == ["The colour profile in the file is damaged and was ignored."]


@pytest.mark.parametrize(("pixels", "profile"), [(RGB, LINEAR_GREY), (GREY, SWAPPED), (GREY16, LINEAR_GREY)])
def test_profile_for_another_kind_is_told(tmp_path, pixels, profile):
    data, info = read_image(written(tmp_path, pixels, "a.png", "PNG", icc_profile=profile))
    np.testing.assert_array_equal(data, pixels)
    assert not info["converted_to_srgb"]
    assert len(info["notes"]) == 1
    assert info["profile"] in info["notes"][0]


# ---- resizing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pixels", [RGB, ALPHA, GREY])
def test_resizing_is_pillows_default(tmp_path, pixels):
    data, info = read_image(written(tmp_path, pixels, "a.png", "PNG"), size=(12, 3))
    np.testing.assert_array_equal(data, np.asarray(Image.fromarray(pixels).resize((12, 3))))
    assert info["original_size"] == [7, 5]


@pytest.mark.parametrize("top", [255, 4095, 65535])
def test_resized_16_bit_edges_do_not_wrap(tmp_path, top):
    edge = np.zeros((8, 8), np.uint16)
    edge[:, 4:] = top
    data, _ = read_image(written(tmp_path, edge, "a.png", "PNG"), size=(32, 8))
    assert data.dtype == np.uint16
    exact = np.asarray(Image.fromarray(edge.astype(np.float32)).resize((32, 8), Image.Resampling.BICUBIC))
    np.testing.assert_allclose(data, exact.clip(0, 65535), atol=0.51)


@pytest.mark.parametrize("size", [(0, 5), (5,), (5, 6, 7), (-1, 5), (2.0, 5), (True, 5), "ab", 5, ("5", "5")])
def test_bad_sizes(tmp_path, size):
    with pytest.raises(ValueError, match=r"size=.* must be two integers of at least 1: \(width, height\)") as error:
        read_image(tmp_path / "not looked at.png", size)
    assert repr(size) in str(error.value)


# ---- animations --------------------------------------------------------------------------------------------

STEPS = [
    np.roll(np.full((4, 6, 3), [250, 120, 10], np.uint8) * (np.arange(6) < 3)[:, None].astype(np.uint8), i, 1)
    for i in range(3)
]
TIMES = [100, 200, 300]


def animation(steps: list[np.ndarray], image_format: str, **options) -> bytes:
    first, *others = [Image.fromarray(step) for step in steps]
    return encoded(first, image_format, save_all=True, append_images=others, **options)


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


def test_transparent_gif_is_composed(tmp_path):
    steps = [np.zeros((4, 4, 4), np.uint8) for _ in range(3)]
    for index, step in enumerate(steps):
        step[index, :] = 200, 40, 0, 255
    (tmp_path / "a.gif").write_bytes(animation(steps, "GIF", disposal=2, duration=TIMES))
    data, _ = read_image(tmp_path / "a.gif")
    np.testing.assert_array_equal(data[..., 3], np.array(steps)[..., 3])
    np.testing.assert_array_equal(data[data[..., 3] == 255], [[200, 40, 0, 255]] * 12)


def test_default_image_of_an_animated_png_is_no_frame(tmp_path):
    poster = Image.new("RGB", (6, 4), "white")
    steps = [Image.fromarray(step) for step in STEPS]
    path = written(tmp_path, poster, "a.png", "PNG", save_all=True, append_images=steps, default_image=True)
    np.testing.assert_array_equal(read_image(path)[0], STEPS)


@pytest.mark.parametrize("second", [np.zeros((3, 3, 3), np.uint8), GREY16])
def test_pages_that_do_not_fit_are_left_out_and_told(tmp_path, second):
    first, other = Image.fromarray(RGB), Image.fromarray(second)
    (tmp_path / "a").write_bytes(encoded(first, "TIFF", save_all=True, append_images=[other]))
    data, info = read_image(tmp_path / "a")
    np.testing.assert_array_equal(data, RGB)
    assert info["frames"] == 1
    assert info["notes"] == ["The 2 pictures in the file differ in size or kind; only the first was read."]


def test_preview_in_a_jpeg_is_not_read(tmp_path):
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


# ---- bad files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jpg", b"", r"^empty\.jpg is empty$"),
        ("notes.txt", b"dear diary", r"^notes\.txt is not an image that can be read$"),
        ("page.jpg", b"<html>" * 99, r"^page\.jpg is not an image that can be read$"),
        ("drawing.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", r"^drawing\.eps is not an image that"),
        ("cut.jpg", encoded(RGB, "JPEG")[:-30], r"^cut\.jpg is truncated or damaged: "),
        ("cut.png", encoded(RGB, "PNG")[:-40], r"^cut\.png is truncated or damaged: "),
        ("cut.gif", encoded(RGB, "GIF")[:-1], r"^cut\.gif is truncated or damaged: its end is missing$"),
        (
            "huge.png",
            raw_png(50_000, 50_000, 8, 2, b""),
            r"^huge\.png has 2,500,000,000 pixels: more than the safety limit of [\d,]+ pixels$",
        ),
    ],
)
def test_bad_content_is_one_sentence(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_image(tmp_path / name)


def test_missing_files_and_folders_stay_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "no.png")
    with pytest.raises((IsADirectoryError, PermissionError)):
        read_image(tmp_path)


CUTTABLE = {
    "JPEG": encoded(RGB, "JPEG"),
    "progressive JPEG": encoded(RGB, "JPEG", progressive=True),
    "PNG": encoded(RGB, "PNG"),
    "WebP": encoded(RGB, "WEBP"),
    "AVIF": encoded(RGB, "AVIF"),
    "JPEG 2000": encoded(RGB, "JPEG2000"),
    "BMP": encoded(RGB, "BMP"),
    "GIF": encoded(RGB, "GIF"),
    "TIFF": encoded(RGB, "TIFF", compression="tiff_lzw"),
    "animated GIF": animation(STEPS, "GIF", duration=TIMES),
    "animated PNG": animation(STEPS, "PNG", duration=TIMES),
    "animated WebP": animation(STEPS, "WEBP", duration=TIMES),
}


def attempt(path: Path) -> tuple[np.ndarray | None, str | None]:
    try:
        return read_image(path)[0], None
    except ValueError as error:
        return None, str(error)


@pytest.mark.parametrize("kind", CUTTABLE)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_file_is_an_error_or_whole_and_never_a_part(tmp_path, kind, data):
    content = CUTTABLE[kind]
    (tmp_path / "whole").write_bytes(content)
    (tmp_path / "cut").write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    pixels, error = attempt(tmp_path / "cut")
    if error is None:
        np.testing.assert_array_equal(pixels, read_image(tmp_path / "whole")[0])
    else:
        assert error.startswith("cut is ")


@pytest.mark.parametrize("kind", CUTTABLE)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_one_error(tmp_path, monkeypatch, kind, data):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)  # else a damaged size can make the test slow
    content = bytearray(CUTTABLE[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad").write_bytes(content)
    _, error = attempt(tmp_path / "bad")
    assert error is None or error.startswith("bad ")


def test_rest_after_the_end_of_a_gif_is_allowed(tmp_path):
    (tmp_path / "a.gif").write_bytes(animation(STEPS, "GIF") + b"\0\0more")
    np.testing.assert_array_equal(read_image(tmp_path / "a.gif")[0], STEPS)


def test_large_but_allowed_image_is_read_with_a_note(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 34)
    data, info = read_image(written(tmp_path, RGB, "a.png", "PNG"))
    np.testing.assert_array_equal(data, RGB)
    assert info["notes"] == ["The image is unusually large: 35 pixels."]


@pytest.mark.parametrize(
    "name", ["Grüße aus Köln.png", "with  spaces.png", "ö" * 100 + ".png", "no suffix", "wrong.jpg"]
)
def test_any_file_name(tmp_path, name):
    path = written(tmp_path, RGB, name, "PNG")
    np.testing.assert_array_equal(read_image(path)[0], RGB)
    np.testing.assert_array_equal(read_image(str(path))[0], RGB)


def test_symbolic_links_are_followed(tmp_path):
    path = written(tmp_path, RGB, "a.png", "PNG")
    (tmp_path / "link.png").symlink_to(path)
    data, info = read_image(tmp_path / "link.png")
    np.testing.assert_array_equal(data, RGB)
    assert info["file_kb"] == round(os.path.getsize(path) / 1024, 1)


def test_suffixes_are_those_of_photos():
    suffixes = photo_suffixes()
    assert suffixes >= {".jpg", ".jpeg", ".avif", ".png", ".bmp", ".gif", ".webp", ".ppm", ".tif"}
    assert not suffixes & {".eps", ".h5", ".hdf", ".mpg", ".pdf", ".wmf", ".txt"}


# ---- stacks ------------------------------------------------------------------------------------------------


def test_files_of_equal_kind_are_stacked(tmp_path):
    paths = [written(tmp_path, pixels, name, "PNG") for name, pixels in [("a.png", RGB), ("b.png", 255 - RGB)]]
    data, info = read_images(paths)
    np.testing.assert_array_equal(data, [RGB, 255 - RGB])
    assert (info["files"], info["rgb"], info["notes"]) == (["a.png", "b.png"], True, [])
    assert info["infos"] == [read_image(path)[1] for path in paths]
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


def test_equal_size_makes_files_stackable(tmp_path):
    paths = [written(tmp_path, RGB, "a.png", "PNG"), written(tmp_path, RGB[:3], "b.png", "PNG")]
    assert read_images(paths, size=(4, 4))[0].shape == (2, 4, 4, 3)


def test_notes_of_a_stack_name_their_file(tmp_path):
    paths = [written(tmp_path, RGB, f"{n}.png", "PNG", exif=oriented(n)) for n in (1, 9)]
    assert read_images(paths)[1]["notes"] == [
        "9.png: The EXIF orientation 9 in the file has no meaning and was ignored."
    ]


def test_no_files():
    with pytest.raises(ValueError, match="no files to read: a stack needs at least one"):
        read_images([])
