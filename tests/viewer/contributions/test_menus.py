"""What napari's menus show of the plugin."""

from driving import open_dock


def menu(widget, *titles):
    """Return the entries of a menu of the window."""
    found = widget.native.window().menuBar()
    for title in titles:
        [action] = [each for each in found.actions() if each.text().replace("&", "") == title]
        found = action.menu()
    return [each.text().replace("&", "") for each in found.actions()]


def test_the_menu_names_the_dock_once(window):
    widget = open_dock(window)
    ours = [text for text in menu(widget, "Plugins") if "uanti" in text]
    assert ours == ["K-means Quantization (napari-quantize)"]
    assert "napari-quantize" in menu(widget, "File", "Open Sample")
    assert any("Astronaut" in text for text in menu(widget, "File", "Open Sample", "napari-quantize"))
    message = "File → Open Sample → napari-quantize"
    assert message in widget.message.value
