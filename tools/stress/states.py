"""The states of the dock in which each command is called, and how a session gets into them again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from napari.layers import Image, Layer

from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.labels.button import LabelsButton
from napari_quantize.viewer.labels.messages import MAKE
from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widgets.question import Question
from tools.stress.session import FILM, MODES, Session

KS = "2, 5, 8"


@dataclass(frozen=True)
class State:
    """What the window shows when a command is called.

    Attributes
    ----------
    name : str
        Name in the table.
    images : tuple of str
        Images that are chosen one after the other.
    has_results : bool
        True if the image has results.
    view_mode : str or None
        The view mode, empty for none; None for the one that the run leaves.
    tries : bool
        True if *Try* is on.
    has_labels : bool
        True if the current result has labels.
    is_3d : bool
        True for the 3-D view.
    has_grid : bool
        True if the user has switched napari's grid on.
    """

    name: str
    images: tuple[str, ...] = ("cells", "photo")
    has_results: bool = True
    view_mode: str | None = None
    tries: bool = False
    has_labels: bool = False
    is_3d: bool = False
    has_grid: bool = False


REMOVED = "removed"
STATES = (
    State("none", has_results=False),
    State("run", view_mode=""),
    *(State(mode, view_mode=mode) for mode in MODES),
    State("Try", tries=True),
    State("labels", has_labels=True),
    State("3-D", images=(FILM, "photo"), is_3d=True),
    State("film", images=(FILM,)),
    State("grid", view_mode="", has_grid=True),
    State(REMOVED, has_results=False),
)


class StateSetup:
    """A window in a state, which commands may leave at any time.

    Parameters
    ----------
    session : Session
        The window.
    state : State
        The state.
    """

    def __init__(self, session: Session, state: State) -> None:
        self.session, self.state = session, state
        self._image = ""
        self._results: dict[str, list[Image]] = {}  # of each image
        for name in session.images:
            session.add_image(name)

    def open(self, image: str) -> None:
        """Open the dock, and choose an image."""
        session = self.session
        session.open_dock()
        session.widget.method.value = "lloyd"  # its results are seldom the best ones, so that *Use best* is offered
        self._image = image
        wait(100)

    def enter(self) -> None:
        """Enter the state, or what a command has changed of it, and drop what the command has added."""
        self.session.close_windows()
        self._choose_image()
        self._delete(self._added_layers())
        if self.state.name == REMOVED:
            self._remove_results()
        elif self.state.has_results:
            self._restore_results()
        if self.state.has_labels and not self.session.labels():
            make_labels(self.session)
        if self.state.is_3d:
            self.session.show_3d(True)
        self._enter_view()

    def _choose_image(self) -> None:
        session = self.session
        if session.viewer.dims.ndisplay == 3 and not self.state.is_3d:
            session.show_3d(False)
        if session.widget.image.value is not session.viewer.layers[self._image]:
            self._activate()
        if self.state.images == (FILM,):
            session.viewer.dims.set_current_step(0, session.random.randint(0, 5))

    def _added_layers(self) -> list[Layer]:
        """Return the layers that neither the user nor the state has, but for temporary ones."""
        session = self.session
        layers = [layer for layer in session.viewer.layers if not is_temporary(layer)]
        known = [*chain(*self._results.values()), *session.labels()[: int(self.state.has_labels)]]
        return [layer for layer in layers if layer.name not in session.images and layer not in known]

    def _delete(self, layers: list[Layer]) -> None:
        """Delete layers."""
        if layers:
            self.session.delete_by_bin(layers)
            wait(20)
            self._activate()

    def _activate(self) -> None:
        """Choose the image, with its middle result as the current one, as after a run."""
        results = self._results.get(self._image, [])
        middle = results[len(results) // 2] if self._are_shown() else None
        self.session.viewer.layers.selection.active = middle or self.session.viewer.layers[self._image]

    def _restore_results(self) -> None:
        """Put removed results back, or make them again."""
        if self._are_shown():
            return
        if self._image in self._results:
            self.session.click("Undo")
        if not self._are_shown():
            self._make_results()

    def _make_results(self) -> None:
        self.session.quantize(KS)
        self._results[self._image] = self.session.results(self._image)

    def _are_shown(self) -> bool:
        results = self._results.get(self._image, [])
        return bool(results) and all(layer in self.session.viewer.layers for layer in results)

    def _remove_results(self) -> None:
        """Remove the results of the image, unless this can be undone now."""
        if not self.session.offers("Undo"):
            self._make_results()
            remove_results(self.session)

    def _enter_view(self) -> None:
        session, mode = self.session, self.state.view_mode
        if mode is not None and session.view_mode != mode:
            if mode:
                session.click(mode)
            else:
                session.widget._family.leave_view_mode()
        if self.state.has_grid:
            grid_of(session.viewer).enabled = True
        if self.state.tries and not session.part(TryRow).is_on:
            session.part(TryRow).check.click()
            wait(100)


def make_labels(session: Session) -> bool:
    """Make labels of the current result; return False if that is not possible."""
    if not session.click(MAKE):
        return False
    button = session.part(LabelsButton).button
    session.wait_until(lambda: button.text() == MAKE, "labels")
    return True


def remove_results(session: Session) -> bool:
    """Remove the results of the chosen image, and wait until this can be undone; return False if there are none."""
    if not session.click("Remove results"):
        return False
    session.wait_until(lambda: _is_removed(session), "the removal")
    return True


def _is_removed(session: Session) -> bool:
    for question in session.visible(Question):
        question.all.click()
    return session.offers("Undo")
