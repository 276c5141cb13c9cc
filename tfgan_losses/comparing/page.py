"""`report.html`: one file that asks for nothing else, to be read with and without eyes."""

from __future__ import annotations

from collections.abc import Callable

from tfgan_losses.comparing import leaderboard, sections
from tfgan_losses.comparing.markup import escaped
from tfgan_losses.comparing.results import Results
from tfgan_losses.comparing.style import CSS

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="soft">{subtitle}</p>
<nav aria-label="Sections">{links}</nav>
</header>
<main>
{body}
</main>
</body>
</html>
"""

# Title -> what makes the section; an empty text is left out.
_SECTIONS: dict[str, Callable[[Results], str]] = {
    "Leaderboard": leaderboard.html,
    "Samples": sections.samples,
    "Curves": sections.curves,
    "Cost": sections.costs,
    "Health": sections.health,
    "Failures": sections.failures,
    "Settings": sections.settings,
}


def html(results: Results) -> str:
    """Returns the whole page."""
    made = {title: section(results) for title, section in _SECTIONS.items()}
    made = {title: text for title, text in made.items() if text}
    body = "\n".join(
        f'<section id="{title.lower()}" aria-labelledby="h-{title.lower()}">'
        f'<h2 id="h-{title.lower()}">{title}</h2>\n{text}\n</section>'
        for title, text in made.items()
    )
    names = len(results.gan_types)
    return _PAGE.format(
        title=escaped(f"{names} recipe{'s' * (names > 1)} on {results.settings['dataset']}"),
        css=CSS,
        subtitle=escaped(
            f"{results.seeds} seed{'s' * (results.seeds > 1)} x {results.steps:,} steps each, "
            f"under identical conditions. {results.circumstances}"
        ),
        links="".join(f'<a href="#{title.lower()}">{title}</a>' for title in made),
        body=body,
    )
