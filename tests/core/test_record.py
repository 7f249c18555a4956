"""Records: there and back through JSON, and one sentence on what is wrong with those of strangers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from napari_quantize import sweep
from napari_quantize._version import __version__
from napari_quantize.core.record import Record

IMAGE = np.random.default_rng(0).integers(0, 200, (12, 16, 3), dtype=np.uint8)


def record_of(k: int = 3, **options: Any) -> Record:
    [result] = sweep(IMAGE, (k,), channel_axis=-1, **options)
    return Record(
        source_name="cells",
        codebook=result.codebook,
        samples=tuple(counted.digest() for counted in result.samples),
        quality=result.quality,
        together=(("1", "a"), ("2", "b")),
        learnt_from=("3", "other"),
        each_slice=True,
    )


@pytest.mark.parametrize("options", [{}, {"mode": "per_channel"}, {"mode": "color", "ignore": [0]}, {"k": 256}])
def test_records_survive_json(options: dict[str, Any]) -> None:
    record = record_of(**options)
    assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert Record.from_dict({**record.to_dict(), "dithered": True}) == record
    assert record != record_of(k=2)


def test_what_is_known_of_every_result_is_enough() -> None:
    whole = record_of()
    least = {name: whole.to_dict()[name] for name in ("codebook", "quality")}
    record = Record.from_dict(least)
    assert (record.codebook, record.quality, record.version) == (whole.codebook, whole.quality, __version__)
    assert (record.source_name, record.samples, record.together) == ("", (), ())
    assert (record.learnt_from, record.each_slice) == ((), False)


def test_short_ways_to_what_it_holds() -> None:
    own = record_of(250, mode="per_channel")
    assert own.k == 250
    assert own.n_used == max(len(np.unique(IMAGE[..., channel])) for channel in range(3))
    assert own.request is own.codebook.request
    assert not own.in_colors
    assert record_of(mode="color").in_colors


def test_earlier_versions_did_not_record_the_white() -> None:
    [result] = sweep(IMAGE.astype(np.uint16) * 20, (2,), channel_axis=-1, mode="color")
    record = Record(codebook=result.codebook, quality=result.quality)
    assert record.white == 4095
    content = record.to_dict()
    del content["quality"]["white"]
    assert Record.from_dict(content).white == 65535


def test_nobody_changes_it() -> None:
    with pytest.raises(FrozenInstanceError):
        record_of().source_name = "another"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda content: content.pop("codebook"), "the record lacks 'codebook'"),
        (lambda content: content.pop("quality"), "the record lacks 'quality'"),
        (lambda content: content["quality"].pop("rmse"), "the record's quality has rmse=None, which is no number"),
        (lambda content: content["quality"].update(mse=True), "the record's quality has mse=True, which is no number"),
        (lambda content: content.update(quality=[]), "the record's quality is no mapping of names to figures"),
        (lambda content: content["codebook"].update(k=0), "k=0 must be at least 1"),
        (lambda content: content.update(codebook=None), "this is no codebook"),
        (lambda content: content.update(version=1), "the record's version=1 is no text"),
        (lambda content: content.update(samples="abc"), "the record's samples='abc' is no list of texts"),
        (lambda content: content.update(samples=[1]), "the record's samples=1 is no text"),
        (lambda content: content.update(together={}), "the record's together={} is no list of pairs"),
        (lambda content: content.update(together=[["a"]]), r"the record's together holds \['a'\], which is no id"),
        (lambda content: content.update(learnt_from=["a"]), r"the record's learnt_from holds \['a'\], which is no id"),
        (lambda content: content.update(each_slice=1), "the record's each_slice=1 is neither true nor false"),
    ],
)
def test_what_is_wrong_is_named(damage: Callable[[dict[str, Any]], object], sentence: str) -> None:
    content = record_of().to_dict()
    damage(content)
    with pytest.raises(ValueError, match=f"^{sentence}"):
        Record.from_dict(content)


@pytest.mark.parametrize("content", [None, 7, "x", []])
def test_what_is_no_record(content: object) -> None:
    with pytest.raises(ValueError, match="the record is no mapping of names to values"):
        Record.from_dict(content)


def test_long_values_are_not_quoted_whole() -> None:
    for name in ("source_name", "samples", "together", "each_slice"):
        with pytest.raises(ValueError, match="aaa") as caught:
            Record.from_dict({**record_of().to_dict(), name: {"a" * 200_000: 1}})
        assert len(str(caught.value)) < 400
