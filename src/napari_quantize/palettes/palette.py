"""Define palettes: colours in an order, with names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_quantize.core.request.request import MAX_PALETTE_NAME

MAX_COLORS = 65_536


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours in an order, with optional names. Immutable.

    Attributes
    ----------
    colors : ndarray of uint8 or uint16, shape (n, 3)
        1 … 65,536 colours in sRGB, one a row. A colour may occur several times. Read-only.
    name : str
        Name of the palette, one line of at most 200 letters; empty if it has none.
    names : tuple of str
        Names of the colours, one for each, in the same form; empty if no colour has a name.

    Raises
    ------
    ValueError
        If there are no colours or too many, or their shape, dtype or names do not fit.
    """

    colors: np.ndarray
    name: str = ""
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        colors = np.array(self.colors)
        if colors.dtype not in (np.uint8, np.uint16) or colors.ndim != 2 or colors.shape[1] != 3:
            raise ValueError(f"colours of shape {colors.shape} and {colors.dtype} are no rows of 8- or 16-bit RGB")
        if not 1 <= len(colors) <= MAX_COLORS:
            raise ValueError(f"it holds {len(colors):,} colours: a palette has 1 to {MAX_COLORS:,}")
        colors = colors.astype(colors.dtype.newbyteorder("="))
        colors.flags.writeable = False
        names = tuple(map(one_line, self.names))
        if len(names) not in (0, len(colors)):
            raise ValueError(f"{len(names):,} names do not go with {len(colors):,} colours")
        object.__setattr__(self, "colors", colors)
        object.__setattr__(self, "name", one_line(self.name))
        object.__setattr__(self, "names", names if any(names) else ())

    @property
    def rgb8(self) -> np.ndarray:
        """Colours in 8 bits, as most file formats hold them."""
        return self.colors if self.colors.dtype == np.uint8 else np.rint(self.colors / 257).astype(np.uint8)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Palette):
            return NotImplemented
        same = self.colors.dtype == other.colors.dtype and np.array_equal(self.colors, other.colors)
        return same and (self.name, self.names) == (other.name, other.names)

    def __hash__(self) -> int:
        return hash((self.colors.tobytes(), self.name, self.names))


def one_line(text: str) -> str:
    """Return text on one line of at most `MAX_PALETTE_NAME` letters, without control characters and repeated spaces."""
    # Look at a bounded part only: a malicious file may consist of one huge name.
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * MAX_PALETTE_NAME])
    return " ".join(printable.split())[:MAX_PALETTE_NAME].rstrip()
