"""The visible range of an axis, zoomed and panned within bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class AxisRange:
    """Visible range of an axis, never empty and never beyond the bounds.

    Attributes
    ----------
    low, high : float
        Ends of the visible range.
    bounds : tuple of float
        Ends of the axis.
    min_width : float
        Smallest width that the range can be zoomed to; at most that of the bounds.
    """

    low: float
    high: float
    bounds: tuple[float, float]
    min_width: float

    @classmethod
    def of(cls, low: float, high: float, min_width: float) -> AxisRange:
        """Return the whole range from `low` to `high`."""
        return cls(low, high, (low, high), min(min_width, high - low))

    @property
    def is_whole(self) -> bool:
        """True if the whole range is visible."""
        return (self.low, self.high) == self.bounds

    def whole(self) -> AxisRange:
        """Return the whole range."""
        return replace(self, low=self.bounds[0], high=self.bounds[1])

    def zoomed(self, value: float, factor: float) -> AxisRange:
        """Return a range `factor` times as wide, in which `value` keeps its position as far as the bounds allow."""
        width = max((self.high - self.low) * factor, self.min_width)
        if width >= self.bounds[1] - self.bounds[0]:
            return self.whole()
        share_text = (value - self.low) / (self.high - self.low)
        return self._from(value - share_text * width, width)

    def panned(self, widths: float) -> AxisRange:
        """Return the range that is `widths` of its own widths further to the right."""
        width = self.high - self.low
        return self if self.is_whole else self._from(self.low + widths * width, width)

    def _from(self, low: float, width: float) -> AxisRange:
        lowest, highest = self.bounds
        low = min(max(low, lowest), highest - width)
        return replace(self, low=low, high=min(low + width, highest))
