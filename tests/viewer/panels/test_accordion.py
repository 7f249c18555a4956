"""The accordion: at most one of its panels is open."""

from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.panels.panel import Accordion, Panel


class _Probe(Panel):
    def __init__(self, name):
        super().__init__()
        self.name = name
        self.fitting = True
        self.times_shown = 0

    def fits(self, shown):
        return self.fitting

    def show_family(self, shown):
        self.times_shown += 1


def test_only_the_open_panel_shows_the_family(qtbot):
    first, second = _Probe("first"), _Probe("second")
    accordion = Accordion([first, second])
    qtbot.addWidget(accordion)
    assert accordion.opened == "first"
    accordion.show_family(FamilySnapshot())
    assert (first.times_shown, second.times_shown) == (1, 0)
    accordion.folds[second].unfold()
    assert accordion.opened == "second"
    assert (first.times_shown, second.times_shown) == (1, 1)
    accordion.open("")
    assert accordion.opened == ""
    accordion.open("first")
    assert (first.times_shown, second.times_shown) == (2, 1)
    first.fitting = False
    accordion.show_family(FamilySnapshot())
    assert accordion.folds[first].isHidden()
    assert first.times_shown == 2


class _Watching(_Probe):
    def __init__(self, name, seen):
        super().__init__(name)
        self.seen = seen

    def showEvent(self, event):
        super().showEvent(event)
        self.seen.append([panel.name for panel in self.accordion.panels if panel.isVisible()])


def test_at_most_one_panel_is_visible_at_any_time(qtbot):
    seen = []
    panels = [_Watching(name, seen) for name in ("first", "second", "third")]
    accordion = Accordion(panels)
    for panel in panels:
        panel.accordion = accordion
    qtbot.addWidget(accordion)
    accordion.show()
    qtbot.waitExposed(accordion)
    for name in ("third", "first", "second"):
        accordion.open(name)
    accordion.folds[panels[0]].unfold()
    assert seen == [["first"], ["third"], ["first"], ["second"], ["first"]]
