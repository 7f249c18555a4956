"""The order of the table's columns: marked figures come early, and figures that no result has last."""

from napari_quantize.viewer.table.rows import Cell, TableRow, order_columns

NAMES = ("k", "rmse", "noise", "bits")


def row(**texts):
    return TableRow("id", "name", {name: Cell(text) for name, text in texts.items()}, 2, "")


def order(names, *rows, any_above_best=False):
    return order_columns(names, rows, any_above_best=any_above_best)


def test_columns_without_a_figure_are_last():
    assert order(NAMES, row(k="2", rmse="3", bits="1")) == ("k", "rmse", "bits", "noise")
    assert order(NAMES, row(k="2", rmse="3", noise="–", bits="1")) == ("k", "rmse", "bits", "noise")


def test_one_figure_or_a_pending_one_keeps_the_place():
    for text in ("0.50", "…"):
        assert order(NAMES, row(k="1", bits="0"), row(k="2", rmse="3", noise=text, bits="1")) == NAMES


def test_without_results_nothing_changes():
    assert order(NAMES) == NAMES


def test_above_best_follows_the_first_figure_where_a_result_is_marked():
    names = ("k", "rmse", "noise", "bits", "excess")
    known = row(k="2", rmse="3", noise="1", bits="1", excess="1.5")
    assert order(names, known) == names
    assert order(names, known, any_above_best=True) == ("k", "rmse", "excess", "noise", "bits")
