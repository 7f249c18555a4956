"""Each control of the dock has a tooltip, is not cut off, and is reached by Tab in reading order."""

from itertools import pairwise

import numpy as np
import pytest
from driving import GREY, RGB, PatientBot, accordion_of, open_dock, press, settle
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QScrollBar
from slow_cases import slow_except

QWIDGETSIZE_MAX = 2**24 - 1
CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit)
LONG = "20260214_HeLa_H2B-mCherry_GFP-tubulin_63x_oil_stack_03_denoised_crop.tif"
IMAGES = {
    "photo": (np.kron(RGB, np.ones((4, 4, 1), dtype=np.uint8)), {"rgb": True}),
    "grey": (np.kron(GREY, np.ones((4, 4), dtype=np.uint8)), {}),
    "channels": (np.random.default_rng(2).integers(0, 4095, (3, 40, 50), dtype=np.uint16), {}),
    "film": (np.random.default_rng(3).integers(0, 65_535, (9, 40, 50), dtype=np.uint16), {}),
}


def controls_of(widget):
    """Return the dock's visible controls; not the parts that Qt puts into some of them."""
    found = [child for kind in CONTROLS for child in widget.native.findChildren(kind)]
    # A spin box's line edit, a table's corner and scroll bars are no controls of ours.
    own = [child for child in found if not isinstance(child, QScrollBar) and not isinstance(child.parent(), CONTROLS)]
    named = [child for child in own if not child.objectName().startswith("qt_")]
    return [child for child in dict.fromkeys(named) if child.isVisibleTo(widget.native)]


def panels_of(widget):
    """Yield the names of the panels that fit, each opened."""
    accordion = accordion_of(widget)
    for panel, fold in accordion.folds.items():
        if not fold.isHidden():
            accordion.open(panel.name)
            yield panel.name


@pytest.fixture(scope="module", params=slow_except(IMAGES, "photo"))
def dock_with_results(request, shared_viewers):
    """A dock as high as the screen of a small notebook lets it be, with results."""
    viewer, qtbot = shared_viewers.open(show=True), PatientBot(request)
    image, options = IMAGES[request.param]
    viewer.add_image(image, name=LONG, **options)
    widget = open_dock(viewer, "1, 2, 3, 4")
    widget.native.window().resize(1280, 900)
    if request.param == "channels":
        widget.channel_axis.value = 0
    press(qtbot, widget)
    settle(qtbot)
    yield widget
    shared_viewers.clear()


@pytest.fixture
def dock(dock_with_results, qtbot):
    """The dock as it was after the run, as wide as it wants to be and with its first panel open."""
    dock_widget = dock_with_results.native.parent()
    dock_widget.setMinimumWidth(0)
    dock_widget.setMaximumWidth(QWIDGETSIZE_MAX)
    dock_with_results.native.window().resize(1280, 900)
    accordion_of(dock_with_results).open("Histogram")
    settle(qtbot)
    return dock_with_results


def test_each_control_has_a_tooltip_and_is_not_cut_off(dock, qtbot):
    dock.native.parent().setFixedWidth(300)
    without_tooltip, cut = [], []
    for name in panels_of(dock):
        settle(qtbot)
        assert dock.native.width() <= 300, name
        for control in controls_of(dock):
            what = f"{name}: {type(control).__name__} {getattr(control, 'text', str)()!r}"
            without_tooltip += [what] if not control.toolTip() else []
            left = control.mapTo(dock.native, QPoint(0, 0)).x()
            is_worded = isinstance(control, QAbstractButton) and control.text()
            needed = control.minimumSizeHint().width() - 2 if is_worded else 0
            if left < 0 or left + control.width() > dock.native.width() or control.width() < needed:
                cut.append(what)
        lines = [label for label in dock.native.findChildren(QLabel) if label.isVisible() and not label.wordWrap()]
        cut += [f"{name}: {label.text()}" for label in lines if label.width() + 1 < label.sizeHint().width()]
    assert without_tooltip == []
    assert cut == []


def test_tab_reaches_controls_from_top_to_bottom(dock, qtbot):
    settle(qtbot)
    reached, control, stops = [], dock.image.native, set(controls_of(dock))
    while dock.native.isAncestorOf(control):
        if control in stops and control.focusPolicy() & Qt.FocusPolicy.TabFocus and control.isEnabled():
            reached.append(control)
        control = control.nextInFocusChain()
        if control is dock.image.native:
            break
    assert len(reached) > 8
    heights = [control.mapTo(dock.native, QPoint(0, control.height() // 2)).y() for control in reached]
    steps = zip(pairwise(reached), pairwise(heights), strict=True)
    assert [(one.toolTip(), other.toolTip()) for (one, other), (a, b) in steps if b < a - 12] == []


def test_going_through_the_panels_does_not_widen_the_dock(dock, qtbot):
    settle(qtbot)
    before = dock.native.width()
    for name in panels_of(dock):
        settle(qtbot)
        assert dock.native.width() == before, name
