"""Which columns of the table are shown: no window."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_quantize.viewer.table.columns import COLUMNS, Columns, applicable

NAMES = tuple(COLUMNS)


def made(mode="global", n_colors=None):
    return SimpleNamespace(codebook=SimpleNamespace(mode=mode), quality=SimpleNamespace(n_colors=n_colors))


def wide(name):
    return 100


@pytest.mark.parametrize(
    ("kind", "results", "first"),
    [
        ("values", [made()], ["k", "rmse", "bits", "excess"]),
        ("values", [made("global", 7), made("per_channel", 7)], ["k", "rmse", "bits", "excess"]),
        ("values", [made("color", 7)], ["k", "rmse", "bits", "colours"]),
        ("photo", [made("color", 7)], ["k", "colours", "delta_e", "kb"]),
        ("photo", [made("global", 7)], ["k", "colours", "delta_e", "kb"]),
    ],
)
def test_the_first_four_are_shown_however_narrow(kind, results, first):
    names = applicable(kind, results)
    assert list(Columns().shown(kind, names, 0, wide)) == first


def test_only_figures_that_there_can_be():
    assert not {"colours", "delta_e"} & set(applicable("values", [made()]))
    assert "excess" not in applicable("photo", [made("color", 7)])
    assert set(applicable("photo", [made("color", 7), made("global", 7)])) == set(NAMES)


@given(st.integers(0, 3000), st.lists(st.integers(10, 300), min_size=len(NAMES), max_size=len(NAMES)))
def test_as_many_as_fit(room, widths):
    width_of = dict(zip(NAMES, widths, strict=True)).__getitem__
    shown = Columns().shown("values", NAMES, room, width_of)
    assert shown == NAMES[: len(shown)]
    assert len(shown) >= 4
    assert len(shown) == 4 or sum(map(width_of, shown)) <= room
    assert len(shown) == len(NAMES) or sum(map(width_of, NAMES[: len(shown) + 1])) > room


@given(st.sets(st.sampled_from(NAMES)), st.sampled_from([0, 10_000]))
def test_what_is_chosen_is_shown_whatever_the_room(chosen, room):
    columns = Columns()
    columns.choose("photo", chosen)
    assert columns.shown("photo", NAMES, room, wide) == tuple(n for n in NAMES if n == "k" or n in chosen)
    assert len(columns.shown("values", NAMES, 0, wide)) == 4
    columns.choose("photo", None)
    assert len(columns.shown("photo", NAMES, 0, wide)) == 4


def test_a_wrong_name_is_said():
    with pytest.raises(ValueError, match=r"no column 'size': the columns are k, rmse"):
        Columns().choose("photo", ["size"])


def test_every_column_is_explained():
    for column in COLUMNS.values():
        assert column.title
        assert column.unit_title.isascii()
        assert len(column.tip) > 30
    assert len({column.title for column in COLUMNS.values()}) == len(COLUMNS)
