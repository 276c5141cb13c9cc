"""The report as a browser shows it: a headless Chromium of the system's packages."""

import html
import json
import re
import shutil
import subprocess

import pytest

from tfgan_losses.comparing import page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason=f"there is none of {', '.join(NAMES)}"),
]
# Around the report, in a frame of the width of a telephone: windows are at least 500 wide.
FRAME = """<!DOCTYPE html><title>frame</title>
<iframe id="report" src="report.html" style="width: 390px; height: 800px; border: 0"></iframe>
<pre id="found"></pre>
<script>
  const frame = document.getElementById("report");
  frame.addEventListener("load", () => {
    const page = frame.contentDocument, root = page.documentElement;
    const wide = [...page.querySelectorAll("body *")].filter(
      (x) => x.getBoundingClientRect().right > 390.5 && !x.closest(".scroll, pre")
    );
    const pictures = [...page.images].filter((x) => x.complete && x.naturalWidth > 0);
    document.getElementById("found").textContent = JSON.stringify([
      root.clientWidth, root.scrollWidth, wide.map((x) => x.outerHTML.slice(0, 90)),
      page.images.length, pictures.length,
      getComputedStyle(page.body).backgroundColor,
      frame.contentWindow.performance.getEntriesByType("resource").map((x) => x.name),
    ]);
  });
</script>
"""


def browse(directory, path, *options):
    """What a browser makes of a page, and what it says of it."""
    command = [
        *(
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--enable-logging=stderr",
        ),
        *("--allow-file-access-from-files", f"--user-data-dir={directory / 'browser'}"),
        *("--virtual-time-budget=3000", "--dump-dom", *options, path.as_uri()),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def seen(done):
    """What the script of the frame has found."""
    text = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.S)[1]
    return json.loads(html.unescape(text))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_fits_a_telephone_and_asks_for_nothing(scheme, comparison, tmp_path):
    (tmp_path / "report.html").write_text(page.html(comparison), encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME)
    option = f"--blink-settings=preferredColorScheme={['dark', 'light'].index(scheme)}"
    done = browse(tmp_path, tmp_path / "frame.html", option)
    width, scrolled, wide, images, loaded, color, asked = seen(done)
    assert width == 390 and scrolled == 390 and wide == []
    assert images == loaded == 9
    shade = sum(map(int, re.findall(r"\d+", color)))
    assert (shade < 150) == (scheme == "dark")
    assert "CONSOLE" not in done.stderr, done.stderr
    # Of the network; what the page may not ask for at all would be on the console.
    assert not [name for name in asked if not name.startswith("data:")]


def test_the_frame_sees_what_is_too_wide_and_a_console_that_complains(tmp_path):
    wrong = "<meta name=viewport content='width=device-width'><div style='width:600px'>x</div>"
    wrong += "<script>console.error('wrong')</script><img src='http://127.0.0.1:9/a.png'>"
    (tmp_path / "report.html").write_text(wrong)
    (tmp_path / "frame.html").write_text(FRAME)
    done = browse(tmp_path, tmp_path / "frame.html")
    width, scrolled, wide, images, loaded, _, asked = seen(done)
    assert "CONSOLE" in done.stderr
    assert (width, images, loaded) == (390, 1, 0) and scrolled >= 600 and len(wide) == 1
    assert asked == ["http://127.0.0.1:9/a.png"]
