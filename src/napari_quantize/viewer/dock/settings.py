"""Save the user's last choices, and restore those that are still valid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSettings

from napari_quantize.text.numbers import parse_ks
from napari_quantize.viewer.plan.field_choices import METHODS, MODES
from napari_quantize.viewer.plan.resolve import MAX_LAYERS
from napari_quantize.viewer.table.columns import COLUMNS, KINDS

if TYPE_CHECKING:
    from napari_quantize.viewer.dock.results_view import ResultsView
    from napari_quantize.viewer.fields.fields import InputFields

_NAME = "napari-quantize"
_REDUCE = "reduce/"
_COLUMNS = "columns/"
_USER_SCOPE = object()
_settings_path: Any = _USER_SCOPE


def keep_in(path: Path | None) -> None:
    """Store settings in another file than the user's, or nowhere: for demonstrations, benchmarks and tests."""
    global _settings_path
    _settings_path = path


def read_settings() -> dict[str, Any]:
    """Return the stored choices that are still valid."""
    store = _store()
    return {} if store is None else valid_settings({key: store.value(key) for key in store.allKeys()})


def write_settings(chosen: Mapping[str, Any]) -> None:
    """Store the choices that are valid."""
    store = _store()
    if store is not None:
        for key, value in valid_settings({key: _as_text(value) for key, value in chosen.items()}).items():
            store.setValue(key, _as_text(value))


def valid_settings(stored: Mapping[str, object]) -> dict[str, Any]:
    """Return the values of stored texts; leave out unknown keys and invalid values, as of another version."""
    found = {}
    for key, text in stored.items():
        reader = _READERS.get(key)
        try:
            if reader is not None and isinstance(text, str):
                found[key] = reader(text)
        except ValueError:
            continue
    return found


def restore(inputs: InputFields, results_view: ResultsView) -> None:
    """Set the fields of a new dock to the stored choices."""
    last = read_settings()
    for name, field in _fields(inputs).items():
        if name in last:
            field.value = last[name]
    inputs.set_preferred_modes(
        {key.removeprefix(_REDUCE): mode for key, mode in last.items() if key.startswith(_REDUCE)}
    )
    for kind in KINDS:
        results_view.table.columns.choose(kind, last.get(f"{_COLUMNS}{kind}", "").split() or None)
    results_view.histogram.log.setChecked(last.get("log", True))
    if last.get("panel") in ("", *(panel.name for panel in results_view.panels.panels)):
        results_view.panels.open(last["panel"])


def save(inputs: InputFields, results_view: ResultsView) -> None:
    """Store the present choices."""
    chosen: dict[str, Any] = {name: field.value for name, field in _fields(inputs).items()}
    chosen |= {f"{_REDUCE}{kind}": mode for kind, mode in inputs.modes.items()}
    columns = results_view.table.columns.chosen
    # Always store K: no name at all stands for as many columns as fit.
    chosen |= {
        f"{_COLUMNS}{kind}": " ".join(sorted({"k", *columns[kind]})) if kind in columns else "" for kind in KINDS
    }
    write_settings({**chosen, "log": results_view.histogram.log.isChecked(), "panel": results_view.panels.opened})


def _fields(inputs: InputFields) -> dict[str, Any]:
    # Not what to learn from and what to ignore: these depend on the image.
    fields = (inputs.k_values, inputs.method, inputs.random_state, inputs.tile, inputs.keep_earlier)
    return {field.name: field for field in fields}


def _store() -> QSettings | None:
    if _settings_path is None:
        return None
    if _settings_path is not _USER_SCOPE:
        return QSettings(str(_settings_path), QSettings.Format.IniFormat)
    store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, _NAME, _NAME)
    store.setFallbacksEnabled(False)  # else QSettings also reads files of the whole system
    return store


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_ks(text: str) -> str:
    if len(parse_ks(text)) > MAX_LAYERS:
        raise ValueError(f"more than {MAX_LAYERS} numbers")
    return text


def _read_seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed < 2**31:
        raise ValueError(f"{seed} is no seed")
    return seed


def _choice_reader(*choices: str) -> Callable[[str], str]:
    def read_one(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text} is none of {choices}")
        return text

    return read_one


def _read_columns(text: str) -> str:
    for name in text.split():
        if name not in COLUMNS:
            raise ValueError(f"there is no column {name}")
    return text


def _read_bool(text: str) -> bool:
    return _choice_reader("true", "false")(text) == "true"


_READERS: dict[str, Callable[[str], Any]] = {
    "k_values": _read_ks,
    "method": _choice_reader(*(value for _, value in METHODS)),
    "random_state": _read_seed,
    "tile": _read_bool,
    "keep_earlier": _read_bool,
    "log": _read_bool,
    "panel": str,
    **{f"{_REDUCE}{kind}": _choice_reader(*(value for _, value in modes)) for kind, modes in MODES.items()},
    **{f"{_COLUMNS}{kind}": _read_columns for kind in KINDS},
}
