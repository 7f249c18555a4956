"""Arguments: one clear sentence with the values in it, before any work starts."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import refuse

from napari_quantize import fit, quantize, sweep
from napari_quantize.core.request.request import MAX_K, Request, check_k, check_ks, check_n_jobs
from napari_quantize.text.numbers import parse_ks

GRAY = np.arange(12, dtype=np.uint8).reshape(3, 4)


BAD_K = [
    (0, ValueError, "k=0 must be at least 1"),
    (-3, ValueError, "k=-3 must be at least 1"),
    (65_537, ValueError, "k=65537 must be at most 65,536"),
    (2.0, TypeError, "k=2.0 must be an integer"),
    (True, TypeError, "k=True must be an integer"),
    (np.True_, TypeError, "k=np.True_ must be an integer"),
    (np.float64(2), TypeError, "k=np.float64(2.0) must be an integer"),
    ("2", TypeError, "k='2' must be an integer"),
    (None, TypeError, "k=None must be an integer"),
    ([2], TypeError, "k=[2] must be an integer"),
    (np.array([2]), TypeError, "k=array([2]) must be an integer"),
    (np.array(2.5), TypeError, "k=array(2.5) must be an integer"),
]


@pytest.mark.parametrize(("k", "error", "sentence"), BAD_K)
def test_a_bad_k_is_named(k: object, error: type[Exception], sentence: str) -> None:
    for ask in (fit, quantize):
        with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
            ask(GRAY, k, tick=refuse)
    with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
        sweep(GRAY, (2, k), tick=refuse)


BAD_ARGUMENTS = [
    ({"mode": "colour"}, ValueError, "mode='colour' must be one of 'global', 'per_channel', 'color'"),
    ({"mode": None}, ValueError, "mode=None must be one of 'global', 'per_channel', 'color'"),
    ({"mode": ["global"]}, ValueError, "mode=['global'] must be one of 'global', 'per_channel', 'color'"),
    ({"mode": np.array([1, 2])}, ValueError, "mode=array([1, 2]) must be one of 'global', 'per_channel', 'color'"),
    ({"method": "kmeans"}, ValueError, "method='kmeans' must be one of 'minibatch', 'lloyd', 'exact'"),
    ({"method": "given"}, ValueError, "method='given' must be one of 'minibatch', 'lloyd', 'exact'"),
    ({"random_state": -1}, ValueError, "random_state=-1 must lie between 0 and 4294967295"),
    ({"random_state": 2**32}, ValueError, "random_state=4294967296 must lie between 0 and 4294967295"),
    ({"random_state": None}, TypeError, "random_state=None must be an integer"),
    ({"random_state": 0.5}, TypeError, "random_state=0.5 must be an integer"),
    ({"channel_axis": 1.0}, TypeError, "channel_axis=1.0 must be an integer"),
    ({"channel_axis": False}, TypeError, "channel_axis=False must be an integer"),
    ({"alpha": 1, "channel_axis": 0}, TypeError, "alpha=1 must be True or False"),
    ({"alpha": True}, ValueError, "alpha=True needs channel_axis: alpha is the last entry along it"),
    (
        {"channel_axis": 2},
        ValueError,
        "channel_axis=2 is out of range for an image of shape (3, 4); use channel_axis=None if it has one channel",
    ),
    (
        {"channel_axis": -3, "mode": "per_channel"},
        ValueError,
        "channel_axis=-3 is out of range for an image of shape (3, 4); use channel_axis=None if it has one channel",
    ),
]


@pytest.mark.parametrize(("arguments", "error", "sentence"), BAD_ARGUMENTS)
def test_bad_arguments_are_named(arguments: dict[str, object], error: type[Exception], sentence: str) -> None:
    for ask in (fit, quantize):
        with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
            ask(GRAY, 2, tick=refuse, **arguments)
    with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
        sweep(GRAY, (1, 2), tick=refuse, **arguments)


BAD_N_JOBS = [
    (0, ValueError, "n_jobs=0 must be at least 1, or None for all processors"),
    (-1, ValueError, "n_jobs=-1 must be at least 1, or None for all processors"),
    (2.0, TypeError, "n_jobs=2.0 must be an integer"),
    (True, TypeError, "n_jobs=True must be an integer"),
    ("2", TypeError, "n_jobs='2' must be an integer"),
]


@pytest.mark.parametrize(("n_jobs", "error", "sentence"), BAD_N_JOBS)
def test_a_bad_n_jobs_is_named(n_jobs: object, error: type[Exception], sentence: str) -> None:
    codebook = fit(GRAY, 2)
    for ask in (codebook.apply, codebook.encode):
        with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
            ask(GRAY, tick=refuse, n_jobs=n_jobs)
    for ask, k in ((fit, 2), (quantize, 2), (sweep, (1, 2))):
        with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
            ask(GRAY, k, tick=refuse, n_jobs=n_jobs)


BAD_IMAGES = [
    (np.zeros((0, 3)), {}, ValueError, "image is empty: its shape is (0, 3)"),
    (np.zeros((4, 0)), {"channel_axis": 1}, ValueError, "image is empty: its shape is (4, 0)"),
    (
        np.zeros((4, 1)),
        {"channel_axis": 1, "alpha": True},
        ValueError,
        "alpha=True needs at least 2 entries along channel_axis=1, but shape (4, 1) has 1",
    ),
    (
        np.ma.masked_array([1, 2]),
        {},
        TypeError,
        "masked arrays are not read: fill the masked values first (with NaN to leave them out)",
    ),
    (
        np.float64(1),
        {"channel_axis": 0},
        ValueError,
        "channel_axis=0 is out of range for an image of shape (); use channel_axis=None if it has one channel",
    ),
]


@pytest.mark.parametrize(("image", "arguments", "error", "sentence"), BAD_IMAGES)
def test_bad_images_are_refused_with_a_sentence(
    image: np.ndarray, arguments: dict[str, object], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
        fit(image, 2, tick=refuse, **arguments)
    with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
        sweep(image, (1, 2), tick=refuse, **arguments)


@pytest.mark.parametrize("dtype", ["c8", "c16", "O", "U3", "S3", "M8[s]", "m8[s]", "i4,i4", "g"])
def test_bad_dtypes_are_named(dtype: str) -> None:
    image = np.zeros(3, dtype)
    sentence = f"images of dtype {image.dtype} cannot be quantized: use bool, integers, or floats up to 64 bits"
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        fit(image, 2, tick=refuse)


@pytest.mark.parametrize("number", [3, np.int8(3), np.uint64(3), np.array(3)])
def test_whatever_is_an_integer_is_taken_as_one(number: object) -> None:
    assert type(check_k(number)) is int
    assert type(check_n_jobs(number)) is int
    request = Request(random_state=number, channel_axis=number)
    assert type(request.random_state) is int
    assert type(request.channel_axis) is int
    assert fit(GRAY, number, random_state=number) == fit(GRAY, 3, random_state=3)


def test_k_reaches_its_limits() -> None:
    assert (check_k(1), check_k(MAX_K)) == (1, 65_536)


def test_flags_of_numpy_are_flags() -> None:
    assert Request(channel_axis=0, alpha=np.True_).alpha is True


BAD_KS = [
    (3, TypeError, "ks=3 must be a sequence of integers, like (2, 4, 8)"),
    ("2", TypeError, "ks='2' must be a sequence of integers, like (2, 4, 8)"),
    (b"ab", TypeError, "ks=b'ab' must be a sequence of integers, like (2, 4, 8)"),
    (None, TypeError, "ks=None must be a sequence of integers, like (2, 4, 8)"),
    (np.array(3), TypeError, "ks=array(3) must be a sequence of integers, like (2, 4, 8)"),
    ((), ValueError, "ks is empty: it must hold at least one k"),
]


@pytest.mark.parametrize(("ks", "error", "sentence"), BAD_KS)
def test_bad_ks_are_named(ks: object, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
        sweep(GRAY, ks, tick=refuse)


@given(st.lists(st.integers(1, MAX_K), min_size=1))
def test_ks_are_distinct_and_ascend(ks: list[int]) -> None:
    assert check_ks(iter(ks)) == check_ks(np.array(ks)) == tuple(sorted(set(ks)))


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 20), st.sampled_from("-–")), min_size=1), st.data())
def test_typed_ks_mean_what_they_say(ranges: list[tuple[int, int, str]], data: st.DataObject) -> None:
    text, expected = "", set()
    for low, extra, dash in ranges:
        text += f"{low}{dash}{low + extra}" if extra else f"{low}"
        text += data.draw(st.sampled_from([",", ", ", "; ", " "]))
        expected |= set(range(low, low + extra + 1))
    assert parse_ks(text) == tuple(sorted(expected))


BAD_TEXTS = [
    ("", "Type how many values to keep, for example 2, 4, 8"),
    (" ,; ", "Type how many values to keep, for example 2, 4, 8"),
    ("2, four", "“four” is not a whole number or a range like 2-6"),
    ("2.5", "“2.5” is not a whole number or a range like 2-6"),
    ("-3", "“-3” is not a whole number or a range like 2-6"),
    ("3-", "“3-” is not a whole number or a range like 2-6"),
    ("2-4-6", "“2-4-6” is not a whole number or a range like 2-6"),
    ("²", "“²” is not a whole number or a range like 2-6"),
    ("0", "“0” cannot be used: K must lie between 1 and 65,536"),
    ("65537", "“65537” cannot be used: K must lie between 1 and 65,536"),
    ("6-2", "“6-2” cannot be used: its first number is the larger one"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD_TEXTS)
def test_bad_texts_are_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse_ks(text)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        ks = parse_ks(text)
    except ValueError as error:
        assert "“" in str(error) or "Type how many" in str(error)  # noqa: PT017
    else:
        assert ks == check_ks(ks)


def test_endless_numbers_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="cannot be used"):
        parse_ks("9" * 5000)
