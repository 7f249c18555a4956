"""Counts of distinct rows of small integers: colours as rows of values, ranks or bins.

A row is packed into as few words as possible, because sorting single numbers is much faster than sorting rows.
"""

from __future__ import annotations

import numpy as np

from napari_quantize.core.lookup.value_tables import run_starts


def pack_digits(digits: np.ndarray, base: int) -> np.ndarray:
    """Pack rows of digits below `base` into unsigned numbers.

    Parameters
    ----------
    digits : ndarray of integers, shape (n, n_digits)
        Rows.
    base : int
        Number of possible digits.

    Returns
    -------
    ndarray of uint32 or uint64, shape (n, words)
        As few words as hold a row. They sort in the lexicographic order of the rows.
    """
    n_digits = digits.shape[1]
    # Python's integers, which do not overflow. 32-bit words sort faster than 64-bit ones.
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
    """Return the rows of digits that `pack_digits` packed."""
    digits = np.empty((n_digits, len(words)), dtype=np.int64)
    # As many digits in a word as `pack_digits` puts there.
    per_word = -(-n_digits // words.shape[1])
    if words.shape[1] > 1:
        per_word = max(n for n in range(1, n_digits) if base**n <= 2**64)
    for word in range(words.shape[1]):
        rest = words[:, word].copy()
        for position in reversed(range(word * per_word, min((word + 1) * per_word, n_digits))):
            rest, digits[position] = np.divmod(rest, words.dtype.type(base))
    return digits.T


def group_rows(words: np.ndarray, columns: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows in order, with sums of columns over equal rows.

    Parameters
    ----------
    words : ndarray, shape (n, words)
        Rows.
    columns : ndarray, shape (n, m), optional
        Integers or floats to sum; without them, rows are counted.

    Returns
    -------
    rows : ndarray, shape (m, words)
        Distinct rows, ascending.
    sums : ndarray, shape (m, columns)
        Sums, or one column of counts.
    """
    if words.shape[1] == 1 and columns is None:  # no order is needed, and `sort` is faster than `argsort`
        words = np.sort(words, axis=0)
    else:
        # Stable: fast for runs that are sorted already, and sums of floats are the same on every processor.
        order = np.argsort(words[:, 0], kind="stable") if words.shape[1] == 1 else np.lexsort(words.T[::-1])
        words = words[order]
        columns = None if columns is None else columns[order]
    starts = np.flatnonzero(run_starts(words))
    if columns is None:
        return words[starts], np.diff(starts, append=len(words))[:, np.newaxis]
    return words[starts], np.add.reduceat(columns, starts, axis=0) if len(starts) else columns


class RowCounts:
    """Distinct rows with sums of columns, until there are more than `limit` rows: then none are kept."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []
        self._n_held = self._n_merged = 0
        self.too_many = False
        """True if there were too many rows at the last merge."""

    def add(self, rows: np.ndarray, sums: np.ndarray) -> None:
        """Add the result of `group_rows` for a block."""
        if self.too_many:
            return
        self._parts.append((rows, sums))
        self._n_held += len(rows)
        # Merging sorts everything again. Waiting until the rows have doubled bounds memory and the number of sorts.
        if self._n_held > 2 * max(self._n_merged, self._limit):
            self._merge()

    def merge(self, other: RowCounts) -> None:
        """Add the rows of another one."""
        if other.too_many:
            self._drop()
        for part in other._parts:
            self.add(*part)

    def total(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the distinct rows in order, and their sums; None if there are too many."""
        self._merge()
        return None if self.too_many else self._parts[0]

    def _merge(self) -> None:
        if len(self._parts) > 1:
            rows, sums = (np.concatenate(arrays) for arrays in zip(*self._parts, strict=True))
            self._parts = [group_rows(rows, sums)]
        if self._parts:
            self._n_held = self._n_merged = len(self._parts[0][0])
            if self._n_merged > self._limit:
                self._drop()

    def _drop(self) -> None:
        self.too_many, self._parts = True, []
