"""Warnings of scikit-learn that it found fewer clusters than it was asked for."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager, ExitStack

from napari_quantize.core.shared_context import SharedContext

_ignoring = SharedContext()


def no_convergence_warnings() -> AbstractContextManager[None]:
    """Ignore scikit-learn's ConvergenceWarning, in however many threads at the same time.

    scikit-learn warns if it finds fewer clusters than it was asked for, because it cannot tell some values apart. The
    steps that follow add the rest.
    """
    return _ignoring.enter(_ignore)


def _ignore(undo: ExitStack) -> None:
    from sklearn.exceptions import ConvergenceWarning

    # The filters belong to the process, and each `catch_warnings` restores those it has found: two threads that leave
    # it in another order than they entered it would keep the warnings ignored for ever. So only the first one enters.
    if not _ignoring.in_use:
        undo.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", ConvergenceWarning)
