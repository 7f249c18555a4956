"""The options of *Export…*: each is defined once, as a field of `Choice`; dialog, checks and writers read it there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

from napari_quantize.text.results import format_k
from napari_quantize.viewer.export import messages as export_messages
from napari_quantize.viewer.export.model import Candidate, legal_file_name

T = TypeVar("T", str, bool)

ROWS = ("Images", "Palette", "Figure", "Also")
"""Rows of options in the dialog, from top to bottom."""


@dataclass(frozen=True, kw_only=True)
class Option(Generic[T]):
    """An option of the dialog: a choice among formats, or a check box.

    Attributes
    ----------
    default : str or bool
        Value when the dialog opens: a suffix, empty for no file, or whether the box is ticked.
    row : str
        One of `ROWS`.
    tip : str
        Explanation.
    formats : dict
        Suffixes by their texts; empty for a check box.
    title : str
        Text of the check box.
    files : str
        Name of the files that it adds, as in *Choose what to export: …*; empty if it only changes other files.
    why_not : callable or None
        Function of a result and the value that returns why there is no such file of the result; an empty string if
        there is one. None if there is one of each result.
    changes_image : callable or None
        Function of a result and the suffix of images that returns whether the option changes the result's image file.
        None for options that change no images.
    tip_if_idle : str
        Explanation while the option would change none of the images.
    """

    default: T
    row: str
    tip: str
    formats: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    files: str = ""
    why_not: Callable[[Candidate, Any], str] | None = None
    changes_image: Callable[[Candidate, str], bool] | None = None
    tip_if_idle: str = ""


def _field(option: Option[T]) -> T:
    return field(default=option.default, metadata={"option": option})


@dataclass(frozen=True)
class Choice:
    """The choices in the dialog.

    Attributes
    ----------
    folder : Path
        Folder of the files.
    stem : str
        Beginning of their names.
    layer_ids : tuple of str
        Ids of the ticked results.
    image, palette, figure : str
        Suffixes; empty if no such files are wanted.
    dither, separations, table, report : bool
        Other choices.
    """

    folder: Path
    stem: str
    layer_ids: tuple[str, ...]
    image: str = _field(
        Option(
            default=".indexed.png",
            row="Images",
            tip="Indexed PNG: small, every pixel exact. This plugin reads its scale, its palette and how it was made.\n"
            "PNG: the same under a plain name.\nTIFF: for Fiji and other programs, with scale, units and axes.\n"
            "PNG cannot hold stacks and floats: they become TIFFs, and the list shows it.",
            formats={
                "Indexed PNG (.indexed.png)": ".indexed.png",
                "PNG (.png)": ".png",
                "TIFF (.tif)": ".tif",
                "no images": "",
            },
            files="images",
        )
    )
    dither: bool = _field(
        Option(
            default=False,
            row="Images",
            title="Dither (Floyd–Steinberg)",
            tip="Mix the palette's colours from pixel to pixel, so that gradients look smooth with few colours. Pixels "
            "no longer have the nearest colour: do not measure in such files. Only for colours of 8-bit photos, as PNG",
            changes_image=lambda candidate, suffix: candidate.can_be_dithered and suffix.endswith(".png"),
            tip_if_idle="Dithering is for colours of 8-bit RGB photos, saved as PNG",
        )
    )
    palette: str = _field(
        Option(
            default="",
            row="Palette",
            tip="One palette file for each result, for other programs; levels become a ramp of greys",
            formats={
                "none": "",
                "GIMP palette (.gpl)": ".gpl",
                "JASC palette (.pal)": ".pal",
                "Adobe colour table (.act)": ".act",
                "Adobe swatches (.aco)": ".aco",
                "Hex list (.hex)": ".hex",
                "Codebook, all digits (.json)": ".json",
            },
            files="a palette",
            why_not=Candidate.why_no_palette,
        )
    )
    separations: bool = _field(
        Option(
            default=False,
            row="Also",
            title="Separations",
            tip="A folder for each result, with one black-and-white PNG for each colour or level, as for screen prints",
            files="separations",
            why_not=lambda candidate, _: candidate.why_no_separations,
        )
    )
    figure: str = _field(
        Option(
            default="",
            row="Figure",
            tip="The image and the ticked results side by side, with captions and histograms, as one figure",
            formats={"none": "", "PNG": ".png", "SVG": ".svg", "PDF": ".pdf"},
            files="a figure",
            why_not=lambda candidate, _: candidate.why_no_figure,
        )
    )
    table: bool = _field(
        Option(
            default=False,
            row="Also",
            title="Table (CSV)",
            tip="The numbers of the dock's table, for a spreadsheet",
            files="the table",
        )
    )
    report: bool = _field(
        Option(
            default=False,
            row="Also",
            title="Report (HTML)",
            tip="One page for the web browser: the image and the ticked results side by side, their palettes, "
            "histograms and figures, and how they were made. Click a result there to lay it over the image",
            files="a report",
            why_not=lambda candidate, _: candidate.why_no_report,
        )
    )

    def ticked(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Return the ticked results among `candidates`."""
        return [each for each in candidates if each.layer_id in self.layer_ids]

    def beside(self, name: str) -> Path:
        """Return the path of a file about all results."""
        return self.folder / f"{self.stem}_{name}"

    def for_image(self, candidate: Candidate) -> Choice:
        """Return a choice with only those fields that the image file of a result depends on, apart from its path."""
        changing = {
            name: getattr(self, name)
            for name, option in OPTIONS.items()
            if option.changes_image is not None and option.changes_image(candidate, self.image)
        }
        return Choice(Path(), "", (candidate.layer_id,), image=self.image, **changing)

    def idle(self, candidates: Sequence[Candidate]) -> frozenset[str]:
        """Return the names of options that would change none of the images."""
        return frozenset(
            name
            for name, option in OPTIONS.items()
            if option.changes_image is not None
            and not any(option.changes_image(candidate, self.image) for candidate in candidates)
        )

    @property
    def problem(self) -> str:
        """Sentence that says what to change; empty if there is no problem."""
        files = {name: option.files for name, option in OPTIONS.items() if option.files}
        if not any(getattr(self, name) for name in files):
            return export_messages.nothing_chosen(tuple(files.values()))
        if not self.layer_ids:
            return export_messages.NO_RESULT
        if not self.stem.strip(". "):
            return export_messages.NO_NAME
        if legal_file_name(self.stem) != self.stem:
            return export_messages.illegal(self.stem, legal_file_name(self.stem))
        if self.folder == Path():
            return export_messages.NO_FOLDER
        if not self.folder.is_dir():
            return export_messages.no_folder(self.folder)
        return ""


OPTIONS: dict[str, Option[Any]] = {
    each.name: each.metadata["option"] for each in fields(Choice) if "option" in each.metadata
}


def left_out_notice(choice: Choice, candidates: Iterable[Candidate]) -> str:
    """Return the notice which results get no palette or separations, or are left out of the report, and why."""
    reasons: dict[tuple[str, str], list[str]] = {}
    chosen = choice.ticked(candidates)
    for each in chosen:
        for name, option in OPTIONS.items():
            value = getattr(choice, name)
            if value and option.why_not is not None and (why := option.why_not(each, value)):
                reasons.setdefault((name, why), []).append(f"K={format_k(each.provenance)}")
    notices = [export_messages.left_out(kind, names, why) for (kind, why), names in reasons.items()]
    any_dithered = choice.dither and any(each.can_be_dithered and not each.why_no_report for each in chosen)
    return " ".join([*notices, *[export_messages.NOT_DITHERED] * (choice.report and any_dithered)])
