"""The part of an axis that is seen: zoomed and moved within bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Window:
    """A part of an axis, never empty and never beyond the bounds.

    Attributes
    ----------
    low, high : float
        Its ends.
    bounds : tuple of float
        The axis' own ends.
    least : float
        Smallest width it can be zoomed to, unless the bounds are closer together.
    """

    low: float
    high: float
    bounds: tuple[float, float]
    least: float

    @classmethod
    def of(cls, low: float, high: float, least: float) -> Window:
        """See all from `low` to `high`."""
        return cls(low, high, (low, high), min(least, high - low))

    @property
    def is_whole(self) -> bool:
        """True if the whole range is visible."""
        return (self.low, self.high) == self.bounds

    def whole(self) -> Window:
        """See all again."""
        return replace(self, low=self.bounds[0], high=self.bounds[1])

    def zoomed(self, place: float, factor: float) -> Window:
        """See `factor` times as much, with `place` where it was; as far as the bounds leave it there."""
        width = max((self.high - self.low) * factor, self.least)
        if width >= self.bounds[1] - self.bounds[0]:
            return self.whole()
        part = (place - self.low) / (self.high - self.low)
        return self._from(place - part * width, width)

    def moved(self, parts: float) -> Window:
        """See what lies so many widths further to the right."""
        width = self.high - self.low
        return self if self.is_whole else self._from(self.low + parts * width, width)

    def _from(self, low: float, width: float) -> Window:
        lowest, highest = self.bounds
        low = min(max(low, lowest), highest - width)
        return replace(self, low=low, high=min(low + width, highest))
