"""The results that are shown side by side: those of a source's last run, and those that the user wants to stay."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_quantize.viewer.layers.provenance import Provenance

# Of more results, the mean of the image (K=1) is not shown.
_MAX_WITH_MEAN = 4


class TiledResults:
    """The choice of results to show side by side, for each source. It keeps ids, so that removed layers can be freed.

    Attributes
    ----------
    ids_to_stay : set of str
        Ids of results that stay after the next run.
    running_id : str
        Id of the source whose run goes on; empty if none does.
    """

    def __init__(self) -> None:
        self.ids_to_stay: set[str] = set()
        self._last_runs: dict[str, frozenset[str]] = {}  # ids of results, by ids of sources
        self.running_id = ""
        self._before: frozenset[str] | None = None
        self._n_expected = 0

    def choose(self, source_id: str, results: Sequence[tuple[Image, Provenance]]) -> list[tuple[Image, Provenance]]:
        """Return those of a source's `results` to show; all of them if nothing is known of its last run."""
        ids = self._last_runs.get(source_id, frozenset()) | self.ids_to_stay
        chosen = [pair for pair in results if pair[1].layer_id in ids]
        is_running = source_id == self.running_id
        if not chosen and not is_running:
            chosen = list(results)
        if max(len(chosen), self._n_expected if is_running else 0) <= _MAX_WITH_MEAN:
            return chosen
        return [pair for pair in chosen if pair[1].k > 1 or pair[1].layer_id in self.ids_to_stay]

    def begin_run(
        self,
        source_id: str,
        results: Sequence[tuple[Image, Provenance]],
        new_ks: Collection[int],
        replaced: Collection[str],
        *,
        adds: bool,
    ) -> int:
        """Prepare for a run, and return how many of its new results will be shown.

        Parameters
        ----------
        source_id : str
            Id of the source.
        results : sequence of (Image, Provenance)
            Its results before the run.
        new_ks : collection of int
            K of the results that the run will add.
        replaced : collection of str
            Ids of results that the run will replace.
        adds : bool
            True if the run adds to the results of the last run, instead of taking their place.
        """
        present = {provenance.layer_id for _, provenance in results}
        self._before = self._last_runs.get(source_id)
        kept = self._before if self._before is not None else frozenset(present)
        self._last_runs[source_id] = frozenset(replaced) | (kept if adds else frozenset())
        self.running_id = source_id
        self._n_expected = len(new_ks) + len(present & (self._last_runs[source_id] | self.ids_to_stay))
        return len(new_ks) - (1 in new_ks and self._n_expected > _MAX_WITH_MEAN)

    def add(self, source_id: str, ids: Collection[str]) -> None:
        """Show these results of the run that goes on, too."""
        if source_id == self.running_id:
            self._last_runs[source_id] |= frozenset(ids)

    def end_run(self, ids: dict[str, frozenset[str]], *, adds: bool) -> None:
        """Show the results of a run; if there are none, go back to those of the run before.

        Parameters
        ----------
        ids : dict
            Ids of the results that the run has added or replaced, by ids of sources.
        adds : bool
            As in `begin_run`.
        """
        if self.running_id and self.running_id not in ids:
            self._last_runs.pop(self.running_id)
            if self._before is not None:
                self._last_runs[self.running_id] = self._before
        for source_id, of_source in ids.items():
            # Of the source that the run was begun for, results are known already.
            kept = self._last_runs.get(source_id, frozenset()) if adds else frozenset()
            self._last_runs[source_id] = kept | of_source
        self.running_id, self._before, self._n_expected = "", None, 0
