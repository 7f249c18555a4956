"""Labels with room for some lines."""

import pytest
from qtpy.QtCore import QEvent, QPoint
from qtpy.QtGui import QFont, QHelpEvent, QTextDocumentFragment
from qtpy.QtWidgets import QApplication, QLabel, QScrollArea, QToolTip, QVBoxLayout, QWidget

from napari_quantize.viewer.widgets.notices import ReservedLines, StickyNotice

SENTENCE = "Values of 4,095 are ignored as saturated; how many there are is known once the image has been read."


@pytest.fixture
def label(qtbot):
    label = QLabel()
    qtbot.addWidget(label)
    label.resize(200, 100)
    return label


@pytest.mark.parametrize("text", ["", "Done.", SENTENCE, 9 * SENTENCE, "Press " + "x" * 300, "<b>K & x</b>\nmore"])
@pytest.mark.parametrize("n_lines", [1, 2])
def test_the_height_is_that_of_so_many_lines(label, text, n_lines):
    reserved = ReservedLines(label, n_lines)
    height = label.height()
    assert height >= n_lines * label.fontMetrics().height()
    label.setText(text)
    label.show()
    assert label.height() == height
    assert label.text() == text
    lines = reserved.lines()
    assert len(lines) <= n_lines
    assert all(label.fontMetrics().horizontalAdvance(line.strip()) <= 200 for line in lines)
    assert "\n" in text or reserved.is_elided == any("…" in line for line in lines)
    assert not label.grab().isNull()


def test_all_words_are_there_where_they_fit(label):
    reserved = ReservedLines(label, 2)
    label.setText("Stopped: 2 of 6 results are ready.")
    assert "".join(reserved.lines()) == "Stopped: 2 of 6 results are ready."
    label.setText(SENTENCE)
    assert reserved.lines()[-1].endswith("…")


def test_the_height_follows_the_font(label):
    ReservedLines(label, 2)
    before = label.height()
    large = QFont(label.font())
    large.setPointSize(2 * large.pointSize())
    label.setFont(large)
    assert label.minimumHeight() > 1.5 * before


def test_the_tooltip_of_an_elided_text_shows_what_looks_like_html(label):
    ReservedLines(label, 1)
    label.setText(9 * "<b>K & x</b>,")
    label.setToolTip("More")
    label.show()
    point = QPoint(3, 3)
    QApplication.sendEvent(label, QHelpEvent(QEvent.Type.ToolTip, point, label.mapToGlobal(point)))
    assert QTextDocumentFragment.fromHtml(QToolTip.text()).toPlainText() == f"{label.text()}\nMore"
    QToolTip.hideText()


@pytest.fixture
def area(qtbot):
    """A scroll area with a label of two lines at its top, and a sticky notice of it."""
    area, content, label = QScrollArea(), QWidget(), QLabel(SENTENCE)
    ReservedLines(label, 2)
    layout = QVBoxLayout(content)
    layout.addWidget(label)
    layout.addStretch()
    content.setFixedSize(100, 2000)
    area.setWidget(content)
    area.resize(200, 300)
    qtbot.addWidget(area)
    area.show()
    StickyNotice(area, label, 2)
    return area


@pytest.mark.parametrize("part", [0, 0.5, 1, 3])
def test_a_sticky_notice_is_there_while_a_part_of_the_label_is_out_of_view(area, part):
    label = area.widget().findChild(QLabel)
    area.verticalScrollBar().setValue(label.y() + round(part * label.height()))
    notice = area.findChild(StickyNotice)
    assert notice.isVisible() == (part > 0)
    assert not notice.isVisible() or notice.height() >= label.height()


def test_a_sticky_notice_is_as_wide_as_its_area_after_a_resize(area):
    notice = area.findChild(StickyNotice)
    area.verticalScrollBar().setValue(1500)
    assert notice.isVisible()
    for width in (400, 150):
        area.resize(width, 300)
        assert notice.width() == area.viewport().width()
