"""The order of the table's columns: marked figures come early, and figures that tell nothing last."""

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


PHOTO_NAMES = ("k", "rmse", "colours", "delta_e", "kb")


def colors_row(used, n_colors):
    cells = {name: Cell("1") for name in PHOTO_NAMES} | {"colours": Cell(str(n_colors), n_colors)}
    return TableRow("id", "name", cells, used, "")


def test_colours_that_repeat_k_are_last():
    repeated, more = [colors_row(1, 1), colors_row(2, 2)], colors_row(2, 8)
    assert order(PHOTO_NAMES, *repeated) == ("k", "rmse", "delta_e", "kb", "colours")
    assert order(PHOTO_NAMES, *repeated, more) == PHOTO_NAMES
    assert order(PHOTO_NAMES, colors_row(8, 7)) == PHOTO_NAMES
