"""The next dock restores the last choices; damaged settings do no harm."""

import numpy as np
import pytest
from driving import GREY, RGB, accordion_of, find_panel, open_dock, open_dock_and_widget, press, settle

from napari_quantize.viewer.dock import settings

GOOD = {
    "k_values": "2-6, 12",
    "method": "lloyd",
    "random_state": 7,
    "tile": False,
    "keep_earlier": True,
    "log": False,
    "panel": "Histogram",
    "reduce/photo": "per_channel",
    "reduce/channels": "color",
    "columns/photo": "k kb psnr",
    "columns/values": "",
}


def test_written_settings_are_read_back(own_settings):
    assert settings.read_settings() == {}
    settings.write_settings(GOOD)
    assert own_settings.exists()
    assert settings.read_settings() == GOOD


def test_nothing_is_stored_without_a_path(own_settings):
    settings.keep_in(None)
    settings.write_settings(GOOD)
    assert settings.read_settings() == {}
    assert not own_settings.exists()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("k_values", ""),
        ("k_values", "many"),
        ("k_values", "1-999"),
        ("k_values", ["1", "2"]),
        ("method", "magic"),
        ("random_state", "-1"),
        ("random_state", "1.5"),
        ("random_state", str(2**31)),
        ("tile", "maybe"),
        ("tile", True),
        ("log", None),
        ("reduce/photo", "together"),
        ("reduce/one channel", "color"),
        ("reduce/paintings", "color"),
        ("columns/photo", "k beauty"),
        ("columns/paintings", "k"),
        ("learn_from", "slice"),
        ("", ""),
    ],
)
def test_invalid_values_are_left_out_one_by_one(key, text):
    assert settings.valid_settings({key: text, "method": "exact"}) == {"method": "exact"}


def test_a_damaged_file_is_replaced(own_settings):
    own_settings.write_bytes(b"\x00\xff[[[\nk_values=1, 2\n[reduce]\nphoto=global\n=\n\xfe")
    assert set(settings.read_settings()) <= {"reduce/photo"}
    settings.write_settings(GOOD)
    assert settings.read_settings() == GOOD


def test_a_new_dock_restores_all_settings(viewer, qtbot):
    viewer.add_image(GREY, name="cells")
    photo = viewer.add_image(RGB, name="photo", rgb=True)
    widget = open_dock(viewer, "3")
    widget.mode.value = "global"
    widget.method.value = "lloyd"
    widget.random_state.value = 5
    widget.keep_earlier.value = True
    widget.ignore.value = "zeros"
    find_panel(widget, "Histogram").log.setChecked(False)
    accordion_of(widget).open("")
    widget._results_view.table.columns.choose("photo", {"kb", "psnr"})
    press(qtbot, widget)  # what is chosen is kept when a run starts
    viewer.window.remove_dock_widget(widget.native)  # and when a dock is closed
    settle(qtbot)
    viewer.layers.selection.active = photo
    _, again = open_dock_and_widget(viewer)
    chosen = (again.k_values, again.mode, again.method, again.random_state, again.tile, again.keep_earlier)
    assert [field.value for field in chosen] == ["3", "global", "lloyd", 5, False, True]
    assert again.ignore.value == "nothing"
    assert not find_panel(again, "Histogram").log.isChecked()
    assert accordion_of(again).opened == ""
    assert again._results_view.table.columns.chosen == {"photo": {"kb", "psnr"}}
    assert "K-means (Lloyd) · seed 5" in again._inputs._options._button.text()


def test_a_dock_opens_with_any_file(own_settings, viewer):
    own_settings.write_text("[General]\npanel=Gone\nk_values=0\nmethod=exact\nrandom_state=x\n[reduce]\nphoto=color\n")
    viewer.add_image(np.zeros((4, 4, 3), np.uint8), rgb=True)
    _, widget = open_dock_and_widget(viewer)
    assert widget.k_values.value == "1, 2, 4, 8, 16, 32"
    assert widget.method.value == "minibatch"  # exact is for levels only
    assert accordion_of(widget).opened == "Histogram"
    assert widget.run.native.isEnabled()
