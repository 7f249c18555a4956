"""The commands in menus and palette."""

import numpy as np
import pytest
from driving import GREY, names, open_dock_and_widget, press
from napari.utils.notifications import notification_manager
from npe2 import PluginManager, PluginManifest
from PIL import Image
from qtpy.QtWidgets import QFileDialog

from napari_quantize.viewer.contributions.commands import ask_and_open_photos, quantize_active_layer


def the_dock(viewer):
    return open_dock_and_widget(viewer)[1]


def test_the_command_opens_the_dock_on_the_active_image(viewer, qtbot):
    first = viewer.add_image(GREY, name="first")
    viewer.add_image(GREY, name="second")
    viewer.layers.selection.active = first
    quantize_active_layer(viewer)
    widget = the_dock(viewer)
    assert widget.image.value is first
    assert not widget.busy
    viewer.layers.selection.active = viewer.layers["second"]
    quantize_active_layer(viewer)
    assert the_dock(viewer) is widget
    assert widget.image.value.name == "second"
    [*results] = press(qtbot, widget)
    viewer.layers.selection.active = results[0]
    quantize_active_layer(viewer)
    assert widget.image.value.name == "second"


def test_command_runs_by_its_id(viewer):
    viewer.add_image(GREY, name="cells")
    PluginManager.instance().commands.execute("napari-quantize.quantize_layer", args=(viewer,))
    assert the_dock(viewer).image.value.name == "cells"


def enablement(command_id):
    manifest = PluginManifest.from_distribution("napari-quantize")
    [command] = [command for command in manifest.contributions.commands if command.id == command_id]
    return command.enablement


def test_the_command_is_disabled_unless_an_image_is_active(viewer):
    from app_model.expressions import parse_expression

    expression = parse_expression(enablement("napari-quantize.quantize_layer"))
    viewer.add_image(GREY, name="cells")
    points = viewer.add_points([[1, 1]], name="points")
    for active, enabled in ((viewer.layers["cells"], True), (points, False), (None, False)):
        viewer.layers.selection.active = active
        kind = None if active is None else type(active).__name__.lower()
        assert bool(expression.eval({"active_layer_type": kind})) == enabled


@pytest.mark.parametrize("endings", [["jpg"], ["png"], ["png", "png"], []])
def test_photos_are_asked_for_and_opened(endings, viewer, tmp_path, qtbot, monkeypatch):
    paths = []
    for number, ending in enumerate(endings):
        paths.append(str(tmp_path / f"photo {number}.{ending}"))
        Image.fromarray(np.full((5, 7, 3), 40 * number, np.uint8)).save(paths[-1])
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: (paths, ""))
    ask_and_open_photos(viewer)
    if endings:
        qtbot.waitUntil(lambda: len(viewer.layers) > 0)
        [layer] = viewer.layers
        assert layer.rgb
        assert layer.data.shape == ((5, 7, 3) if len(endings) == 1 else (2, 5, 7, 3))
        assert "file" in layer.metadata
    else:
        assert names(viewer.layers) == []


def test_photos_that_cannot_be_opened_are_a_notification(viewer, qtbot, monkeypatch, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(broken)], ""))
    n_before = len(notification_manager.records)
    ask_and_open_photos(viewer)
    qtbot.waitUntil(lambda: len(notification_manager.records) > n_before)
    assert "broken.png" in notification_manager.records[-1].message
    assert len(viewer.layers) == 0
