"""Frames of animated PNGs are composed as the specification says: against a composition by numpy, and Pillow's."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from photos import SWAPPED, encoded, png_chunk
from PIL import Image

from napari_quantize import read_image

WIDTH, HEIGHT = 9, 7
COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
KEEP, CLEAR, TAKE_BACK = 0, 1, 2
REPLACE, BLEND = 0, 1


def animated_png(frames, ancillary=b"", default=None):
    """Encode frames of (pixels, (x, y), disposal, blending); `default` is shown where animations are not."""
    n_channels = frames[0][0].shape[2]
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8 * frames[0][0].itemsize, COLOR_TYPES[n_channels], 0, 0, 0)
    parts = [png_chunk(b"IHDR", header), png_chunk(b"acTL", struct.pack(">II", len(frames), 0)), ancillary]
    if default is not None:
        parts.append(png_chunk(b"IDAT", packed(default)))
    number = 0
    for index, (pixels, (x, y), disposal, blending) in enumerate(frames):
        size = pixels.shape[1::-1]
        control = struct.pack(">IIIIIHHBB", number, *size, x, y, 100 + index, 1000, disposal, blending)
        number += 1
        parts.append(png_chunk(b"fcTL", control))
        if index == 0 and default is None:
            parts.append(png_chunk(b"IDAT", packed(pixels)))
        else:
            parts.append(png_chunk(b"fdAT", struct.pack(">I", number) + packed(pixels)))
            number += 1
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


def packed(pixels):
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels))


def as_rgba(pixels):
    """Return grey, colours, or either with alpha as RGBA."""
    n_channels = pixels.shape[-1]
    colors = pixels[..., :1].repeat(3, axis=-1) if n_channels < 3 else pixels[..., :3]
    alpha = pixels[..., -1:] if n_channels in (2, 4) else np.full_like(pixels[..., :1], 255)
    return np.concatenate([colors, alpha], axis=-1)


def composed(frames):
    """Return what is shown: the PNG specification's 13.4 and 13.16 with numbers that are not rounded before the end."""
    canvas, shown = np.zeros((HEIGHT, WIDTH, 4)), []
    for pixels, (x, y), disposal, blending in frames:
        height, width = pixels.shape[:2]
        below, part = canvas.copy(), canvas[y : y + height, x : x + width]  # a view
        above = as_rgba(pixels).astype(float)
        if blending == BLEND:
            share = above[..., 3:] / 255
            rest = (1 - share) * part[..., 3:] / 255
            total = np.where(share + rest > 0, share + rest, 1)
            above[..., :3] = (share * above[..., :3] + rest * part[..., :3]) / total
            above[..., 3:] = 255 * (share + rest)
        part[...] = above
        shown.append(np.rint(canvas))
        if disposal == CLEAR:
            part[...] = 0
        elif disposal == TAKE_BACK:
            canvas = below
    return np.array(shown)


def random_frames(rng, n_channels, disposals, blendings, *, default=False):
    frames = []
    for index in range(5):
        width, height = rng.integers(1, (WIDTH, HEIGHT), endpoint=True)
        if index == 0 and not default:
            width, height = WIDTH, HEIGHT  # the first frame is the default image
        pixels = rng.integers(0, 256, (height, width, n_channels), dtype=np.uint8)
        if n_channels in (2, 4):
            pixels[..., -1] = rng.choice([0, 255, *range(256)], (height, width), p=[0.25, 0.25, *[0.5 / 256] * 256])
        x, y = rng.integers(0, WIDTH - width, endpoint=True), rng.integers(0, HEIGHT - height, endpoint=True)
        frames.append((pixels, (int(x), int(y)), int(rng.choice(disposals)), int(rng.choice(blendings))))
    return frames


@pytest.mark.parametrize("n_channels", COLOR_TYPES)
@given(
    seed=st.integers(0, 2**32),
    disposals=st.sampled_from([[KEEP], [CLEAR], [TAKE_BACK], [KEEP, CLEAR, TAKE_BACK]]),
    blendings=st.sampled_from([[REPLACE], [BLEND], [REPLACE, BLEND]]),
    has_default=st.booleans(),
)
def test_frames_are_composed_as_specified(tmp_path_factory, n_channels, seed, disposals, blendings, has_default):
    rng = np.random.default_rng(seed)
    frames = random_frames(rng, n_channels, disposals, blendings, default=has_default)
    default = rng.integers(0, 256, (HEIGHT, WIDTH, n_channels), dtype=np.uint8) if has_default else None
    path = tmp_path_factory.mktemp("animated") / "a.png"
    path.write_bytes(animated_png(frames, default=default))
    data, info = read_image(path)
    assert info["durations_ms"] == [100, 101, 102, 103, 104]
    assert data.shape == (5, HEIGHT, WIDTH, *{1: (), 3: (3,)}.get(n_channels, (4,)))
    found, expected = as_rgba(data[..., np.newaxis] if n_channels == 1 else data).astype(int), composed(frames)
    if n_channels in (2, 4):
        visible = expected[..., 3] > 0
        assert np.array_equal(found[..., 3] > 0, visible)
        assert np.abs(found - expected)[visible].max(initial=0) <= 1  # Pillow blends in integers
    else:  # what is cleared cannot be transparent, so it is black
        np.testing.assert_array_equal(found[..., :3], expected[..., :3])


PALETTE = png_chunk(b"PLTE", bytes(range(48)))


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("1", {}),
        ("L", {}),
        ("L", {"transparency": 7}),
        ("LA", {}),
        ("P", {}),
        ("P", {"transparency": 7}),
        ("P", {"transparency": bytes(range(0, 256, 16))}),
        ("RGB", {}),
        ("RGB", {"transparency": (1, 2, 3)}),
        ("RGB", {"icc_profile": SWAPPED}),
        ("RGBA", {}),
        ("RGBA", {"icc_profile": SWAPPED}),
    ],
)
def test_plain_animations_are_those_of_pillow(tmp_path, mode, options):
    steps = np.random.default_rng(0).integers(0, 256, (4, HEIGHT, WIDTH, 4), dtype=np.uint8)
    if mode == "P":
        images = [Image.fromarray(step[..., 0] % 16) for step in steps]
        for image in images:
            image.putpalette(range(48))
    else:
        images = [Image.fromarray(step).convert(mode) for step in steps]
    path = tmp_path / "a.png"
    path.write_bytes(encoded(images[0], "PNG", save_all=True, append_images=images[1:], duration=40, **options))
    data, info = read_image(path)
    singles = []
    for image in images:
        (tmp_path / "single.png").write_bytes(encoded(image, "PNG", **options))
        singles.append(read_image(tmp_path / "single.png")[0])
    np.testing.assert_array_equal(data, singles)
    assert (data.dtype, info["durations_ms"]) == (singles[0].dtype, [40] * 4)


def test_grey_of_16_bits_is_composed(tmp_path):
    first, second, third = np.random.default_rng(0).integers(0, 2**16, (3, HEIGHT, WIDTH, 1)).astype(">u2")
    frames = [
        (first, (0, 0), KEEP, REPLACE),
        (second[:3, :4], (2, 1), TAKE_BACK, BLEND),
        (third[:2, :2], (0, 0), KEEP, BLEND),
    ]
    path = tmp_path / "a.png"
    path.write_bytes(animated_png(frames))
    expected = np.stack([first[..., 0]] * 3)
    expected[1, 1:4, 2:6] = second[:3, :4, 0]
    expected[2, :2, :2] = third[:2, :2, 0]
    np.testing.assert_array_equal(read_image(path)[0], expected)


def test_a_missing_part_of_a_frame_is_an_error(tmp_path):
    file = animated_png(random_frames(np.random.default_rng(0), 4, [TAKE_BACK], [BLEND]))
    path = tmp_path / "a.png"
    for end in range(file.rindex(b"fdAT") + 8, len(file) - 12 - 8, 7):
        path.write_bytes(file[:end])
        with pytest.raises(ValueError, match=r"^a\.png is truncated or damaged"):
            read_image(path)
