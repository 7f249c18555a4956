"""A report in a real browser: what is seen, in light and dark, with its script and without complaint."""

import html
import json
import re
import subprocess

import numpy as np
import pytest
from PIL import Image
from programs import find
from report_pages import Page, item, write_report

pytestmark = pytest.mark.interop

OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr"),
)
DARK = "--blink-settings=preferredColorScheme=0"
COLORS = np.array([[200, 30, 40], [20, 120, 220], [250, 220, 90]], np.uint8)
IMAGE = np.kron(COLORS[np.newaxis], np.ones((30, 12, 1), np.uint8))
IMAGE[:, ::2, 0] -= 6

# Presses what a person would press, and notes in the page's title what came of it.
PRESS = """<script>
const page_state = {};
const press = (name) => dialog.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true}));
document.querySelectorAll("button.picture")[1].click();
page_state.open = dialog.open;
page_state.caption = caption.textContent;
page_state.focus = document.activeElement === line;
page_state.original = under.src === document.querySelector(".card img").src;
line.value = 25; line.dispatchEvent(new Event("input"));
page_state.cut = getComputedStyle(over).clipPath;
press("PageDown"); page_state.after = caption.textContent;
press("PageUp"); press("PageUp"); page_state.before = caption.textContent;
page_state.result = over.src === document.querySelectorAll(".card img")[1].src;
dialog.querySelector("form button").click();
page_state.closed = !dialog.open;
window.dispatchEvent(new Event("beforeprint"));
page_state.unfolded = [...document.querySelectorAll("details")].every((fold) => fold.open);
page_state.wide = document.documentElement.scrollWidth > innerWidth;
document.title = JSON.stringify(page_state);
</script></body>"""


def browse(folder, path, *options):
    """Open a page, and return what the browser writes and what it logs of the page."""
    profile = folder / f"profile-{len(list(folder.iterdir()))}"
    command = (find("Chromium"), *OPTIONS, f"--user-data-dir={profile}", *options, path.as_uri())
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    log = done.stderr.decode(errors="replace")
    return done.stdout.decode(), [line for line in log.splitlines() if "CONSOLE" in line]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "a b ü.html"
    one = item(IMAGE, (1, 2, 3), name="<i>flag</i>.png", rgb=True, mode="color", channel_axis=-1)
    write_report(path, [one], command="napari-quantize run flag.png --report")
    return path, one


def shot(folder, path, *options):
    picture = folder / "shot.png"
    _, problems = browse(folder, path, f"--screenshot={picture}", *options)
    assert problems == []
    return np.asarray(Image.open(picture).convert("RGB"))


@pytest.mark.parametrize(("options", "paper"), [((), (255, 255, 255)), ((DARK,), (22, 25, 29))])
def test_the_page_shows_all_pictures_and_figures(report, tmp_path, options, paper):
    path, one = report
    seen = shot(tmp_path, path, "--window-size=1280,1600", *options)
    assert seen.shape[:2] == (1600, 1280)
    np.testing.assert_array_equal(seen[2, 2], paper)
    # Each colour of the result with three has a third of a picture's room there, and of the stripe's.
    for color in one.results[-1].codebook.outputs[0]:
        assert (np.abs(seen.astype(int) - color).max(axis=2) <= 1).sum() > 3000
    writing = np.abs(seen[:120, :400].astype(int) - paper).max(axis=2)
    assert (writing > 150).sum() > 300


def test_the_page_is_no_wider_than_a_phone(report, tmp_path):
    path, _ = report
    page_state = pressed(report, tmp_path, "--window-size=400,800")
    assert not page_state["wide"]
    seen = shot(tmp_path, path, "--window-size=400,800")
    assert seen.shape[1] == 400


def pressed(report, folder, *options):
    path = folder / "pressed.html"
    page, n = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", report[0].read_text("utf-8"))
    assert n == 1
    path.write_text(page.replace("</body>", PRESS), "utf-8")
    dom, problems = browse(folder, path, "--dump-dom", *options)
    assert problems == []
    return json.loads(html.unescape(re.search("<title>(.*)</title>", dom).group(1)))


def test_results_are_laid_over_the_original(report, tmp_path):
    page_state = pressed(report, tmp_path)
    captions = [text.replace(" ", "\N{NO-BREAK SPACE}") for text in ("K=1 (mean)", "K=2", "K=3")]
    assert page_state.pop("caption").startswith(captions[1])
    assert page_state.pop("after").startswith(captions[2])
    assert page_state.pop("before").startswith(captions[0])
    assert page_state.pop("cut") == "inset(0px 0px 0px 25%)"
    assert page_state.pop("wide") is False
    assert set(page_state.values()) == {True}, page_state


def test_only_the_own_script_runs(report, tmp_path):
    path, _ = report
    dom, problems = browse(tmp_path, path, "--dump-dom")
    assert problems == []
    assert 'class="alive"' in dom
    assert dom.count('class="picture small"') == 4
    assert "<button" in dom.split("<dialog")[0]
    stranger = tmp_path / "stranger.html"
    add = '<script>document.title = "taken"</script><img src="https://example.org/x.png" alt="x"></body>'
    stranger.write_text(path.read_text("utf-8").replace("</body>", add), "utf-8")
    dom, problems = browse(tmp_path, stranger, "--dump-dom")
    assert "<title>taken" not in dom
    assert len([line for line in problems if "Content Security Policy" in line]) == 2


def test_without_scripts_pictures_are_shown(report):
    page = Page(report[0].read_text("utf-8"))
    before_dialog = [tag for tag, _ in page.elements].index("dialog")
    assert "button" not in [tag for tag, _ in page.elements[:before_dialog]]
    assert len(page.pictures) == 4
