"""The panels of the dock's lower half, and the accordion that keeps one of them open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.widgets.fold import Fold

if TYPE_CHECKING:
    from napari_quantize.plots.theme import PlotTheme


class Panel(QWidget):
    """Base class of panels: a view of a family, which signals what the user does.

    A panel holds no state but that of its widgets; other state belongs to a model.

    Attributes
    ----------
    name : str
        Name in the settings, and title of the fold unless `title` returns another one.
    tip : str
        Tooltip of the title.
    controls : QWidget or None
        Widget beside the title, visible while the panel is open.
    """

    name = ""
    tip = ""
    controls: QWidget | None = None

    def fits(self, shown: FamilySnapshot) -> bool:
        """Return whether the panel can show anything of this family; if not, its fold is hidden."""
        return True

    def title(self, shown: FamilySnapshot) -> str:
        """Return the fold's title."""
        return self.name

    def show_family(self, shown: FamilySnapshot) -> None:
        """Show a family. Called while the panel is open, whenever something may have changed."""
        raise NotImplementedError

    def release_layers(self) -> None:
        """Release all layers, so that removed ones can be freed. Called if the panel is closed or does not fit."""

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""

    def close_down(self) -> None:
        """Stop background work. Called when the dock is closed; it may be opened again."""


def corner(*parts: QWidget) -> QWidget:
    """Return a widget that holds the controls at the right of a panel's title."""
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addStretch(1)
    for part in parts:
        layout.addWidget(part)
    return holder


class Accordion(QWidget):
    """Column of panels, at most one of which is open.

    Parameters
    ----------
    panels : sequence of Panel
        The panels from top to bottom; the first is open.
    """

    unfolded = Signal(QWidget)
    """Emitted with the fold of a panel that the user has opened."""

    def __init__(self, panels: Sequence[Panel]) -> None:
        super().__init__()
        self.panels = list(panels)
        self._shown = FamilySnapshot()
        self.folds = {
            panel: Fold(panel.name, panel, corner=panel.controls, unfolded=panel is self.panels[0])
            for panel in self.panels
        }
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for panel, fold in self.folds.items():
            fold.set_tooltip(panel.tip)
            layout.addWidget(fold, int(fold.is_unfolded))
            fold.opening.connect(self._on_opening)
            fold.toggled.connect(self._on_toggled)
        layout.addStretch(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_family(self, shown: FamilySnapshot) -> None:
        """Show a family in the open panel, and the titles of all panels that fit."""
        self._shown = shown
        for panel, fold in self.folds.items():
            fits = panel.fits(shown)
            fold.setVisible(fits)
            fold.set_title(panel.title(shown) if fits else panel.name)
            if fits and fold.is_unfolded:
                panel.show_family(shown)
            else:
                panel.release_layers()

    def open(self, name: str) -> None:
        """Open the panel of this name and close the others; an empty name closes all."""
        for panel, fold in self.folds.items():
            fold.unfold(panel.name == name)

    @property
    def opened(self) -> str:
        """Name of the open panel; empty if all are closed."""
        return next((panel.name for panel, fold in self.folds.items() if fold.is_unfolded), "")

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        for panel in self.panels:
            panel.set_theme(theme)

    def close_down(self) -> None:
        """Stop the background work of all panels."""
        for panel in self.panels:
            panel.close_down()

    def _on_opening(self) -> None:
        # Close the others before the new one opens. If both were visible for a moment, the dock would grow to
        # hold both, and Qt does not shrink a dock again.
        opening = self.sender()
        for fold in self.folds.values():
            if fold is not opening:
                fold.unfold(False)

    def _on_toggled(self, unfolded: bool) -> None:
        toggled = self.sender()
        for panel, fold in self.folds.items():
            if fold is toggled and unfolded and panel.fits(self._shown):
                panel.show_family(self._shown)
            self.layout().setStretchFactor(fold, int(fold.is_unfolded))
        if unfolded:
            self.unfolded.emit(toggled)
