"""The panels of the dock's lower half, and the accordion that keeps one of them open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.widgets.fold import Fold

if TYPE_CHECKING:
    from napari_quantize.plots.theme import PlotTheme


class Panel(QWidget):
    """Shows one view of a family, and tells by signals what the user did; has no state that a model could have.

    Attributes
    ----------
    name : str
        What the panel is remembered by, and what its fold is called unless `title` says otherwise.
    tip : str
        Its tooltip.
    controls : QWidget or None
        Stands beside the title while the panel is open.
    """

    name = ""
    tip = ""
    controls: QWidget | None = None

    def fits(self, shown: FamilySnapshot) -> bool:
        """Return whether the panel has anything to show of this family; if not, its fold is hidden."""
        return True

    def title(self, shown: FamilySnapshot) -> str:
        """Return the fold's title."""
        return self.name

    def show_family(self, shown: FamilySnapshot) -> None:
        """Show a family; called while the panel is open, whenever something may have changed."""
        raise NotImplementedError

    def forget(self) -> None:
        """Release all layers: the panel is closed, or has nothing to show."""

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""

    def close_down(self) -> None:
        """Stop background work: the dock is closed, and may be opened again."""


def corner(*parts: QWidget) -> QWidget:
    """Return a widget that holds the controls beside a panel's title."""
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        layout.addWidget(part)
    return holder


class Accordion(QWidget):
    """Panels under each other, of which one is open; all can be closed.

    Parameters
    ----------
    panels : sequence of Panel
        From top to bottom; the first is open.
    """

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
        """Show a family in the panel that is open."""
        self._shown = shown
        for panel, fold in self.folds.items():
            fits = panel.fits(shown)
            fold.setVisible(fits)
            fold.set_title(panel.title(shown) if fits else panel.name)
            if fits and fold.is_unfolded:
                panel.show_family(shown)
            else:
                panel.forget()

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
        """Stop what goes on in the background."""
        for panel in self.panels:
            panel.close_down()

    def _on_opening(self) -> None:
        # First, or both are shown for a moment: the dock grows to hold them, and Qt does not shrink it again.
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
