"""Tests with a window fail with one sentence where there is no display: Qt would abort the whole run."""

import functools
import gc
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import napari
import pytest
from driving import Gate, PatientBot
from napari._vispy import canvas
from napari.plugins import _initialize_plugins
from napari.utils.events import EventEmitter
from npe2 import PluginManifest
from shared_viewers import SharedViewers

from napari_quantize.viewer.dock.settings import keep_in

NEEDS_DISPLAY = {"make_napari_viewer", "qtbot", "qapp"}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail before the fixtures that open a window are set up."""
    has_display = sys.platform != "linux" or not {"DISPLAY", "WAYLAND_DISPLAY"}.isdisjoint(os.environ)
    if not has_display and NEEDS_DISPLAY.intersection(getattr(item, "fixturenames", ())):
        pytest.fail("tests/viewer needs a display: install Xvfb, or run `make test`, which does", pytrace=False)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests by the viewer that they need, because opening one takes as long as most tests do."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    others = [item for item in items if Path(__file__).parent not in item.path.parents]
    items[:] = [*others, *sorted(here, key=_viewer_kind)]


def _viewer_kind(item: pytest.Item) -> int:
    """Return 0 for no viewer, 1 for the hidden one, 2 for the shown one, 3 for viewers of the test's own."""
    names = set(getattr(item, "fixturenames", ()))
    if "shared_viewers" not in names:
        return 0
    if "no_shared_viewer" in names:
        return 3
    return 1 if names.isdisjoint(("window", "dock_with_results")) else 2


@pytest.fixture
def qtbot(qapp, request):
    return PatientBot(request)


@pytest.fixture(autouse=True)
def small_heap():
    """Collect what the last test has left, and spare the garbage collector what stays for good."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory):
    """Keep what tests choose out of the user's settings, and these out of the tests."""
    path = tmp_path_factory.mktemp("settings") / "settings.ini"
    keep_in(path)
    yield path
    keep_in(None)  # a dock may close after its test


@pytest.fixture(autouse=True, scope="session")
def visuals_of_visible_overlays():
    """Build visuals for overlays that can be seen, as newer napari does.

    napari 0.6 builds those of all overlays of all layers anew for each layer that comes or goes: four fifths of the
    time of these tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        if napari.__version__.startswith("0.6."):
            from napari._vispy.canvas import VispyCanvas

            for name in ("_add_layer_overlay", "_add_viewer_overlay"):
                patch.setattr(VispyCanvas, name, _if_visible(getattr(VispyCanvas, name)))
        yield


def _if_visible(add):
    def add_visible(canvas, *layer_overlay_parent):
        if layer_overlay_parent[-2].visible:
            add(canvas, *layer_overlay_parent)

    return add_visible


@pytest.fixture(autouse=True, scope="session")
def signatures_read_once():
    """Read each signature once: napari reads it whenever it connects a callback, to some 100 for each layer."""
    read, known = EventEmitter._check_signature, {}

    def takes_event(callback):
        # Functions made by one definition take the same arguments, unless they say themselves what they take.
        function = getattr(callback, "__func__", None) or getattr(callback, "__code__", None)
        if isinstance(callback, EventEmitter):
            function = type(callback)
        if function is None or hasattr(callback, "__wrapped__") or hasattr(callback, "__signature__"):
            return read(callback)
        if function not in known:
            known[function] = read(callback)
        return known[function]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EventEmitter, "_check_signature", staticmethod(takes_event))
        yield


@pytest.fixture(autouse=True, scope="session")
def no_collection_with_removed_layers():
    """Leave out the collection that newer napari does after each removed layer, because of a driver of Windows."""
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(canvas, "gc"):
            patch.setattr(canvas, "gc", SimpleNamespace(collect=lambda: 0))
        yield


_read_manifest = functools.cache(PluginManifest.from_file)


@pytest.fixture(autouse=True, scope="module")
def manifests_read_once():
    """Parse each plugin's manifest once: napari looks for plugins anew for every window, which takes a tenth of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PluginManifest, "from_file", lambda path: _read_manifest(path).model_copy(deep=True))
        yield


@pytest.fixture(autouse=True, scope="session")
def plugins():
    """Let napari look for plugins, which it does otherwise when it opens a viewer: not every test has one."""
    _initialize_plugins()


@pytest.fixture(scope="session")
def shared_viewers(qapp):
    shared = SharedViewers()
    yield shared
    shared.close()


@pytest.fixture
def make_napari_viewer(no_shared_viewer, make_napari_viewer):
    """napari's own, which checks that no other viewer is there: for tests that close one, or open several."""
    return make_napari_viewer


@pytest.fixture
def no_shared_viewer(shared_viewers):
    shared_viewers.close()


@pytest.fixture
def viewer(shared_viewers, request):
    """A viewer whose window is not shown: enough for all that is not painted."""
    yield from borrow(shared_viewers, request, show=False)


@pytest.fixture
def window(shared_viewers, request):
    """A viewer whose window is shown."""
    yield from borrow(shared_viewers, request, show=True)


def borrow(shared_viewers, request, *, show):
    yield shared_viewers.open(show=show)
    report = getattr(request.node, "rep_call", None)  # none if another fixture failed
    if report is None or report.failed:
        shared_viewers.discard()
    else:
        shared_viewers.clear()


@pytest.fixture
def gate(monkeypatch):
    """Hold back the results of a run until the test lets them through, one by one."""
    gate = Gate()
    monkeypatch.setattr("napari_quantize.viewer.run.worker.sweep_request", gate.sweep_request)
    yield gate
    gate.open()
