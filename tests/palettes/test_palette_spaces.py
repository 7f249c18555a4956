"""Swatches in other colour spaces than RGB, beside Little CMS, scikit-image and known colours."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage.color import lab2rgb

from napari_quantize.palettes.aco import decode_aco


def swatches(*rows):
    return decode_aco(struct.pack(">HH", 1, len(rows)) + b"".join(struct.pack(">H4h", *row) for row in rows)).colors


@pytest.mark.parametrize(
    ("row", "color"),
    [
        ((1, 0, -1, -1, 0), (255, 0, 0)),
        ((1, 21845, -1, -1, 0), (0, 255, 0)),
        ((1, -1, 0, -1, 0), (255, 255, 255)),
        ((2, -1, -1, -1, -1), (255, 255, 255)),
        ((2, 0, -1, -1, -1), (0, 255, 255)),
        ((2, -1, -1, -1, 0), (0, 0, 0)),
        ((7, 10_000, 0, 0, 0), (255, 255, 255)),
        ((7, 0, 0, 0, 0), (0, 0, 0)),
        ((7, 30_000, -12_800, 12_700, 0), (0, 255, 0)),
        ((7, 5429, 8081, 6989, 0), (255, 0, 0)),  # B. Lindbloom's calculator says so
        ((7, 8782, -7929, 8099, 0), (0, 255, 0)),
        ((7, 2957, 6830, -11_203, 0), (0, 0, 255)),
        ((8, 10_000, 0, 0, 0), (255, 255, 255)),
        ((8, 0, 0, 0, 0), (0, 0, 0)),
        ((8, 20_000, 0, 0, 0), (255, 255, 255)),
        ((9, 0, 0, 0, 0), (255, 255, 255)),
        ((9, 10_000, 0, 0, 0), (0, 255, 255)),
        ((9, 0, 0, 0, 10_000), (0, 0, 0)),
    ],
)
def test_known_colours_are_converted(row, color):
    assert swatches(row).tolist() == [list(color)]


def test_lab_agrees_with_little_cms():
    lab = np.random.default_rng(0).integers((2, -20, -20), (5, 20, 20), (300, 3)) * [20, 1, 1]  # Pillow's has 8 bits
    ours = swatches(*[(7, *(100 * color).tolist(), 0) for color in lab])
    to_srgb = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    stored = np.column_stack([np.rint(lab[:, 0] * 2.55), lab[:, 1:] + 128]).astype(np.uint8)
    shown = Image.frombytes("LAB", (300, 1), (stored ^ np.array([0, 128, 128], np.uint8)).tobytes())
    theirs = np.asarray(ImageCms.applyTransform(shown, to_srgb))[0]
    apart = np.abs(ours.astype(int) - theirs)  # which looks up a coarse table, and interpolates
    assert apart.max() <= 4
    assert apart.mean() < 0.4


def test_dark_lab_agrees_with_scikit_image():
    lab = np.zeros((800, 3))
    lab[:, 0] = np.arange(800) / 20  # greys: their colours do not depend on the white point
    fine = (0, 1, 0, 0, 0)
    ours = swatches(fine, *[(7, round(lightness * 100), 0, 0, 0) for lightness in lab[:, 0]])[1:]
    assert ours.dtype == np.uint16
    assert np.abs(ours - lab2rgb(lab) * 65535).max() < 2


def test_the_lightness_of_lab_ends_at_white():
    assert swatches((7, 30_000, 12_700, 0, 0)).tolist() == swatches((7, 10_000, 12_700, 0, 0)).tolist()


@pytest.mark.parametrize(
    ("row", "color"),
    [
        ((8, 10_000, 0, 0, 0), [65_535] * 3),
        ((8, 20_000, 0, 0, 0), [65_535] * 3),
        ((9, 10_000, 0, 0, 0), [0, 65_535, 65_535]),
        ((9, 20_000, 0, 0, 0), [0, 65_535, 65_535]),
        ((9, 0, 0, 0, 20_000), [0, 0, 0]),
    ],
)
def test_ink_and_grey_end_at_their_limits_in_16_bits(row, color):
    assert swatches((0, 1, 0, 0, 0), row).tolist() == [[1, 0, 0], color]


def test_greys_are_read_one_by_one():
    greys = swatches((8, 0, 9, 9, 9), (8, 10_000, 9, 9, 9), (8, 2000, 9, 9, 9))
    assert greys.tolist() == [[0] * 3, [255] * 3, [51] * 3]


def test_all_colours_have_16_bits_if_one_needs_them():
    assert swatches((0, 0x1234, 0, -1, 0), (8, 10_000, 0, 0, 0)).tolist() == [[0x1234, 0, 65535], [65535] * 3]
    assert swatches((0, 0x0100, 0x7F00, 0, 0)).tolist() == [[1, 127, 0]]
