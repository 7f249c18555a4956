"""The width and height of the dock, and of napari's window with it."""

from itertools import product

import numpy as np
import pytest
from driving import GREY, RGB, accordion_of, button, find_panel, open_dock, press, settle
from napari.settings import get_settings
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import (
    QAbstractButton,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)
from slow_cases import slow_except

from napari_quantize.viewer.panels.classes.panel import ClassesPanel
from napari_quantize.viewer.panels.classes.table import LevelsTable
from napari_quantize.viewer.widgets.forms import ShortenedText
from napari_quantize.viewer.widgets.notices import ReservedLines

ROOM = 300
LOW = 360
LAPTOP = (1280, 720)
LEAST = 1  # as narrow as possible
TITLE_MARGINS = 4
FLOATS = (np.arange(48 * 64).reshape(48, 64) / 15_000).astype(np.float32)
SCALE = {"scale": (0.2, 0.2), "units": ("um", "um")}
PHOTO = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
DEEP = np.random.default_rng(2).integers(0, 65_536, (48, 64), dtype=np.uint16)
IMAGES = {
    "photo": (PHOTO, {"rgb": True}),
    "floats": (FLOATS, SCALE),
    "uint16": (DEEP, SCALE),
    "channels": (np.stack([DEEP, DEEP // 3, 65_535 - DEEP]), {}),
    "own levels": (PHOTO, {"rgb": True}),
}


@pytest.fixture
def widget(window, qtbot):
    """A shown dock with results of a photo."""
    window.add_image(RGB, name="photo")
    widget = open_dock(window, "2, 4")
    press(qtbot, widget)
    settle(qtbot)
    return widget


def add_image(window, widget, kind):
    """Add an image; say that the first axis of "channels" holds channels, and that those of "own levels" differ."""
    data, options = IMAGES[kind]
    window.add_image(data, name="cells", **options)
    if kind == "channels":
        button(widget, "Channels").click()
    if kind == "own levels":
        widget.mode.value = "per_channel"


def dock_of(widget):
    return widget.native.parentWidget()


def make_wide(widget, qtbot, width):
    dock_of(widget).parentWidget().resizeDocks([dock_of(widget)], [width], Qt.Orientation.Horizontal)
    settle(qtbot)


def folds(widget, qtbot):
    """Open each panel alone, then the options, also with the last panel, and yield what is open."""
    accordion = accordion_of(widget)
    fitting = [panel.name for panel, fold in accordion.folds.items() if not fold.isHidden()]
    for options, name in [*((False, name) for name in ["", *fitting]), (True, fitting[-1]), (True, "")]:
        widget._inputs._options.unfold(options)
        accordion.open(name)
        settle(qtbot)
        yield f"{name} {options}"
    widget._inputs._options.unfold(False)


def counts_pixels(widget):
    panel = find_panel(widget, "Classes")
    return panel.isVisible() and panel.summary is None


def titles_of_panels(widget):
    folds = accordion_of(widget).folds.values()
    return [button.text() for fold in folds for button in fold.findChildren(QPushButton) if button.text()[:1] in "▸▾"]


def cut_off(widget):
    """Return the texts that do not fit their widgets."""
    buttons = [each for each in widget.native.findChildren(QAbstractButton) if each.isVisible() and each.text()]
    cut = [each.text() for each in buttons if each.width() < width_of_button(each) - 2]
    labels = [each for each in widget.native.findChildren(QLabel) if each.isVisible() and not each.wordWrap()]
    elided = QSizePolicy.Policy.Ignored  # these write what fits, and all of it into the tooltip
    fixed = [each for each in labels if each.sizePolicy().horizontalPolicy() != elided]
    return cut + [each.text() for each in fixed if each.width() + 1 < each.sizeHint().width()]


def width_of_button(button):
    """Return the width that a button needs for the text that it shows."""
    shortened = button.findChild(ShortenedText)
    left_out = button.text().removeprefix(shortened.shown_text()) if shortened is not None else ""
    return button.minimumSizeHint().width() - button.fontMetrics().horizontalAdvance(left_out)


def cut_cells(widget):
    """Return the titles and texts of cells that do not fit the columns of visible tables."""
    tables = [each for each in widget.native.findChildren(QTableView) if each.isVisible()]
    return [text for each in tables for text in (*cut_titles(each), *cut_texts(each))]


def cut_titles(table):
    header, model = table.horizontalHeader(), table.model()
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    widths = map(table.columnWidth, range(model.columnCount()))
    return [
        title
        for title, width in zip(titles, widths, strict=True)
        if header.fontMetrics().horizontalAdvance(title) + TITLE_MARGINS > width
    ]


def cut_texts(table):
    """Return the texts that Qt elides in the cells of a table."""
    style, model, cut = table.style(), table.model(), []
    margins = 2 * (style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, table) + 1)
    for row, column in product(range(model.rowCount()), range(model.columnCount())):
        index, option = model.index(row, column), QStyleOptionViewItem()
        option.initFrom(table)
        option.rect, option.text = table.visualRect(index), index.data() or ""
        option.features = QStyleOptionViewItem.ViewItemFeature.HasDisplay
        if index.data(Qt.ItemDataRole.CheckStateRole) is not None:
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        chip = index.data(Qt.ItemDataRole.DecorationRole)
        if chip is not None:
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.decorationSize = chip.size()
        room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, table).width() - margins
        if table.fontMetrics().horizontalAdvance(option.text) > room:
            cut.append(option.text)
    return cut


def hidden_rows(widget):
    """Return the tables of up to twelve rows that do not show all of them."""
    tables = [each for each in widget.native.findChildren(QTableView) if each.isVisible()]
    return [each for each in tables if each.model().rowCount() <= 12 and each.verticalScrollBar().maximum() > 0]


def test_a_dock_shrinks_again(widget, qtbot):
    dock = dock_of(widget)
    tall = QWidget()
    tall.setMinimumSize(400, 2000)
    widget.native.layout().addWidget(tall)
    qtbot.waitUntil(lambda: dock.minimumSize().height() > 2000)
    tall.hide()
    qtbot.waitUntil(lambda: dock.minimumSize().height() < 1000)
    assert dock.minimumSize().width() <= ROOM


def test_a_new_panel_of_classes_fits_the_dock(qtbot):
    panel = ClassesPanel()
    qtbot.addWidget(panel)
    assert panel.minimumSizeHint().width() <= ROOM


@pytest.mark.parametrize("image", slow_except(["photo", "floats"], "photo"))
def test_the_window_of_a_laptop_never_grows(window, qtbot, image):
    window.window.resize(*LAPTOP)
    settle(qtbot)
    before = window.window.geometry()[2:]
    assert before == LAPTOP
    window.add_image(RGB if image == "photo" else FLOATS, name="cells")
    widget = open_dock(window, "1, 2, 3, 4, 5, 6", tile=True)
    heights, sizes = [], []
    for each in ("empty", "results"):
        if each == "results":
            press(qtbot, widget)
        for font_size in (9, 14):
            get_settings().appearance.font_size = font_size
            for _ in folds(widget, qtbot):
                heights.append(widget.native.minimumSizeHint().height())
                sizes.append(window.window.geometry()[2:])
    assert max(heights) <= LOW
    assert set(sizes) == {before}


def test_a_new_dock_leaves_most_of_the_window_to_the_image(window, qtbot):
    get_settings().appearance.font_size = 14
    window.window.resize(*LAPTOP)
    window.add_image(FLOATS, name="cells with a name that has more than a few letters")
    widget = open_dock(window)
    settle(qtbot)
    assert dock_of(widget).width() < LAPTOP[0] / 3


@pytest.mark.parametrize(
    ("kind", "width", "font_size"),
    slow_except(
        [("floats", 250, 9), ("floats", ROOM, 14), *product(IMAGES, [250], [12]), *product(IMAGES, [LEAST], [14])],
        ("floats", ROOM, 14),
        ("channels", 250, 12),
    ),
)
def test_nothing_is_cut_off_in_a_narrow_dock(window, qtbot, kind, width, font_size):
    """The narrowest dock at the largest font is wider than 250 pixels."""
    get_settings().appearance.font_size = font_size
    window.window.resize(*LAPTOP)
    widget = open_dock(window, "1, 2, 4, 8, 16, 32")
    add_image(window, widget, kind)
    press(qtbot, widget)
    make_wide(widget, qtbot, width)
    least = dock_of(widget).width()
    assert least == width or (width == LEAST and least < ROOM)
    for what in folds(widget, qtbot):
        qtbot.waitUntil(lambda: not counts_pixels(widget))
        settle(qtbot)
        assert dock_of(widget).width() == least, what
        assert widget._scroll.widget().width() <= widget._scroll.viewport().width(), what
        assert (cut_off(widget), cut_cells(widget)) == ([], []), what
        qtbot.waitUntil(lambda: not hidden_rows(widget))  # a scroll bar below the table makes it higher a turn later
        if width == ROOM or font_size == 9:
            assert not [title for title in titles_of_panels(widget) if "…" in title], what
        assert width != ROOM or not widget._results_view.table.horizontalScrollBar().isVisible(), what


@pytest.mark.slow
def test_the_facts_of_an_image_are_whole_at_a_large_font(window, qtbot):
    get_settings().appearance.font_size = 14
    window.window.resize(*LAPTOP)
    window.add_image(np.resize(np.arange(1, 255, dtype=np.uint8), (512, 512, 3)), name="photo")
    widget = open_dock(window, "2")
    make_wide(widget, qtbot, 300)
    press(qtbot, widget)
    facts = widget._inputs._facts
    assert "254" in facts.text()
    assert not facts.findChild(ReservedLines).is_elided


def test_the_title_of_a_panel_is_whole_beside_a_box(window, qtbot):
    window.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(window, "2, 4")
    make_wide(widget, qtbot, 300)
    press(qtbot, widget)
    accordion_of(widget).open("How many are enough?")
    settle(qtbot)
    assert find_panel(widget, "How many are enough?").quantity.isVisible()
    assert "▾ How many are enough?" in titles_of_panels(widget)


@pytest.mark.parametrize("width", slow_except([250, 300, 400], 250))
def test_levels_keep_their_last_digits(window, qtbot, width):
    window.window.resize(*LAPTOP)
    window.add_image(FLOATS, name="cells", **SCALE)
    widget = open_dock(window, "8")
    [result] = press(qtbot, widget)
    window.layers.selection.active = result
    make_wide(widget, qtbot, width)
    accordion_of(widget).open("Classes")
    qtbot.waitUntil(lambda: find_panel(widget, "Classes").summary is not None)
    settle(qtbot)
    table = widget.native.findChild(LevelsTable)
    metrics, model = table.fontMetrics(), table.model()
    rows = range(model.rowCount())
    for column in range(1, model.columnCount()):
        texts = [model.index(row, column).data() for row in rows]
        assert max(map(metrics.horizontalAdvance, texts)) < table.columnWidth(column), texts
        assert len(set(texts)) == len(rows) or column > 2, texts
    title = model.headerData(4, Qt.Orientation.Horizontal)
    assert title.endswith("µm²")
    assert metrics.horizontalAdvance(title) < table.columnWidth(4)
    assert sum(map(table.columnWidth, range(5))) <= table.viewport().width()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "font_size"),
    [("photo", 9), ("photo", 14), ("floats", 14), ("channels", 14)],
)
def test_a_floating_dock_can_be_low(window, qtbot, kind, font_size):
    get_settings().appearance.font_size = font_size
    widget = open_dock(window, "2, 4")
    add_image(window, widget, kind)
    press(qtbot, widget)
    dock = dock_of(widget)
    dock.setFloating(True)
    dock.resize(ROOM, LOW)
    settle(qtbot)
    for what in folds(widget, qtbot):
        assert dock.minimumSize().height() <= LOW, what
        assert dock.height() == LOW, what
    dock.setFloating(False)


def test_a_newcomer_sees_the_table_without_scrolling(window, qtbot):
    window.window.resize(*LAPTOP)
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "1, 2, 4, 8, 16, 32", tile=True)
    make_wide(widget, qtbot, 300)
    press(qtbot, widget)
    settle(qtbot)
    viewport = widget._scroll.viewport()
    bottom = widget._results_view.compare.mapTo(viewport, QPoint(0, widget._results_view.compare.height())).y()
    assert widget._scroll.verticalScrollBar().value() == 0
    assert bottom <= viewport.height()
