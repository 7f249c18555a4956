"""Distinct rows of small numbers, counted: colours as rows of their channels' values, or of bins of these."""

from __future__ import annotations

import numpy as np

from napari_quantize.core.lookup.value_tables import run_starts


def pack_digits(digits: np.ndarray, base: int) -> np.ndarray:
    """Write rows of digits below `base` as numbers: shape (n, words), as few unsigned words as hold them."""
    n_digits = digits.shape[1]
    small = base**n_digits <= 2**32
    per_word = n_digits if small else 1
    while per_word < n_digits and base ** (per_word + 1) <= 2**64:
        per_word += 1
    words = np.zeros((-(-n_digits // per_word), len(digits)), dtype=np.uint32 if small else np.uint64)
    for position in range(n_digits):
        word = words[position // per_word]
        word *= words.dtype.type(base)
        word += digits[:, position].astype(words.dtype)
    return words.T


def unpack_digits(words: np.ndarray, base: int, n_digits: int) -> np.ndarray:
    """Read the rows of digits that `pack_digits` wrote."""
    digits = np.empty((n_digits, len(words)), dtype=np.int64)
    per_word = -(-n_digits // words.shape[1])
    if words.shape[1] > 1:
        per_word = max(n for n in range(1, n_digits) if base**n <= 2**64)
    for place in range(words.shape[1]):
        rest = words[:, place].copy()
        for position in reversed(range(place * per_word, min((place + 1) * per_word, n_digits))):
            rest, digits[position] = np.divmod(rest, words.dtype.type(base))
    return digits.T


def group_rows(words: np.ndarray, columns: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows in order, with the sums of the columns that belong to each.

    Parameters
    ----------
    words : ndarray, shape (n, words)
        Rows.
    columns : ndarray, shape (n, m), optional
        What is summed; without, how often each row occurs.
    """
    if words.shape[1] == 1 and columns is None:
        words = np.sort(words, axis=0)
    else:
        order = np.argsort(words[:, 0]) if words.shape[1] == 1 else np.lexsort(words.T[::-1])
        words = words[order]
        columns = None if columns is None else columns[order]
    starts = np.flatnonzero(run_starts(words))
    if columns is None:
        return words[starts], np.diff(starts, append=len(words))[:, np.newaxis]
    return words[starts], np.add.reduceat(columns, starts, axis=0) if len(starts) else columns


class RowCounts:
    """Distinct rows of many blocks together, as long as they are not more than `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []
        self._n_held = self._n_merged = 0

    def add(self, part: tuple[np.ndarray, np.ndarray]) -> bool:
        """Add what `grouped` returned for a block; return whether there are still few enough rows."""
        self._parts.append(part)
        self._n_held += len(part[0])
        if self._n_held > 2 * max(self._n_merged, self._limit):  # sorted again each time, so not at every block
            self.merge()
        return self._n_merged <= self._limit

    def merge(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the distinct rows in order, and their sums."""
        words, columns = (np.concatenate(arrays) for arrays in zip(*self._parts, strict=True))
        merged = group_rows(words, columns) if len(self._parts) > 1 else (words, columns)
        self._parts, self._n_held, self._n_merged = [merged], len(merged[0]), len(merged[0])
        return merged
