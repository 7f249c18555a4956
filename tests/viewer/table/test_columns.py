"""Which columns of the table are shown, without a window."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_quantize.viewer.table.columns import COLUMNS, Columns, applicable

NAMES = tuple(COLUMNS)


def provenance(mode="global", n_colors=None, n_used=2):
    codebook, quality = SimpleNamespace(mode=mode), SimpleNamespace(n_colors=n_colors)
    return SimpleNamespace(codebook=codebook, quality=quality, n_used=n_used)


def width_of_100(name):
    return 100


@pytest.mark.parametrize(
    ("kind", "results", "first"),
    [
        ("values", [provenance()], ["k", "rmse", "noise"]),
        ("values", [provenance("global", 7), provenance("per_channel", 7)], ["k", "rmse", "noise"]),
        ("values", [provenance("color", 7)], ["k", "rmse", "noise"]),
        ("photo", [provenance("color", 1, 1), provenance("color", 7, 7)], ["k", "rmse", "delta_e"]),
        ("photo", [provenance("global", 1, 1), provenance("global", 8, 2)], ["k", "rmse", "colours"]),
        ("photo", [provenance("color", 7, 8)], ["k", "rmse", "colours"]),
    ],
)
def test_at_least_three_columns_are_shown(kind, results, first):
    names = applicable(kind, results)
    assert list(Columns().shown(kind, names, 0, width_of_100)) == first


def test_columns_without_any_figure_are_not_offered():
    assert not {"colours", "delta_e"} & set(applicable("values", [provenance()]))
    assert "excess" not in applicable("photo", [provenance("color", 7)])
    assert set(applicable("photo", [provenance("color", 7), provenance("global", 7)])) == set(NAMES)


@given(st.integers(0, 3000), st.lists(st.integers(10, 300), min_size=len(NAMES), max_size=len(NAMES)))
def test_as_many_columns_as_fit_are_shown(room, widths):
    width_of = dict(zip(NAMES, widths, strict=True)).__getitem__
    shown = Columns().shown("values", NAMES, room, width_of)
    assert shown == NAMES[: len(shown)]
    assert len(shown) >= 3
    assert len(shown) == 3 or sum(map(width_of, shown)) <= room
    assert len(shown) == len(NAMES) or sum(map(width_of, NAMES[: len(shown) + 1])) > room


@given(st.sets(st.sampled_from(NAMES)), st.sampled_from([0, 10_000]))
def test_chosen_columns_are_shown_at_any_width(chosen, room):
    columns = Columns()
    columns.choose("photo", chosen)
    assert columns.shown("photo", NAMES, room, width_of_100) == tuple(n for n in NAMES if n == "k" or n in chosen)
    assert len(columns.shown("values", NAMES, 0, width_of_100)) == 3
    columns.choose("photo", None)
    assert len(columns.shown("photo", NAMES, 0, width_of_100)) == 3


def test_four_columns_are_shown_in_a_table_whose_width_is_not_known():
    assert Columns().shown("photo", NAMES, None, width_of_100) == NAMES[:4]


def test_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match=r"no column 'size': the columns are k, rmse"):
        Columns().choose("photo", ["size"])


def test_every_column_has_a_title_and_a_tooltip():
    for column in COLUMNS.values():
        assert column.title
        assert column.unit_title.isascii()
        assert len(column.tip) > 30
    assert len({column.title for column in COLUMNS.values()}) == len(COLUMNS)
