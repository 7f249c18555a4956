"""Draw the pictures of the documentation anew, from the real program: ``make screenshots``."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from examples.demo import PAINT_MS, open_dock, press_quantize, wait

IMAGES = Path(__file__).parent / "images"


def take(name: str, sample: str, theme: str) -> None:
    """Quantize a sample, and save the window as it ends."""
    viewer, widget = open_dock(sample, theme=theme, height=900)
    if not press_quantize(widget):
        raise SystemExit(f"{name}: the run did not end with six results: {widget.message.value}")
    wait(PAINT_MS)
    path = IMAGES / f"{name}.png"
    window = Image.fromarray(viewer.screenshot(canvas_only=False, flash=False))
    window.convert("RGB").save(path, optimize=True)
    print(f"{path.relative_to(IMAGES.parent.parent)}: {path.stat().st_size / 1024:.0f} KB")
    viewer.close()


def main() -> None:
    """Draw all of them."""
    IMAGES.mkdir(exist_ok=True)
    take("photo", "astronaut", "dark")
    take("micrograph", "cell", "light")


if __name__ == "__main__":
    main()
