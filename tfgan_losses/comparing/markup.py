"""Pieces of HTML that several sections are made of."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from tfgan_losses.comparing.charts import COLORS, DASHES

NOTHING = "-"


def escaped(text: object) -> str:
    """Returns a text of whatever origin as HTML shows it."""
    return html.escape(str(text))


def table(head: Sequence[str], rows: Sequence[str], caption: str, foot: Sequence[str] = ()) -> str:
    """Returns a table that scrolls sideways where a screen is narrower.

    Args:
        head: HTML of the headers of columns; nothing for a table of names and values.
        rows: HTML of `<tr>`.
        caption: HTML; says what it shows.
        foot: As `rows`, below them.
    """
    headers = "".join(f'<th scope="col">{title}</th>' for title in head)
    footer = f"<tfoot>{''.join(foot)}</tfoot>" if foot else ""
    header = f"<thead><tr>{headers}</tr></thead>" if head else ""
    # Not a <caption>, which would be as wide as the table and hide its end.
    return (
        '<figure class="table"><div class="scroll" tabindex="0" role="group" '
        'aria-label="Table, scrolls sideways">'
        f"<table>{header}<tbody>{''.join(rows)}</tbody>{footer}</table></div>"
        f"<figcaption>{caption}</figcaption></figure>"
    )


def row(name: str, cells: Sequence[str]) -> str:
    """Returns a row of a table.

    Args:
        name: HTML of its header.
        cells: HTML, each a whole `<td>` or the content of one.
    """
    made = [cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in cells]
    return f'<tr><th scope="row">{name}</th>{"".join(made)}</tr>'


def swatch(color: int) -> str:
    """Returns the line of a recipe as it is drawn in curves."""
    dash = DASHES[color // COLORS % len(DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        '<svg class="swatch" viewBox="0 0 24 10" aria-hidden="true">'
        f'<path class="c{color % COLORS}" d="M2 5H22"{dashes}/></svg>'
    )


def number(value: float | None, digits: int = 4) -> str:
    """Returns a number in so many digits, of large ones all before the point."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def with_error(value: float, error: float | None) -> str:
    """Returns the HTML of `in_words`."""
    mean, sign, behind = in_words(value, error).partition(" ± ")
    return f'{mean} <span class="error">± {behind}</span>' if sign else mean


def in_words(value: float, error: float | None) -> str:
    """Returns a mean and its standard error, to two digits of the latter."""
    if error is None or not math.isfinite(value):
        return number(value)
    if error == 0.0:
        return f"{number(value)} ± 0"
    places = min(8, max(0, 1 - math.floor(math.log10(error))))
    return f"{value:,.{places}f} ± {error:,.{places}f}"


def mebibytes(count: int | None) -> str:
    """Returns a size."""
    return NOTHING if count is None else f"{count / 2**20:,.0f} MiB"
