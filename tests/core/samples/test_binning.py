"""More values than are kept one by one: nothing lost on the way, no order preferred, nearly as good."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import cost_of, counted, encode_one, finite_values, learnt, same_bytes, small_blocks
from slow_cases import slow_except

from napari_quantize import fit, sweep
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.samples import binning
from napari_quantize.core.samples.binning import Bins, Buckets
from napari_quantize.core.samples.samples import MAX_DISTINCT, CountedSamples, count_samples

N = 90_000


def _images() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    bell = rng.normal(size=N)
    return {
        "bell, float32": bell.astype("f4"),
        "bell, float64": bell,
        "bell, big-endian": bell.astype(">f4"),
        "outliers": np.append(bell, [1e30, -1e20]),
        "outliers, float32": np.append(bell, [1e30, -1e20]).astype("f4"),
        "offset": 1000 + 0.01 * rng.random(N),
        "background": np.append(np.zeros(10 * N), 5 + bell),
        "small and large": np.exp(rng.uniform(-300, 300, N)),
        "with NaN": np.append(bell, [np.nan, np.inf, -np.inf, -0.0, 5e-324]),
        "subnormal": rng.permutation(N) * 5e-318,
        "int32": rng.integers(-(2**31), 2**31, N).astype("i4"),
        "uint32": rng.integers(0, 2**32, N, dtype="u4"),
        "int64": rng.integers(-(2**53), 2**53, N),
        "uint64, offset": (2**53 - rng.permutation(N)).astype("u8"),
        "a few too many": rng.permutation(MAX_DISTINCT + 1).astype("i4"),
    }


IMAGES = _images()


def count(image: np.ndarray) -> CountedSamples:
    return count_samples(Pixels.of(image, None), "global", lambda: None)[0]


def all_values(image: np.ndarray) -> CountedSamples:
    return CountedSamples.from_counts(*np.unique(finite_values(image).astype(np.float64), return_counts=True))


@pytest.mark.parametrize("name", IMAGES)
def test_summaries_are_complete(name: str) -> None:
    image = IMAGES[name]
    values = finite_values(image).astype(np.float64)
    samples = count(image)
    assert not samples.exact
    assert 30_000 < len(samples.values) <= MAX_DISTINCT
    assert samples.total == len(values)
    assert (samples.low, samples.high) == (values.min(), values.max())
    assert (np.diff(samples.values) > 0).all()
    assert samples.low <= samples.values[0]
    assert samples.values[-1] <= samples.high
    scale = np.abs(values).max()
    assert samples.counts @ (samples.values / scale) == pytest.approx((values / scale).sum(), abs=1e-6)


@pytest.mark.parametrize("name", ["bell, float32", "outliers", "background", "with NaN", "int32"])
def test_order_layout_threads_and_blocks_do_not_matter(name: str) -> None:
    image = IMAGES[name]
    expected = count(image).digest()
    assert count(np.random.default_rng(1).permutation(image)).digest() == expected
    assert count(image[::-1]).digest() == expected
    assert count(image.astype(image.dtype.newbyteorder())).digest() == expected
    assert count(np.asfortranarray(image[: N // 9 * 9].reshape(9, -1))).digest() == count(image[: N // 9 * 9]).digest()
    for n_threads, block in [(1, 5000), (2, 3001), (5, 20_000)]:
        with small_blocks(n_threads, block):
            assert count(image).digest() == expected


def test_zeros_of_either_sign_are_one_value() -> None:
    image = IMAGES["background"]
    samples = count(np.where(image == 0, -0.0, image))
    assert samples.digest() == count(image).digest()
    assert samples.counts[samples.values == 0].tolist() == [10 * N]


# Beside outliers the steps of many centers are so small that thousands are taken.
@pytest.mark.parametrize("n_centers", ["few", "many"])
@pytest.mark.parametrize("name", slow_except(IMAGES, "bell, float32", "outliers", "background", "with NaN", "int64"))
def test_centers_are_nearly_as_good_as_from_all_values(name: str, n_centers: str) -> None:
    image = IMAGES[name]
    k = 2 if n_centers == "few" else 6 if "outliers" in name else 20
    scale = np.abs(finite_values(image).astype(np.float64)).max()
    everything = all_values(image)
    within = CountedSamples.from_counts(everything.values / scale, everything.counts)
    full = cost_of(within, learnt(everything, k) / scale)
    binned = cost_of(within, learnt(count(image), k) / scale)
    # Not more than a little above; where the summary leads to another resting place it may be below.
    assert binned <= full * 1.02 + 1e-25


@pytest.mark.parametrize("name", ["bell, float32", "outliers", "int32", "uint64, offset", "with NaN"])
def test_the_look_up_is_exact(name: str) -> None:
    image = IMAGES[name]
    codebook = fit(image, 13)
    indices = codebook.encode(image)
    some = np.random.default_rng(0).permutation(len(image))[:300]
    np.testing.assert_array_equal(indices[some], encode_one(image[some], codebook.centers, 13))
    assert np.bincount(indices)[:13].all()
    assert len(np.unique(finite_values(codebook.apply(image)))) <= 13


def test_a_sweep_says_that_nothing_is_exact() -> None:
    image = IMAGES["bell, float32"]
    for result in sweep(image, (2, 300)):
        assert not result.samples[0].exact
        assert result.codebook == fit(image, result.k)


numbers = st.floats(-1e150, 1e150) | st.floats(-1, 1) | st.integers(-20, 20).map(float)


@example([0.0, 5e-324, 1e-323], 0)
@example([1e150, -1e150, 0.0], 1)
@given(st.lists(numbers, min_size=1, max_size=30), st.integers(0, 2**32))
def test_any_numbers_beside_many_others(values: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.permutation(np.append(rng.integers(0, 2**62, 66_000).view("f8"), values))
    image = image[np.abs(image) <= 1e150]
    image = np.append(image, np.linspace(-3, 3, 66_000))
    samples = count(image)
    assert samples.total == len(image)
    assert (np.diff(samples.values) > 0).all()
    assert (samples.low, samples.high) == (image.min(), image.max())
    assert samples.low <= samples.values[0] <= samples.values[-1] <= samples.high


def bucketed(values: np.ndarray) -> Buckets:
    buckets = Buckets()
    buckets.add(values)
    return buckets


def members_and_means(bins: Bins, *parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The means of bins and their members, from parts that are counted apart and then merged."""
    total = bins.no_counts()
    for part in parts:
        counts = bins.no_counts()
        bins.count(part, counts)
        total.merge(counts)
    return bins.means(total)


@given(st.lists(numbers, min_size=1, max_size=40), st.integers(1, 60))
def test_few_bins_hold_all_values(values: list[float], budget: int) -> None:
    array = np.array(values) + 0.0
    buckets = bucketed(array)
    means, members = members_and_means(buckets.plan(budget), array)
    assert members.sum() == len(values)
    assert (np.diff(means) > 0).all()
    assert buckets.low == array.min() <= means[0] <= means[-1] <= array.max() == buckets.high
    assert buckets.n_high == np.count_nonzero(array == array.max())


@given(st.lists(st.floats(1, 2), min_size=2, max_size=40), st.integers(1, 39))
def test_parts_add_up(values: list[float], cut: int) -> None:
    array = np.array(values)
    buckets, parted = bucketed(array), Buckets()
    for part in (array[cut:], array[:cut]):
        parted.merge(bucketed(part) if len(part) else Buckets())
    assert (parted.low, parted.high, parted.n_high) == (buckets.low, buckets.high, buckets.n_high)
    whole = members_and_means(buckets.plan(200), array)
    summed = members_and_means(parted.plan(200), array[cut:], array[:cut])
    for one, other in zip(whole, summed, strict=True):
        assert same_bytes(one, other)


def test_a_mean_is_that_of_its_members() -> None:
    values = np.random.default_rng(0).uniform(1, 1.05, 1000)
    means, members = members_and_means(bucketed(values).plan(1), values)
    assert members.tolist() == [1000]
    assert means[0] == pytest.approx(values.mean(), rel=1e-8)


def test_a_bin_holds_more_members_than_64_bits_hold_their_steps() -> None:
    values = np.array([1.0, 1.03, 1.05])
    bins = bucketed(values).plan(1)
    expected, _ = members_and_means(bins, values)
    total = bins.no_counts()
    bins.count(values, total)
    for _ in range(45):  # twice as many each time, at last 3 · 2**45
        half = bins.no_counts()
        half.merge(total)
        total.merge(half)
    means, members = bins.means(total)
    assert members.tolist() == [3 * 2**45]
    assert means.tolist() == expected.tolist()


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_from_counts_puts_equal_values_together(values: list[int]) -> None:
    samples = counted([float(value) for value in values])
    assert samples.values.tolist() == sorted(set(values))
    assert samples.total == len(values)


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40), st.integers(1, 50))
def test_no_part_of_an_evened_density_is_more_than_its_share(parts: list[float], k: int) -> None:
    density = np.array(parts)
    evened = binning._evened(density, k)
    assert (evened <= density).all()
    if k > len(parts):  # then some part is always more than a k-th of the sum
        np.testing.assert_array_equal(evened, density)
    else:
        assert evened.max() <= evened.sum() / k * (1 + 1e-9)
    changed = evened < density
    assert len(np.unique(evened[changed])) <= 1  # the largest ones become equal, and no others change
