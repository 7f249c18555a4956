"""A plot says what it waits for, and is never white in a dark window."""

from matplotlib.colors import to_hex
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QFileDialog, QLabel

from napari_quantize.plots.theme import PlotTheme
from napari_quantize.viewer.widgets.plot import Plot, ask_figure_path

DARK = PlotTheme("#262930", "#f0f1f2", "#5a626c")


def test_a_plot_is_a_note_until_it_is_drawn(qtbot):
    drawn = []
    plot = Plot(lambda figure, theme: drawn.append(theme), "tip")
    qtbot.addWidget(plot)
    plot.set_theme(DARK)
    assert plot.note == "Drawing …"
    assert not plot.figure.canvas.isVisibleTo(plot)
    plot.resize(200, 150)
    plot.show()
    qtbot.waitUntil(lambda: bool(drawn))
    assert drawn[0] is DARK
    assert plot.note == ""
    assert plot.figure.canvas.isVisible()
    assert to_hex(plot.figure.get_facecolor()) == DARK.background
    qtbot.waitUntil(lambda: plot.grab().toImage().pixelColor(100, 75) == QColor(DARK.background))


def test_a_note_lies_over_the_figure_while_something_is_measured(qtbot):
    plot = Plot(lambda _figure, _theme: None, "tip")
    qtbot.addWidget(plot)
    plot.show_note("measuring …")
    plot.show()
    plot.redraw()
    assert plot.note == "measuring …"
    assert plot.childAt(plot.rect().center()) is plot.figure.canvas  # the note lets the mouse through
    [note] = [label for label in plot.findChildren(QLabel) if label.text()]
    assert note.geometry().contains(plot.rect().center())
    plot.show_note("")
    assert plot.note == ""


def test_a_missing_suffix_is_added(tmp_path, qtbot, monkeypatch):
    for typed, chosen, expected in [("a", "PDF (*.pdf)", "a.pdf"), ("b.x", "PNG (*.png)", "b.x.png"), ("", "", None)]:
        typed = typed and str(tmp_path / typed)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, typed=typed, chosen=chosen: (typed, chosen))
        assert ask_figure_path(None, "Save", "a") == (expected and tmp_path / expected)


def test_a_slash_in_the_proposed_name_is_replaced(qtbot, monkeypatch):
    offered = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args, **__: (offered.append(args[2]), ("", ""))[1])
    ask_figure_path(None, "Save", "plate/well: 3")
    assert offered == ["plate_well_ 3.png"]
