"""Codebooks written down: whatever is wrong with what is read, a ValueError says so in a sentence."""

import json
import os
import re
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_quantize import Codebook, fit
from napari_quantize.core.limited_file import read_limited
from napari_quantize.core.request.request import Request

GOOD = fit(np.arange(10, dtype=np.uint8), 3).to_dict()
NO_CODEBOOK = "this is no codebook: it does not say format: 'napari-quantize codebook'"
DTYPES = (
    "'bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', 'float64'"
)


def test_everything_is_written_under_its_name() -> None:
    assert {
        "format": "napari-quantize codebook",
        "format_version": 1,
        "k": 3,
        "mode": "global",
        "method": "minibatch",
        "random_state": 0,
        "channel_axis": None,
        "alpha": False,
        "ignore": [],
        "mask_digest": None,
        "color_space": "rgb",
        "balance": False,
        "keep": [],
        "palette": "",
        "dtype": "uint8",
        "scales": None,
        "levels": [fit(np.arange(10, dtype=np.uint8), 3).centers.tolist()],
    } == GOOD


@pytest.mark.parametrize("key", [key for key in GOOD if not key.startswith("format") and key != "palette"])
def test_missing_keys_are_named(key: str) -> None:
    with pytest.raises(ValueError, match=f"^the codebook lacks '{key}'$"):
        Codebook.from_dict({name: value for name, value in GOOD.items() if name != key})


def test_unknown_keys_are_ignored() -> None:
    assert Codebook.from_dict({**GOOD, "comment": "hello"}).to_dict() == GOOD


def test_files_of_the_time_before_palettes_were_given() -> None:
    assert Codebook.from_dict({name: value for name, value in GOOD.items() if name != "palette"}).to_dict() == GOOD


def test_given_palettes_keep_their_names() -> None:
    content = {**GOOD, "method": "given", "palette": "web"}
    codebook = Codebook.from_dict(content)
    assert (codebook.method, codebook.request.palette) == ("given", "web")
    assert codebook.to_dict() == content


@pytest.mark.parametrize("content", [None, 3, "text", [], [GOOD], {}, {"format": "other"}, {**GOOD, "format": 1}])
def test_what_is_no_codebook_is_refused(content: object) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(NO_CODEBOOK)}$"):
        Codebook.from_dict(content)


SPOILT = [
    ("format_version", 2, "the codebook has format_version 2; this version of napari-quantize reads 1"),
    ("format_version", None, "the codebook has format_version None; this version of napari-quantize reads 1"),
    ("k", 0, "k=0 must be at least 1"),
    ("k", 2, "centers of shape (3,) do not go with k=2"),
    ("k", 10**30, f"k={10**30} must be at most 65,536"),
    ("k", True, "the codebook holds something unexpected: k=True must be an integer"),
    ("k", 3.0, "the codebook holds something unexpected: k=3.0 must be an integer"),
    ("k", "3", "the codebook holds something unexpected: k='3' must be an integer"),
    ("k", None, "the codebook holds something unexpected: k=None must be an integer"),
    ("mode", "colour", "mode='colour' must be one of 'global', 'per_channel', 'color'"),
    ("mode", ["global"], "mode=['global'] must be one of 'global', 'per_channel', 'color'"),
    ("method", None, "method=None must be one of 'minibatch', 'lloyd', 'exact', 'given'"),
    ("palette", "web", "palette='web' goes with method='given', not method='minibatch'"),
    ("palette", "a\nb", "palette='a\\nb'… must be one line of at most 200 letters"),
    ("palette", 201 * "x", f"palette='{40 * 'x'}'… must be one line of at most 200 letters"),
    ("palette", 3, "the codebook holds something unexpected: palette=3 must be a string"),
    ("random_state", -1, "random_state=-1 must lie between 0 and 4294967295"),
    ("random_state", 0.0, "the codebook holds something unexpected: random_state=0.0 must be an integer"),
    ("channel_axis", "2", "the codebook holds something unexpected: channel_axis='2' must be an integer"),
    ("alpha", 1, "the codebook holds something unexpected: alpha=1 must be True or False"),
    ("alpha", True, "alpha=True needs channel_axis: alpha is the last entry along it"),
    ("ignore", [[3, 1]], "ignore holds [3, 1], whose first number is the larger one"),
    ("ignore", [[1, 2, 3]], "ignore holds [1, 2, 3], which is no (low, high) pair"),
    ("ignore", ["0"], "the codebook holds something unexpected: ignore holds '0', which is no number"),
    (
        "ignore",
        None,
        "the codebook holds something unexpected: "
        "ignore=None must be a sequence of numbers and (low, high) pairs, like [0, (250, None)]",
    ),
    (
        "mask_digest",
        12,
        "the codebook holds something unexpected: mask_digest=12 must be a string or None",
    ),
    ("color_space", "lab", "color_space='lab' is for mode='color', not mode='global'"),
    ("color_space", None, "color_space=None must be one of 'rgb', 'lab'"),
    ("balance", True, "balance=True is for mode='color', not mode='global'"),
    ("balance", None, "the codebook holds something unexpected: balance=None must be True or False"),
    ("keep", [[1.0]], "keep is for mode='color', not mode='global'"),
    ("scales", [1.0], "scales=(1.0,) do not go with balance=False and 1 channels"),
    *[
        ("dtype", name, f"dtype={name!r} must be one of {DTYPES}")
        for name in ("O", "U5", "datetime64", "float128", "complex64", "a5", "i4,i4", "", "u1", "<f4", None, 8, ["u1"])
    ],
    ("levels", [], "mode='global' does not go with 0 sets of centers"),
    ("levels", [[]], "centers of shape (0,) do not go with k=3"),
    ("levels", [[1.0], [2.0]], "mode='global' does not go with 2 sets of centers"),
    ("levels", [1.0, 2.0], "the codebook's levels hold 1.0 in place of a list of numbers"),
    ("levels", [[[1.0, 2.0]]], "the codebook's levels hold [1.0, 2.0], which is no number"),
    ("levels", [[1.0, [2.0]]], "the codebook's levels hold [2.0], which is no number"),
    ("levels", [["1", "2"]], "the codebook's levels hold '1', which is no number"),
    ("levels", ["12"], "the codebook's levels hold '12' in place of a list of numbers"),
    ("levels", "12", "the codebook's levels hold '12' in place of a list of lists"),
    ("levels", None, "the codebook's levels hold None in place of a list of lists"),
    ("levels", {"a": [1]}, "the codebook's levels hold {'a': [1]} in place of a list of lists"),
    ("levels", [[False, True]], "the codebook's levels hold False, which is no number"),
    ("levels", [[None]], "the codebook's levels hold None, which is no number"),
    ("levels", [[1.0, float("nan")]], "centers must be finite and lie within ±1e+150"),
    ("levels", [[1.0, float("inf")]], "centers must be finite and lie within ±1e+150"),
    ("levels", [[2.0, 1.0]], "centers must ascend"),
    ("levels", [[1.0, 1.0]], "centers must ascend"),
    ("levels", [[1, 10**400]], "the codebook's levels hold an integer too large for float64"),
    ("levels", [[1, 10**300]], "centers must be finite and lie within ±1e+150"),
]


@pytest.mark.parametrize(("key", "value", "sentence"), SPOILT)
def test_spoilt_content_is_refused_with_a_sentence(key: str, value: object, sentence: str, tmp_path: Path) -> None:
    content = {**GOOD, key: value}
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Codebook.from_dict(content)
    path = tmp_path / "codebook.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f"^codebook.json: {re.escape(sentence)}$"):
        Codebook.load(path)


BAD_FILES = [
    (b"", "c.json is no JSON file: Expecting value"),
    (b"{", "c.json is no JSON file: Expecting property name"),
    (b"\x89PNG\r\n\x1a\n", "c.json is no JSON file: 'utf-8' codec can't decode"),
    (b"[" * 100_000, "c.json is no JSON file: "),
    (b'{"k": ' + b"9" * 5000 + b"}", "c.json is no JSON file: Exceeds the limit"),
    (b"[]", f"c.json: {NO_CODEBOOK}"),
    (b"3", f"c.json: {NO_CODEBOOK}"),
    (b"null", f"c.json: {NO_CODEBOOK}"),
    (b'{"format": "napari-quantize codebook"}', "c.json: the codebook has format_version None"),
]


@pytest.mark.parametrize(("content", "sentence"), BAD_FILES)
def test_bad_files_are_refused_with_a_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(content)
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        Codebook.load(tmp_path / "c.json")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_that_an_editor_saved_anew_are_read(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(GOOD), encoding=encoding)
    assert Codebook.load(tmp_path / "c.json") == Codebook.from_dict(GOOD)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Codebook.load(tmp_path / "nothing.json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), json_values, max_size=3))
def test_anything_is_read_or_refused_as_a_wrong_value(changes: dict[str, object]) -> None:
    try:
        codebook = Codebook.from_dict({**GOOD, **changes})
    except ValueError as error:
        assert str(error)  # noqa: PT017
    else:
        assert Codebook.from_dict(codebook.to_dict()) == codebook


def test_long_values_are_not_quoted_whole(tmp_path: Path) -> None:
    for key in ("levels", "dtype", "mode", "format_version", "keep", "mask_digest"):
        content = {**GOOD, key: [["a" * 200_000]] if key in ("levels", "keep") else ["a" * 200_000]}
        (tmp_path / "c.json").write_text(json.dumps(content))
        with pytest.raises(ValueError, match="aaa") as caught:
            Codebook.load(tmp_path / "c.json")
        assert len(str(caught.value)) < 400


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "c.json").open("wb") as stream:
        stream.truncate(2**30)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"^c\.json is larger than 64 MB: that is no codebook$"):
        Codebook.load(tmp_path / "c.json")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(3 * 2**20))
    monkeypatch.setattr(os, "fstat", lambda _: SimpleNamespace(st_size=0))
    with pytest.raises(ValueError, match=r"^a\.bin is larger than 2 MB: that is no codebook$"):
        read_limited(tmp_path / "a.bin", 2 * 2**20, "codebook")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only Unix has pipes with names")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "c.json")
    with pytest.raises(ValueError, match=r"^c\.json is a pipe or a device, not a file$"):
        Codebook.load(tmp_path / "c.json")


@pytest.mark.slow
def test_the_largest_number_of_colours_is_read(tmp_path: Path) -> None:
    colors = np.sort(np.random.default_rng(0).random((65_536, 1)), axis=0) * np.ones(3) / 3
    codebook = Codebook(65_536, (colors,), np.dtype(float), Request(mode="color", channel_axis=-1))
    codebook.save(tmp_path / "c.json")
    assert Codebook.load(tmp_path / "c.json") == codebook
