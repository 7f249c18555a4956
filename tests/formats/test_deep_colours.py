"""Colours of 16 bits a channel keep all their bits, or a note says that they do not."""

import re
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from photos import RGB, SRGB, SWAPPED, encoded, oriented, png_chunk, raw_png
from PIL import Image
from test_orientation import UPRIGHT

from napari_quantize.formats.photo import frames as frames_module
from napari_quantize.formats.photo.read import read_image

RGB16 = np.random.default_rng(1).integers(0, 65536, (5, 7, 3), dtype=np.uint16)
RGBA16 = np.dstack([RGB16, np.arange(35, dtype=np.uint16).reshape(5, 7) * 1927])


def png16(pixels: np.ndarray, *chunks: bytes) -> bytes:
    """Encode without any library: rows of big-endian numbers, each after the filter 0."""
    color = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2]]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    plain = raw_png(pixels.shape[1], pixels.shape[0], 16, color, rows)
    return plain[:33] + b"".join(chunks) + plain[33:]


def exif_chunk(number: int) -> bytes:
    return png_chunk(b"eXIf", oriented(number).tobytes().removeprefix(b"Exif\0\0"))


def profile_chunk(profile: bytes) -> bytes:
    with_profile = encoded(RGB, "PNG", icc_profile=profile)
    start = with_profile.index(b"iCCP") - 4
    return with_profile[start : start + 12 + struct.unpack(">I", with_profile[start : start + 4])[0]]


@pytest.mark.parametrize("pixels", [RGB16, RGBA16])
def test_png_keeps_16_bits(tmp_path, pixels):
    (tmp_path / "a.png").write_bytes(png16(pixels))
    data, info = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(data, pixels)
    assert data.dtype == np.uint16
    assert (info["notes"], info["rgb"], info["frames"], info["original_size"]) == ([], True, 1, [7, 5])


def test_grey_with_alpha_becomes_rgba(tmp_path):
    (tmp_path / "a.png").write_bytes(png16(RGBA16[..., 2:]))
    np.testing.assert_array_equal(read_image(tmp_path / "a.png")[0], RGBA16[..., [2, 2, 2, 3]])


def test_a_transparent_colour_becomes_alpha(tmp_path):
    see_through = png_chunk(b"tRNS", RGB16[0, 0].astype(">u2").tobytes())
    (tmp_path / "a.png").write_bytes(png16(RGB16, see_through))
    alpha = np.full((5, 7), 65535)
    alpha[0, 0] = 0
    np.testing.assert_array_equal(read_image(tmp_path / "a.png")[0], np.dstack([RGB16, alpha]))


@pytest.mark.parametrize("number", UPRIGHT)
def test_png_is_upright(tmp_path, number):
    (tmp_path / "a.png").write_bytes(png16(RGBA16, exif_chunk(number)))
    data, info = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(data, UPRIGHT[number](RGBA16))
    assert info["orientation"] == number


@pytest.mark.parametrize(("profile", "order"), [(SRGB, [0, 1, 2, 3]), (SWAPPED, [2, 1, 0, 3])])
def test_profile_is_converted_in_all_bits(tmp_path, profile, order):
    (tmp_path / "a.png").write_bytes(png16(RGBA16, profile_chunk(profile)))
    data, info = read_image(tmp_path / "a.png")
    np.testing.assert_allclose(data.astype(int), RGBA16[..., order], atol=0 if profile == SRGB else 40)
    assert info["converted_to_srgb"] == (profile == SWAPPED)
    assert info["notes"] == []


@pytest.mark.parametrize("top", [65535, 1023])
def test_ppm_keeps_16_bits(tmp_path, top):
    values = RGB16.astype(int) % (top + 1)
    (tmp_path / "a.ppm").write_bytes(b"P6\n# a remark\n7 5\n%d\n" % top + values.astype(">u2").tobytes())
    data, info = read_image(tmp_path / "a.ppm")
    np.testing.assert_allclose(data, values * 65535 / top, atol=0.51)
    assert data.dtype == np.uint16
    said = ["The values 0 … 1,023 in the file were scaled to 0 … 65,535."]
    assert info["notes"] == ([] if top == 65535 else said)


def test_a_cut_ppm_is_an_error(tmp_path):
    (tmp_path / "a.ppm").write_bytes(b"P6 7 5 65535\n" + RGB16.astype(">u2").tobytes()[:-1])
    with pytest.raises(ValueError, match=r"^a\.ppm is truncated or damaged: "):
        read_image(tmp_path / "a.ppm")


@pytest.mark.parametrize("name", ["a.ppm", "a.tif", "a.jp2"])
def test_reduction_to_8_bits_is_noted(tmp_path, name):
    if name == "a.tif":
        tifffile.imwrite(tmp_path / name, RGB16, photometric="rgb")
    else:
        plain = b"P3 7 5 65535\n" + b" ".join(b"%d" % value for value in RGB16.ravel())
        (tmp_path / name).write_bytes(plain if name == "a.ppm" else imagecodecs.jpeg2k_encode(RGB16, level=0))
    data, info = read_image(tmp_path / name)
    np.testing.assert_allclose(data, RGB16 / 257, atol=2)
    assert data.dtype == np.uint8
    assert info["notes"] == ["The file has 16 bits a channel; only 8 could be read."]


@pytest.mark.parametrize("pixels", [RGB16, RGBA16])
@pytest.mark.parametrize("number", [1, 6])
def test_resizing_agrees_with_8_bits(tmp_path, pixels, number):
    # Pillow rounds to 8 bits and clips after each step: far from the ends that matters little.
    coarse = (64 + (pixels >> 9)).astype(np.uint8)
    (tmp_path / "a.png").write_bytes(png16(coarse.astype(np.uint16) * 257, exif_chunk(number)))
    Image.fromarray(coarse).save(tmp_path / "b.png", exif=oriented(number))
    deep, shallow = (read_image(tmp_path / name, size=(4, 9))[0] for name in ("a.png", "b.png"))
    assert deep.shape == shallow.shape
    np.testing.assert_allclose(deep / 257, shallow, atol=2 if pixels is RGB16 else 5)


def test_invisible_colours_do_not_change_visible_ones_when_resized(tmp_path):
    pixels = np.zeros((4, 8, 4), np.uint16)
    pixels[:, :4] = 60_000, 0, 0, 65_535
    pixels[:, 4:] = 0, 60_000, 0, 0
    (tmp_path / "a.png").write_bytes(png16(pixels))
    data, _ = read_image(tmp_path / "a.png", size=(3, 4))
    assert data[..., 1].max() == 0
    np.testing.assert_allclose(data[..., 0][data[..., 3] > 0], 60_000, atol=1)


def test_the_limit_of_memory_counts_16_bits(tmp_path, monkeypatch):
    monkeypatch.setattr(frames_module, "MAX_ARRAY_BYTES", 35 * 8 - 1)
    (tmp_path / "a.png").write_bytes(png16(RGB16))
    with pytest.raises(ValueError, match=r"^a\.png would need .* \(1 × 7 × 5 pixels\): more than the safety limit"):
        read_image(tmp_path / "a.png")


def test_huge_sizes_are_refused_before_decoding(tmp_path):
    (tmp_path / "a.png").write_bytes(raw_png(50_000, 50_000, 16, 2, b""))
    (tmp_path / "a.ppm").write_bytes(b"P6 50000 50000 65535\n")
    for name in ("a.png", "a.ppm"):
        with pytest.raises(ValueError, match=rf"^{name} has 2,500,000,000 pixels: more than the safety limit of"):
            read_image(tmp_path / name)


def test_faults_beside_the_pixels_print_no_warning(tmp_path, caplog):
    chunks = [png_chunk(b"gAMA", bytes(4)), png_chunk(b"cHRM", bytes(32)), png_chunk(b"sBIT", b"\x63" * 9)]
    chunks.append(png_chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile")))
    (tmp_path / "a.png").write_bytes(png16(RGB16, *chunks))
    data, info = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(data, RGB16)
    assert not [note for note in info["notes"] if "PNG" in note]
    assert caplog.records == []


def test_warnings_about_the_pixels_are_notes(tmp_path, caplog):
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in RGB16)
    (tmp_path / "a.png").write_bytes(raw_png(7, 5, 16, 2, rows + b"more"))
    data, info = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(data, RGB16)
    assert len(info["notes"]) == 1
    assert re.match("While reading: PNG warning: .*IDAT", info["notes"][0])
    assert caplog.records == []
