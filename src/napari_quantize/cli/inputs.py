"""Image files of a command, found from files, folders and patterns, with the names of their results."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_quantize.cli.output import print_message

#: Endings of images in folders and patterns. A file given by name is read whatever its ending.
IMAGE_ENDINGS = frozenset(
    (
        *(".avif", ".bmp", ".gif", ".j2k", ".jp2", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga"),
        *(".npy", ".tif", ".tiff", ".webp"),
    )
)
_DOUBLE_ENDING = re.compile(r"\.(indexed\.png|ome\.tiff?)$", re.IGNORECASE)
_RESULT_NAME = re.compile(r"(?P<source>.+)_(k\d+|palette)", re.DOTALL)
_WILDCARD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Input:
    """One image file.

    Attributes
    ----------
    path : Path
        The file.
    name : str
        Name of its results: its path below the given folder, without the ending, with ``/`` between parts.
    """

    path: Path
    name: str

    @property
    def folder(self) -> str:
        """Folders of the name, with a slash at their end; empty if it has none."""
        return self.name[: self.name.rfind("/") + 1]


def find_inputs(arguments: Iterable[str], out: Path) -> list[Input]:
    """Return the images of files, folders and patterns, each once, in order.

    Parameters
    ----------
    arguments : iterable of str
        Folders are searched with all subfolders, except for hidden files, `out` and earlier results. Patterns such as
        ``"photos/**/*.png"`` are for shells that do not expand them.
    out : Path
        Folder of the results.

    Raises
    ------
    ValueError
        If there is no such file, a folder or pattern has no image, or the results of two images would have the same
        name.
    """
    found: dict[str, Input] = {}
    for argument in arguments:
        for one in _inputs_of(argument, out):
            found.setdefault(os.path.realpath(one.path), one)
    inputs = list(found.values())
    _check_names(inputs)
    return inputs


def stem_of(path: Path) -> str:
    """Return a file's name without its ending: ``a`` for ``a.ome.tif`` and ``a.indexed.png``."""
    return _DOUBLE_ENDING.sub("", path.name) if _DOUBLE_ENDING.search(path.name) else path.stem


def _inputs_of(argument: str, out: Path) -> Sequence[Input]:
    path = Path(argument)
    if argument and path.is_dir():
        inputs = _name_inputs(_files_below(path, out), path)
        if not inputs:
            raise ValueError(f"the folder {argument} holds no images")
        return inputs
    if argument and os.path.lexists(path):
        return [Input(path, stem_of(path))]
    if not _WILDCARD.search(argument):
        raise ValueError(f"there is no file or folder {argument or 'without a name'}")
    folder = _fixed_part(path)
    matches = [Path(match) for match in sorted(glob.glob(argument, recursive=True))]
    out_below = _is_below(out, folder)
    inputs = _name_inputs(
        [one for one in matches if _is_image(one) and not (out_below and _is_below(one, out))], folder
    )
    if not inputs:
        raise ValueError(f"no image matches {argument}")
    return inputs


def _files_below(folder: Path, out: Path) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder, onerror=_print_left_out):
        here = Path(parent)
        others = (name for name in folders if not name.startswith("."))
        folders[:] = sorted(name for name in others if os.path.realpath(here / name) != os.path.realpath(out))
        found += [here / name for name in sorted(names) if not name.startswith(".") and _is_image(here / name)]
    return found


def _print_left_out(error: OSError) -> None:
    print_message(f"left out: {error.filename}: {error.strerror}")


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_ENDINGS and not path.name.lower().endswith(".indexed.png") and path.is_file()


def _is_below(path: Path, folder: Path) -> bool:
    """Return whether a path lies in a folder or its subfolders."""
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(path)).parents


def _fixed_part(pattern: Path) -> Path:
    """Return the folder before the first part of a path with a wildcard."""
    fixed = []
    for part in pattern.parts[:-1]:
        if _WILDCARD.search(part):
            break
        fixed.append(part)
    return Path(*fixed)


def _name_inputs(paths: Iterable[Path], folder: Path) -> list[Input]:
    """Name files by their paths below a folder, without those that are named like a result of another one."""
    inputs = [Input(path, (path.parent.relative_to(folder) / stem_of(path)).as_posix()) for path in paths]
    names = {item.name for item in inputs}

    def is_result(one: Input) -> bool:
        result = _RESULT_NAME.fullmatch(one.name)
        return result is not None and any(source in names for source in _possible_sources(result["source"]))

    left_out = [one for one in inputs if is_result(one)]
    if left_out:
        more = f" and {len(left_out) - 1:,} more" if len(left_out) > 1 else ""
        print_message(f"left out: {left_out[0].path}{more}, named like a result of another image here")
    return [one for one in inputs if not is_result(one)]


def _possible_sources(name: str) -> Iterator[str]:
    """Yield the names that a source can have: results may lie in a folder of their own, below any folder above."""
    *folders, stem = name.split("/")
    for start in range(len(folders) + 1):
        for stop in range(start, len(folders) + 1):
            yield "/".join([*folders[:start], *folders[stop:], stem])


def _check_names(inputs: Iterable[Input]) -> None:
    seen: dict[str, Input] = {}
    for one in inputs:
        # File systems of Windows and macOS ignore case.
        other = seen.setdefault(one.name.casefold(), one)
        if other is not one:
            together = "" if other.path.parent == one.path.parent else ", or give the folder that holds both"
            raise ValueError(
                f"the results of {other.path} and {one.path} would have the same names: "
                f"use a separate --out for each{together}"
            )
