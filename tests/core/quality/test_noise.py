"""An image's own noise: recovered where it is known, as a plain computation finds it, and not told where it is not."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from oracles import small_blocks

from napari_quantize.core.quality.noise import estimate_noise, own_noise
from napari_quantize.core.request.request import no_tick

RNG = np.random.default_rng(0)
MASK = [[1, -2, 1], [-2, 4, -2], [1, -2, 1]]
GAIN = 6 * statistics.NormalDist().inv_cdf(0.75)


def plain(plane: np.ndarray) -> float:
    """Window by window; NaN where no window is finite."""
    values = plane.astype(float).tolist()
    sizes = []
    for y in range(len(values) - 2):
        for x in range(len(values[0]) - 2):
            response = sum(MASK[i][j] * values[y + i][x + j] for i in range(3) for j in range(3))
            if math.isfinite(response):
                sizes.append(abs(response))
    if not sizes:
        return math.nan
    middle = statistics.median(sizes) if plane.dtype.kind == "f" else statistics.median_grouped(sizes)
    return middle / GAIN if statistics.median(sizes) else 0.0


floats = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=8), elements=st.floats(-9, 9))
integers = arrays(np.int16, array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=8), elements=st.integers(-9, 9))


@given(floats, st.integers(1, 2))
def test_floats_as_the_plain_computation(plane: np.ndarray, n_threads: int) -> None:
    with small_blocks(n_threads):
        assert estimate_noise(plane) == pytest.approx(plain(plane), abs=1e-12)


@given(integers)
def test_integers_as_the_plain_computation(plane: np.ndarray) -> None:
    sizes = [abs(x) for x in _responses(plane)]
    if len(sizes) % 2 or statistics.median_low(sizes) == statistics.median_high(sizes):
        assert estimate_noise(plane) == pytest.approx(plain(plane), abs=1e-12)
    else:  # statistics takes the upper of two middle values there, we what lies between
        assert estimate_noise(plane) == pytest.approx(statistics.median(sizes) / GAIN, abs=0.5 / GAIN + 1e-12)


def _responses(plane: np.ndarray) -> list[int]:
    values = plane.tolist()
    return [
        sum(MASK[i][j] * values[y + i][x + j] for i in range(3) for j in range(3))
        for y in range(len(values) - 2)
        for x in range(len(values[0]) - 2)
    ]


def with_noise(sigma: float, shape: tuple[int, ...] = (300, 300), seed: int = 0) -> np.ndarray:
    """A slope with a bright square on it, and normal noise."""
    y, x = np.mgrid[: shape[-2], : shape[-1]]
    picture = 100 + 0.1 * x + 0.2 * y + 500 * ((abs(x - 60) < 30) & (abs(y - 80) < 40))
    return picture + np.random.default_rng(seed).normal(0, sigma, shape)


@given(st.floats(-6, 6), st.integers(0, 2**32))
def test_a_known_sigma_is_recovered(exponent: float, seed: int) -> None:
    sigma = 10**exponent
    rng = np.random.default_rng(seed)
    assert estimate_noise(rng.normal(0, sigma, (200, 200))) == pytest.approx(sigma, rel=0.1)


@pytest.mark.parametrize("sigma", [0.3, 1, 1.1, 3, 20])
def test_a_picture_below_does_not_count(sigma: float) -> None:
    assert estimate_noise(with_noise(sigma)) == pytest.approx(sigma, rel=0.05)


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2", "i4"])
@pytest.mark.parametrize("sigma", [0.5, 0.7, 1, 1.1, 1.5, 2, 5, 20])
def test_rounding_counts_as_noise(dtype: str, sigma: float) -> None:
    y = np.linspace(100, 130, 300)[:, np.newaxis]
    image = np.rint(y + np.random.default_rng(0).normal(0, sigma, (300, 300))).clip(0, 255).astype(dtype)
    assert estimate_noise(image) == pytest.approx(math.sqrt(sigma**2 + 1 / 12), rel=0.05)


@pytest.mark.parametrize(("sigma", "low", "high"), [(0.3, 0.2, 0.54), (0.5, 0.55, 0.6), (0.6, 0.66, 0.67)])
def test_less_noise_than_half_a_step_is_measured_by_where_the_mean_lies(sigma: float, low: float, high: float) -> None:
    noise = np.random.default_rng(0).normal(100, sigma, (400, 400))
    estimates = [estimate_noise(np.rint(noise + shift).astype(np.uint8)) for shift in (0, 0.25, 0.5)]
    assert estimates == sorted(estimates)
    assert estimates[0] == pytest.approx(low, rel=0.05)
    assert estimates[-1] == pytest.approx(high, rel=0.05)


def test_specks_do_not_count() -> None:
    image = with_noise(2)
    image[np.random.default_rng(1).random(image.shape) < 0.005] = 60_000
    assert estimate_noise(image) == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("dtype", ["u1", "f4", "f8", "?"])
def test_what_has_no_noise(dtype: str) -> None:
    assert estimate_noise(np.ones((5, 6), dtype)) == 0
    assert estimate_noise(np.add.outer(np.arange(20), 3 * np.arange(30)).astype(dtype)) == 0


def test_stacks_and_channels_have_the_median_of_their_planes() -> None:
    sigmas = [1.0, 2, 3, 4, 50]
    stack = np.stack([with_noise(sigma, seed=i) for i, sigma in enumerate(sigmas)])
    planes = [estimate_noise(plane) for plane in stack]
    assert estimate_noise(stack) == statistics.median(planes)
    assert estimate_noise(stack, channel_axis=0) == statistics.median(planes)
    assert estimate_noise(np.moveaxis(stack, 0, -1), channel_axis=-1) == statistics.median(planes)
    assert estimate_noise(stack[np.newaxis, :4, np.newaxis], channel_axis=1) == statistics.median(planes[:4])


def test_alpha_is_no_channel_and_hides() -> None:
    color = np.stack([with_noise(2), with_noise(2)], axis=-1)
    color[:150] = np.random.default_rng(0).normal(0, 1000, (150, 300, 2))
    alpha = np.zeros((300, 300, 1))
    alpha[150:] = 1
    image = np.concatenate([color, alpha], axis=-1)
    shown = estimate_noise(color[150:], channel_axis=-1)
    assert estimate_noise(image, channel_axis=-1, alpha=True) == shown == pytest.approx(2, rel=0.05)


def test_windows_with_nan_and_infinities_are_left_out() -> None:
    image = with_noise(2)
    image[np.random.default_rng(1).random(image.shape) < 0.05] = np.nan
    image[5, 7], image[8, 9] = np.inf, -np.inf
    assert estimate_noise(image) == pytest.approx(plain(image), rel=1e-12)
    stack = np.stack([image, np.full_like(image, np.nan)])
    assert estimate_noise(stack) == estimate_noise(image)


@pytest.mark.parametrize("scale", [1e-300, 1e150, 1.7e308])
def test_very_small_and_very_large_values(scale: float) -> None:
    image = np.random.default_rng(0).uniform(-1, 1, (50, 50))
    assert estimate_noise(image * scale) == pytest.approx(estimate_noise(image) * scale)


@given(st.integers(1, 2), st.integers(1, 400))
def test_blocks_and_threads_change_nothing(n_threads: int, block: int) -> None:
    image = with_noise(2, (60, 20))
    with small_blocks(n_threads, block):
        found = estimate_noise(image)
    assert found == estimate_noise(image) == estimate_noise(np.asfortranarray(image))


BAD = [
    (np.zeros((2, 9)), {}, ValueError, "noise is measured in 3 × 3 pixels: the planes of this image have 2 × 9"),
    (np.zeros((5, 9, 2)), {}, ValueError, "the planes of this image have 9 × 2"),
    (np.zeros(9), {}, ValueError, "the planes of this image have 9"),
    (np.array(9), {}, ValueError, "the planes of this image have no size"),
    (np.zeros((9, 3)), {"channel_axis": 1}, ValueError, "the planes of this image have 9$"),
    (np.full((5, 5), np.nan), {}, ValueError, "no 3 × 3 pixels of this image are all finite and visible"),
    (np.zeros((5, 5, 4)), {"channel_axis": 2, "alpha": True}, ValueError, "no 3 × 3 pixels of this image"),
    (np.zeros((0, 5)), {}, ValueError, r"image is empty: its shape is \(0, 5\)"),
    (np.zeros((5, 5), complex), {}, TypeError, "images of dtype complex128"),
    (np.zeros((5, 5)), {"channel_axis": 2}, ValueError, "channel_axis=2 is out of range"),
    (np.zeros((5, 5)), {"alpha": True}, ValueError, "alpha=True needs channel_axis"),
]


@pytest.mark.parametrize(("image", "arguments", "error", "message"), BAD)
def test_bad_input_is_named(image: np.ndarray, arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        estimate_noise(image, **arguments)


def test_the_image_stays_as_it_is() -> None:
    image = with_noise(1)
    image[0, 0] = np.nan
    before = image.tobytes()
    estimate_noise(image)
    assert image.tobytes() == before


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(90, 110), (20, 60, 70), (3, 4, 60, 70)])
def test_own_noise_is_that_which_was_added(dtype, shape):
    slope = np.linspace(50, 150, shape[-1])
    image = (slope + RNG.normal(0, 4, shape)).astype(dtype)
    assert own_noise(image, None, False, no_tick) == pytest.approx(4, rel=0.06)


def test_own_noise_of_channels_and_alpha():
    image = (100 + RNG.normal(0, 4, (80, 90, 4))).astype(np.uint8)
    image[..., 3] = 255
    assert own_noise(image, -1, True, no_tick) == pytest.approx(4, rel=0.06)


@pytest.mark.parametrize("side", [400, 480, 560])  # every 2nd, 3rd and 4th value is looked at
def test_own_noise_where_one_channel_is_empty(side):
    image = (100 + RNG.normal(0, 5, (side, side, 3))).round().astype(np.uint8)
    image[..., 0] = 0
    assert own_noise(image, -1, False, no_tick) == pytest.approx(5, rel=0.06)


NOISY = (100 + RNG.normal(0, 4, (80, 90))).astype(np.uint8)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (NOISY // 16 * 16, "few values"),  # quantized
        (RNG.integers(0, 2, (50, 60)).astype(bool), "few values"),
        (RNG.integers(0, 9, (50, 60), dtype=np.uint8), "few values"),  # drawn or labelled
        (np.full((50, 60), 7.5), "few values"),
        (np.where(NOISY > 102, 255, 0).astype(np.uint8), "few values"),
        (np.clip(NOISY, 110, 255), "few values"),  # most is clipped
        (np.where(RNG.random((80, 90)) < 0.9, 50, NOISY), "below steps"),  # most is flat
        (np.tile(np.arange(60, dtype=np.uint16), (50, 1)), "below steps"),
        (np.full((9, 9), np.nan), "no windows"),
        (NOISY[:2], "no windows"),
        (NOISY[0], "no windows"),
        (NOISY.astype(np.uint16) // 8 * 257 * 8, "few values"),  # few steps, far apart
    ],
)
def test_own_noise_is_not_told_where_it_is_not_known(image, reason):
    assert own_noise(image, None, False, no_tick) == reason


def test_own_noise_looks_at_few_planes_of_lazy_stacks():
    class Lazy:
        shape = (100, 30, 40)
        taken = 0

        def __getitem__(self, index):
            found = (100 + RNG.normal(0, 4, self.shape))[index]
            self.taken += found.size
            return found

    lazy = Lazy()
    assert own_noise(lazy, None, False, no_tick) == pytest.approx(4, rel=0.1)
    assert lazy.taken <= 9 * 30 * 40
