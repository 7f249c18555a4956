"""PNG files hold every picture exactly, as small as their colours allow, and other programs read them."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imagecodecs import png_decode
from PIL import Image
from pngs import YX, few, raster, read_back

from napari_quantize import fit
from napari_quantize.formats.png.chunks import read_pixels
from napari_quantize.formats.png.encode import encode_png, png_kb
from napari_quantize.formats.raster import Calibration, Raster

KINDS = [(bool, 0), (np.uint8, 0), (np.uint8, 3), (np.uint8, 4), (np.uint16, 0), (np.uint16, 3), (np.uint16, 4)]
COUNTS = [1, 2, 3, 4, 5, 16, 17, 255, 256, 257]


def picture_of(dtype, channels, n_colors, shape, seed=0):
    if dtype is bool:
        return np.random.default_rng(seed).random(shape) < 0.5
    return few(n_colors, channels, shape, dtype, seed)


def layout(file):
    """Return bits of a sample, number of the type of colour, and names of the chunks."""
    names, start = [], 8
    while start < len(file):
        length = struct.unpack(">I", file[start : start + 4])[0]
        names.append(file[start + 4 : start + 8].decode())
        start += length + 12
    return file[24], file[25], names


@given(
    st.sampled_from(KINDS),
    st.sampled_from(COUNTS),
    st.integers(1, 24),
    st.integers(1, 24),
    st.integers(0, 99),
    st.sampled_from(["fast", "best"]),
)
def test_pixels_are_read_back(tmp_path_factory, kind, n_colors, height, width, seed, level):
    picture = picture_of(*kind, n_colors, (height, width), seed)
    path = tmp_path_factory.mktemp("png") / "a.png"
    back, record = read_back(path, encode_png(raster(picture), level=level))
    assert (back.dtype, back.shape, record.calibration) == (picture.dtype, picture.shape, YX)
    np.testing.assert_array_equal(back, picture)


@pytest.mark.parametrize("n_colors", COUNTS)
@pytest.mark.parametrize("channels", [3, 4])
def test_palettes_have_the_fewest_bits_that_hold_their_colours(n_colors, channels):
    bits, kind, names = layout(encode_png(raster(few(n_colors, channels, (20, 20)))))
    wanted = next((bits for bits in (1, 2, 4, 8) if n_colors <= 2**bits), None)
    assert (bits, kind) == ((wanted, 3) if wanted else (8, {3: 2, 4: 6}[channels]))
    assert ("PLTE" in names, "tRNS" in names) == (wanted is not None, wanted is not None and channels == 4)


@pytest.mark.parametrize(
    ("levels", "bits", "kind"),
    [
        ((0,), 1, 0),
        ((7,), 1, 3),
        ((0, 255), 1, 0),
        ((0, 254), 1, 3),
        ((0, 85, 170, 255), 2, 0),
        ((0, 85, 170, 250), 2, 3),
        ((0, 17, 34, 51, 68), 4, 0),
        ((1, 17, 34, 51, 68), 4, 3),
        (range(256), 8, 0),
    ],
)
def test_few_grey_levels_have_the_fewest_bits(levels, bits, kind):
    picture = np.random.default_rng(0).permutation(np.resize(np.array(levels, np.uint8), 40 * 40)).reshape(40, 40)
    file = encode_png(raster(picture))
    assert layout(file)[:2] == (bits, kind)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(file)).convert("L")), picture)


def test_palettes_start_with_transparent_colours_then_dark_to_bright():
    colors = np.array(
        [[255, 255, 255, 255], [0, 0, 255, 255], [0, 0, 0, 255], [9, 9, 9, 0], [250, 0, 0, 128]], np.uint8
    )
    image = Image.open(io.BytesIO(encode_png(raster(colors[np.newaxis]))))
    assert image.getpalette() == [9, 9, 9, 250, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]
    assert image.info["transparency"] == bytes([0, 128])


def test_invisible_pixels_keep_their_colours(tmp_path):
    picture = few(300, 4, (20, 20))
    picture[..., 3] = np.where(picture[..., 3] < 128, 0, 255)
    back, _ = read_back(tmp_path / "a.png", encode_png(raster(picture)))
    np.testing.assert_array_equal(back, picture)


def test_visible_rgba_stays_rgba(tmp_path):
    picture = few(5, 4)
    picture[..., 3] = 255
    back, _ = read_back(tmp_path / "a.png", encode_png(raster(picture)))
    np.testing.assert_array_equal(back, picture)


@pytest.mark.parametrize("turn", [lambda a: a[::-1, ::2], lambda a: a.swapaxes(0, 1), np.asfortranarray])
@pytest.mark.parametrize(
    ("dtype", "channels", "n_colors"), [("u1", 3, 9), ("u1", 4, 400), (">u2", 0, 400), (">u2", 3, 400)]
)
def test_the_memory_layout_does_not_matter(turn, dtype, channels, n_colors):
    picture = turn(few(n_colors, channels, (21, 30), np.dtype(dtype).newbyteorder("=").type).astype(dtype))
    np.testing.assert_array_equal(png_decode(encode_png(raster(picture))), picture)


def test_photos_are_filtered():
    y, x = np.mgrid[:64, :64]
    noise = np.random.default_rng(0).integers(0, 4, (64, 64, 3))
    photo = (np.stack([2 * x + y, 3 * y + x, x + y], -1) + noise).astype(np.uint8)
    by_pillow = io.BytesIO()
    Image.fromarray(photo).save(by_pillow, "PNG", optimize=True)
    assert png_kb(raster(photo)) < 1.05 * len(by_pillow.getvalue()) / 1024 < photo.size / 1024 / 2


@pytest.mark.parametrize(
    ("image", "rgb", "sentence"),
    [
        (np.zeros((3, 4), np.float32), False, "a PNG cannot hold 32 bit float values"),
        (np.zeros((3, 4), np.int16), False, "a PNG cannot hold 16 bit signed values"),
        (np.zeros((3, 4), np.uint32), False, "a PNG cannot hold 32 bit values"),
        (np.zeros((3, 4, 3), np.float64), True, "a PNG cannot hold 64 bit float values"),
        (np.zeros((3, 4, 3), bool), True, "a PNG cannot hold binary colours"),
        (np.zeros((2, 3, 4), np.uint8), False, "a PNG cannot hold 3 dimensions"),
        (np.zeros((2, 3, 4, 3), np.uint8), True, "a PNG cannot hold 3 dimensions"),
        (np.zeros(3, np.uint8), False, "a PNG cannot hold 1 dimension"),
        (np.zeros((0, 4), np.uint8), False, "a PNG cannot hold 4×0 pixels"),
        (np.broadcast_to(np.uint8(0), (1, 2**31)), False, "a PNG cannot hold 2,147,483,648×1 pixels"),
    ],
)
def test_images_that_png_cannot_hold_are_refused(image, rgb, sentence):
    calibration = Calibration.of_pixels(*"tzyx"[-(image.ndim - rgb) :])
    for work in (encode_png, png_kb):
        with pytest.raises(ValueError) as caught:
            work(Raster(image, rgb, calibration))
        assert str(caught.value) == sentence


def test_images_wider_than_libpng_allows_are_written_without_filters():
    picture = np.arange(1_000_001, dtype=np.uint32).astype(np.uint16)[np.newaxis]
    file = encode_png(raster(picture), level="fast")
    assert struct.unpack(">II", file[16:24]) == (1_000_001, 1)
    row = zlib.decompress(read_pixels(file))  # libpng would not read it back
    assert row[0] == 0
    np.testing.assert_array_equal(np.frombuffer(row, ">u2", offset=1), picture[0])


@pytest.mark.parametrize(
    ("scale", "units", "dots"),
    [
        ((0.5, 0.25), ("micrometer", "micrometer"), (4_000_000, 2_000_000)),
        ((-1, 2), ("millimeter", "micrometer"), (500_000, 1_000)),
        ((1, 1), ("pixel", "pixel"), None),
        ((1, 1), ("second", "micrometer"), None),
        ((1e-3, 1e-3), ("angstrom", "angstrom"), None),  # more pixels a metre than PNG can tell
        ((2, 2), ("kilometer", "kilometer"), None),  # none in a metre
        ((1e-310, 1), ("picometer", "meter"), None),
        ((float("nan"), 1), ("meter", "meter"), None),
    ],
)
def test_pixel_sizes_are_written_for_other_programs(scale, units, dots):
    file = encode_png(raster(few(3, 0), calibration=Calibration(("y", "x"), scale, units)))
    start = file.find(b"pHYs")
    assert dots == (None if start < 0 else struct.unpack(">II", file[start + 4 : start + 12]))
    assert start < 0 or file[start + 12] == 1


def test_kb_is_the_size_of_the_file():
    picture = few(30, 3)
    codebook = fit(picture, 4, mode="color", channel_axis=-1)
    result = raster(codebook.apply(picture), codebook=codebook, record={"seed": 0})
    assert png_kb(result) == len(encode_png(result)) / 1024 > png_kb(raster(result.image))


def test_the_same_image_makes_the_same_file():
    assert encode_png(raster(few(30, 4))) == encode_png(raster(few(30, 4)))


@pytest.mark.parametrize("n_colors", [2, 16, 257])
# Of colours of 16 bits Pillow gives 8.
@pytest.mark.parametrize(("dtype", "channels"), [kind for kind in KINDS if kind[0] is not np.uint16 or not kind[1]])
def test_pillow_reads_the_same_pixels(dtype, channels, n_colors, tmp_path):
    picture = picture_of(dtype, channels, n_colors, (20, 23))
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(raster(picture)))
    wanted = picture if dtype is not bool else picture * np.uint8(255)
    mode = {0: "L", 3: "RGB", 4: "RGBA"}[channels] if wanted.dtype == np.uint8 else "I"
    with Image.open(path) as opened:
        np.testing.assert_array_equal(np.asarray(opened.convert(mode)), wanted)
