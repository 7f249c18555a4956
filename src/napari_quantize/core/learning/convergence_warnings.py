"""Warnings of scikit-learn that it found fewer clusters than it was asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager

from napari_quantize.core.recorded_warnings import recorded_warnings


def no_convergence_warnings() -> AbstractContextManager[object]:
    """Ignore scikit-learn's ConvergenceWarning in this thread.

    scikit-learn warns if it finds fewer clusters than it was asked for, because it cannot tell some values apart. The
    steps that follow add the rest.
    """
    from sklearn.exceptions import ConvergenceWarning

    return recorded_warnings(ConvergenceWarning)
