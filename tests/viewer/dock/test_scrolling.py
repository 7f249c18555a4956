"""The dock scrolls, and what is under the pointer stays there."""

import numpy as np
import pytest
from driving import GREY, accordion_of, button, find_panel, menu_action, open_dock, press, results_of, settle
from napari.settings import get_settings
from pointer import Pointer
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QFocusEvent, QWheelEvent
from qtpy.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QSlider, QSpinBox
from slow_cases import slow_except

from napari_quantize.viewer.widgets.question import Question

FAR = (
    "Each slice gets levels of its own: the same grey can mean different things from slice to slice, and films flicker."
)


@pytest.fixture
def widget(window, qtbot):
    """A shown dock with results, too low for its content."""
    window.window.resize(1000, 480)
    window.add_image(GREY, name="cells")
    widget = open_dock(window, "2, 3, 4")
    press(qtbot, widget)
    widget._inputs._options.unfold(True)
    widget._scroll._stop_following()  # from now on nothing scrolls by itself
    return widget


def turn_wheel(widget, steps=-1):
    """Turn the wheel over a widget. An event that is ignored goes on to the parents, as those of the mouse do."""
    middle = QPointF(widget.rect().center())
    at = QPointF(widget.mapToGlobal(middle.toPoint()))
    delta, none = QPoint(0, 120 * steps), Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(middle, at, QPoint(), delta, Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False)
    while widget is not None:
        event.accept()
        QApplication.sendEvent(widget, event)
        if event.isAccepted():
            return
        widget = None if widget.isWindow() else widget.parentWidget()


def value_of(control):
    return control.currentIndex() if isinstance(control, QComboBox) else control.value()


def top_of(part, widget):
    return part.mapTo(widget._scroll.viewport(), QPoint(0, 0)).y()


def is_in_view(part, widget):
    top, height = top_of(part, widget), widget._scroll.viewport().height()
    return top >= 0 and top + part.height() <= height


def test_the_wheel_scrolls_and_changes_no_value(widget, qtbot):
    bar = widget._scroll.verticalScrollBar()
    content = widget._scroll.widget()
    found = [control for kind in (QComboBox, QSlider, QSpinBox) for control in content.findChildren(kind)]
    controls = [control for control in found if control.isVisible() and control.isEnabled()]
    assert len(controls) > 5
    for control in controls:
        control.setFocus()  # also what has the focus
        bar.setValue(0)
        before = value_of(control)
        turn_wheel(control)
        assert value_of(control) == before, control.toolTip()
        assert bar.value() > 0, control.toolTip()


def test_the_wheel_zooms_a_histogram_that_was_clicked(widget, qtbot):
    panels, bar = accordion_of(widget), widget._scroll.verticalScrollBar()
    panels.open("Histogram")
    widget._inputs._options.unfold(False)
    panel = find_panel(widget, "Histogram")
    qtbot.waitUntil(lambda: bool(panel.model.rows))
    mouse = Pointer(panel._plot.figure)
    whole = mouse.axes.get_xlim()
    bar.setValue(0)
    turn_wheel(mouse.canvas)
    assert bar.value() > 0
    assert mouse.axes.get_xlim() == whole
    mouse.click(100)
    at = bar.value()
    mouse.wheel(100, 1)
    assert mouse.axes.get_xlim() != whole
    assert bar.value() == at


def test_tab_scrolls_to_what_gets_the_focus(widget, qtbot):
    content, control, seen = widget._scroll.widget(), widget.image.native, 0
    control.setFocus()
    for _ in range(60):
        control = control.nextInFocusChain()
        takes_focus = control.focusPolicy() & Qt.FocusPolicy.TabFocus
        if content.isAncestorOf(control) and control.isVisible() and control.isEnabled() and takes_focus:
            # Sent, since without a window manager a window may not become the active one, which Qt focuses.
            QApplication.sendEvent(control, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
            seen += 1
            assert is_in_view(control, widget), control.toolTip()
    assert seen > 15


@pytest.mark.slow
def test_a_click_does_not_scroll(widget, qtbot):
    bar = widget._scroll.verticalScrollBar()
    bar.setValue(60)
    assert not is_in_view(widget.image.native, widget)
    widget.image.native.setFocus(Qt.FocusReason.MouseFocusReason)
    assert bar.value() == 60


def test_notices_and_options_move_nothing_above_or_at_the_pointer(widget, qtbot):
    widget._inputs._options.unfold(False)
    settle(qtbot)
    results_view, row = widget._results_view, widget._preview.row
    parts = [widget.run.native, widget._inputs._options, row.check, results_view.table, results_view.compare]
    before = [top_of(part, widget) for part in parts]
    for text in ("Done.", FAR, "", 3 * FAR):
        widget._inputs.show_message(text)
        row.show_text(text)
        widget._inputs.message_row.offer_undo(text)
        results_view.notice.show_text(text, can_use_best=bool(text))
        settle(qtbot)
        assert [top_of(part, widget) for part in parts] == before, text
    widget._inputs.show_running(True)
    settle(qtbot)
    assert [top_of(part, widget) for part in parts[1:]] == before[1:]
    widget._inputs.show_running(False)
    widget._inputs._options.unfold(True)
    settle(qtbot)
    assert [top_of(part, widget) for part in parts[:2]] == before[:2]


def test_the_view_mode_moves_nothing_below_its_buttons(widget, qtbot):
    results_view = widget._results_view
    for mode in ("One", "Tile", "Swipe", "Difference", "Flip"):
        button(widget, mode).click()
        settle(qtbot)
        before = [top_of(part, widget) for part in (results_view.compare, results_view.panels)]
        button(widget, mode).click()  # leave it
        settle(qtbot)
        assert [top_of(part, widget) for part in (results_view.compare, results_view.panels)] == before, mode


def test_a_message_goes_before_the_sentence_on_removed_results(widget, qtbot):
    row, removed = widget._inputs.message_row, "3 results of “cells” were removed."

    def shown():
        return [label.text() for label in row.findChildren(QLabel) if label.isVisible() and label.text()]

    for message in ("", "Busy.", ""):
        widget._inputs.show_message(message)
        row.offer_undo(removed)
        assert shown() == [message or removed]
        assert button(widget, "Undo").isVisible()
        assert removed in button(widget, "Undo").toolTip()
    row.offer_undo("")
    assert shown() == []
    assert not button(widget, "Undo").isVisible()


@pytest.mark.parametrize("font_size", slow_except([9, 14], 14))
def test_removing_results_and_undoing_it_move_neither_the_table_nor_what_is_above(widget, qtbot, font_size):
    get_settings().appearance.font_size = font_size
    widget._inputs._options.unfold(False)
    two, _, _ = results_of(widget._viewer)
    two.name = "the best"
    settle(qtbot)
    parts = [widget.run.native, widget._inputs._options, widget._preview.row, widget._results_view.table]
    before, undo = [top_of(part, widget) for part in parts], button(widget, "Undo")
    menu_action(widget, "Remove results").trigger()
    [box] = widget.native.findChildren(Question)
    box.others.click()
    qtbot.waitUntil(undo.isVisible)
    settle(qtbot)
    assert results_of(widget._viewer) == [two]
    assert [top_of(part, widget) for part in parts] == before
    undo.click()
    settle(qtbot)
    assert len(results_of(widget._viewer)) == 3
    assert [top_of(part, widget) for part in parts] == before


@pytest.mark.parametrize("answer", slow_except(["Channels", "Time or z"], "Channels"))
def test_the_question_about_channels_comes_with_another_image_and_goes_from_under_the_pointer_to_no_button(
    widget, qtbot, answer
):
    question, others = widget._inputs._question, button(widget, answer)
    assert not question.isVisible()
    widget._viewer.add_image(np.stack([GREY] * 3), name="stack")
    settle(qtbot)
    for text in ("2", "0", "2, 3"):  # no field brings or removes it
        widget.k_values.value = text
        assert question.isVisible()
    pointer = others.mapTo(widget._scroll.widget(), others.rect().center())
    others.click()
    settle(qtbot)
    assert not question.isVisible()
    assert not isinstance(widget._scroll.widget().childAt(pointer), QAbstractButton)
    for text in ("2", "0", "2, 3"):
        widget.k_values.value = text
        assert not question.isVisible()


def test_a_run_ends_with_the_table_in_view(widget, qtbot):
    widget._scroll.verticalScrollBar().setValue(0)
    assert not is_in_view(widget._results_view.table, widget)
    press(qtbot, widget)
    qtbot.waitUntil(lambda: is_in_view(widget._results_view.table, widget))


def test_a_panel_that_is_opened_is_scrolled_into_view(widget, qtbot):
    panels = accordion_of(widget)
    panels.open("Histogram")
    widget._inputs._options.unfold(False)
    settle(qtbot)
    widget._scroll.verticalScrollBar().setValue(0)
    [fold] = [fold for panel, fold in panels.folds.items() if panel.name == "Classes"]
    panels.open("Classes")
    qtbot.waitUntil(lambda: is_in_view(fold, widget))


def test_texts_follow_the_size_that_napari_has(widget, qtbot):
    table = widget._results_view.table
    classes = find_panel(widget, "Classes")
    parts = [table, table.horizontalHeader(), classes.table, widget.k_values.native, classes.palette_view]
    heights, rows = [], []
    for size, theme in ((9, "dark"), (14, "dark"), (9, "light")):
        get_settings().appearance.font_size = size
        get_settings().appearance.theme = theme
        settle(qtbot)
        heights.append([part.fontMetrics().height() for part in parts])
        rows.append((table.verticalHeader().defaultSectionSize(), table.rowHeight(0)))
    assert all(large > small for small, large in zip(*heights[:2], strict=True))
    assert heights[0] == heights[2]
    assert rows[1] > rows[0] == rows[2]
    assert all(height >= table.fontMetrics().height() for height, _ in rows[:1])


@pytest.mark.slow
def test_letters_of_plots_follow_the_size_that_napari_has(widget, qtbot):
    accordion_of(widget).open("Histogram")
    plot = find_panel(widget, "Histogram")._plot
    qtbot.waitUntil(lambda: bool(find_panel(widget, "Histogram").model.rows))
    dpi = plot.figure.dpi
    get_settings().appearance.font_size = 18
    qtbot.waitUntil(lambda: plot.figure.dpi == pytest.approx(2 * dpi, rel=0.1))
    canvas = plot.figure.canvas
    ratio = canvas.device_pixel_ratio
    qtbot.waitUntil(lambda: plot.figure.bbox.width == pytest.approx(ratio * canvas.width(), abs=2))
    assert plot.figure.bbox.height == pytest.approx(ratio * canvas.height(), abs=2)


def test_a_message_that_is_scrolled_away_is_shown_at_the_top(widget, qtbot):
    notice, bar, button = widget._sticky_notice, widget._scroll.verticalScrollBar(), widget._results_view.compare
    bar.setValue(bar.maximum())
    before = top_of(button, widget)
    assert not notice.isVisible()
    widget._inputs.show_message("The script is copied.")
    assert notice.isVisible()
    assert (notice.x(), notice.y()) == (0, 0)
    assert top_of(button, widget) == before
    bar.setValue(0)
    assert not notice.isVisible()
    bar.setValue(bar.maximum())
    qtbot.mouseClick(notice, Qt.MouseButton.LeftButton)
    assert not notice.isVisible()
    widget._inputs.show_message("Saved 2 files.")
    assert notice.isVisible()
    widget._inputs.show_message("")
    assert not notice.isVisible()
