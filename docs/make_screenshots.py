"""Draw the pictures of the documentation anew, from the real program: ``make screenshots``.

Each scene is walked to in a window of its own, in both themes; those that the documents show go to ``docs/images``, all
of them to ``build/screenshots``. ``make screenshots IMAGES=folder`` also walks the scenes of micrographs, whose files
(`MICRO`) must lie in that folder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from napari_quantize import fit
from napari_quantize.viewer.demo import PAINT_MS, open_dock, press_quantize, wait
from napari_quantize.viewer.plan.regions import EACH_SLICE

if TYPE_CHECKING:
    import napari

    from napari_quantize.viewer.widget import QuantizeWidget

    Scene = Callable[[napari.Viewer, QuantizeWidget], None]

ROOT = Path(__file__).parent.parent
SHOWN = ROOT / "docs" / "images"
ALL = ROOT / "build" / "screenshots"
THEMES = ("dark", "light")
# What is still measured, drawn or painted in the background after the last step of a scene.
REST_MS = 6_000
MICRO = {
    "channels": ("IXMtest_A02_s9.tif", {"scale": (0.65, 0.65), "units": ("um", "um")}),
    "film": ("cancer_cell_migration_crop.tif", {}),
}
# Which scenes the documents show, and in which theme.
IN_DOCUMENTS = {
    "photo-4-tile": "dark",
    "photo-3-try": "dark",
    "photo-6-swipe": "light",
    "photo-7-difference": "dark",
    "photo-8-palette": "light",
    "photo-10-steps": "light",
    "photo-12-export": "dark",
    "cell-2-tile": "light",
    "cell-3-enough": "dark",
    "channels-1-question": "dark",
    "channels-3-areas": "light",
    "channels-4-labels": "dark",
    "film-2-each-slice": "dark",
}


def quantize(_viewer: napari.Viewer, widget: QuantizeWidget) -> None:
    """Press the button."""
    if not press_quantize(widget):
        raise SystemExit(f"the run did not end with six results: {widget.message.value}")
    wait(PAINT_MS)


def choose(viewer: napari.Viewer, k: int) -> None:
    """Make a result the current one."""
    viewer.layers.selection.active = next(layer for layer in viewer.layers if layer.name.startswith(f"K={k} "))
    wait(300)


def press(widget: QuantizeWidget, text: str) -> None:
    """Click the button with this text."""
    from qtpy.QtWidgets import QPushButton

    next(button for button in widget.native.findChildren(QPushButton) if button.text() == text).click()
    wait(PAINT_MS)


def pressing(text: str, k: int = 8) -> Scene:
    """Return the scene of a button pressed while a result is the current one."""

    def scene(viewer: napari.Viewer, widget: QuantizeWidget) -> None:
        quantize(viewer, widget)
        choose(viewer, k)
        press(widget, text)

    return scene


def opening(panel: str, k: int = 8) -> Scene:
    """Return the scene of a panel opened for one result that is seen alone."""

    def scene(viewer: napari.Viewer, widget: QuantizeWidget) -> None:
        pressing("One", k)(viewer, widget)
        folds = widget.native.findChildren(type(widget.run.native))
        next(fold for fold in folds if fold.text().startswith(f"▸ {panel}")).click()

    return scene


def nothing(viewer: napari.Viewer, _widget: QuantizeWidget) -> None:
    """Remove the image: what one sees first."""
    viewer.layers.clear()


def ready(_viewer: napari.Viewer, _widget: QuantizeWidget) -> None:
    """Leave it as it opens."""


def trying(_viewer: napari.Viewer, widget: QuantizeWidget) -> None:
    """Switch *Try* on."""
    from qtpy.QtWidgets import QCheckBox

    next(box for box in widget.native.findChildren(QCheckBox) if box.text().startswith("Try")).click()


def exporting(viewer: napari.Viewer, widget: QuantizeWidget) -> None:
    """Open the dialog *Export…*, with palettes to go along."""
    pressing("Export…", 16)(viewer, widget)
    dialog = open_dialog()
    os.chdir(tempfile.mkdtemp())
    Path("Pictures").mkdir()
    dialog.folder.setText("Pictures")
    dialog.options["palette"].setCurrentIndex(1)


def open_dialog() -> Any:
    """Return the dialog that is open; None if there is none."""
    from qtpy.QtWidgets import QApplication, QDialog

    found = [window for window in QApplication.topLevelWidgets() if isinstance(window, QDialog) and window.isVisible()]
    return found[0] if found else None


def own_channels(then: Scene) -> Scene:
    """Return a scene in which the question about the first axis is answered before."""

    def scene(viewer: napari.Viewer, widget: QuantizeWidget) -> None:
        press(widget, "Channels")
        widget.mode.value = "per_channel"
        then(viewer, widget)

    return scene


def first_channel(then: Scene) -> Scene:
    """Return a scene with the first channel as a layer of its own, in micrometres."""

    def scene(viewer: napari.Viewer, widget: QuantizeWidget) -> None:
        image = viewer.layers[0].data
        viewer.layers.clear()  # first: two layers in different units make napari warn
        viewer.add_image(image[0], name="DAPI", **MICRO["channels"][1])
        wait(300)
        then(viewer, widget)

    return scene


def each_slice(viewer: napari.Viewer, widget: QuantizeWidget) -> None:
    """Let each slice learn on its own."""
    widget.learn_from.value = EACH_SLICE
    quantize(viewer, widget)


SCENES: dict[str, tuple[str, Scene]] = {
    "photo-1-empty": ("astronaut", nothing),
    "photo-2-open": ("astronaut", ready),
    "photo-3-try": ("astronaut", trying),
    "photo-4-tile": ("astronaut", quantize),
    "photo-5-one": ("astronaut", pressing("One")),
    "photo-6-swipe": ("astronaut", pressing("Swipe")),
    "photo-7-difference": ("astronaut", pressing("Difference")),
    "photo-8-palette": ("astronaut", opening("Palette", 16)),
    "photo-9-enough": ("astronaut", opening("How many")),
    "photo-10-steps": ("astronaut", opening("Show the steps")),
    "photo-11-labels": ("astronaut", pressing("Make labels", 4)),
    "photo-12-export": ("astronaut", exporting),
    "cell-2-tile": ("cell", quantize),
    "cell-3-enough": ("cell", opening("How many")),
    "channels-1-question": ("channels", ready),
    "channels-2-tile": ("channels", own_channels(quantize)),
    "channels-3-areas": ("channels", first_channel(opening("Levels", 4))),
    "channels-4-labels": ("channels", first_channel(pressing("Make labels", 4))),
    "channels-5-swipe": ("channels", first_channel(pressing("Swipe", 4))),
    "film-1-tile": ("film", quantize),
    "film-2-each-slice": ("film", each_slice),
    "film-3-steps": ("film", opening("Show the steps", 4)),
    "film-4-difference": ("film", pressing("Difference", 4)),
}


def take(name: str, theme: str, images: Path | None) -> None:
    """Walk to one scene, and save the window."""
    image, scene = SCENES[name]
    if image in MICRO and images is not None:
        from tifffile import imread

        file, _ = MICRO[image]
        viewer, widget = open_dock(None, theme=theme, height=960)
        viewer.add_image(imread(images / file), name=image)
    else:
        viewer, widget = open_dock(image, theme=theme, height=960)
    wait(PAINT_MS)
    scene(viewer, widget)
    wait(REST_MS)
    window = picture(viewer)
    ALL.mkdir(parents=True, exist_ok=True)
    Image.fromarray(window).save(ALL / f"{name}-{theme}.png")
    if IN_DOCUMENTS.get(name) == theme:
        SHOWN.mkdir(exist_ok=True)
        path = SHOWN / f"{name}.png"
        with_palette(window).save(path, optimize=True)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} KB")
    viewer.close()


def picture(viewer: napari.Viewer) -> np.ndarray:
    """Return the pixels of the window, or of the dialog in front of it."""
    dialog = open_dialog()
    if dialog is None:
        return np.ascontiguousarray(viewer.screenshot(canvas_only=False, flash=False)[..., :3])
    from qtpy.QtCore import QBuffer

    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    dialog.grab().save(buffer, "PNG")
    dialog.close()
    return np.asarray(Image.open(BytesIO(buffer.data().data())).convert("RGB"))


def with_palette(window: np.ndarray) -> Image.Image:
    """Leave 256 colours: a third of the size, and nobody sees it."""
    codebook = fit(window, 256, mode="color", channel_axis=-1)
    picture = Image.fromarray(codebook.encode(window).astype(np.uint8))
    picture.putpalette(codebook.outputs[0].tobytes())
    return picture


def main() -> None:
    """Draw all, each in a process of its own: napari does not always survive a second picture of its window."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="the folder of the micrographs")
    parser.add_argument("--scene", choices=SCENES, help="only this one")
    parser.add_argument("--theme", choices=THEMES, help="only in this theme")
    asked = parser.parse_args()
    if asked.scene and asked.theme:
        take(asked.scene, asked.theme, asked.images)
        return
    for name, (image, _) in SCENES.items():
        if (asked.scene and name != asked.scene) or (image in MICRO and asked.images is None):
            continue
        for theme in THEMES:
            options = ["--images", str(asked.images)] if asked.images else []
            command = [sys.executable, "-m", "docs.make_screenshots", "--scene", name, "--theme", theme, *options]
            # Whoever draws them may have other settings, such as larger letters.
            subprocess.run(command, check=True, env={**os.environ, "NAPARI_CONFIG": ""})


if __name__ == "__main__":
    main()
