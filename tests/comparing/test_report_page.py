import dataclasses
import html.parser
import json
import re

import pytest

from tfgan_losses.comparing import leaderboard, markup, page, settings
from tfgan_losses.comparing.jobs import Job

VOID = {"meta", "link", "img", "br", "path", "circle", "text"}


class Reader(html.parser.HTMLParser):
    """Reads a page, and notes what is not closed and what it asks for."""

    def __init__(self, text):
        super().__init__()
        self.open, self.faults, self.tags, self.texts = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "link", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> in {self.open}")
        else:
            self.open.pop()

    def handle_data(self, data):
        self.texts.append(data)


def rows(text):
    """The words of each row of the first table."""
    body = text[text.index("<table>") : text.index("</table>")]
    return [
        re.sub(r"<[^>]*>", " ", row).split() for row in re.findall("<tr>(.*?)</tr>", body, re.S)
    ]


def test_the_page_is_well_formed_and_asks_for_nothing(comparison):
    text = page.html(comparison)
    reader = Reader(text)
    assert not reader.faults and not reader.open
    kinds = [tag for tag, _ in reader.tags]
    assert "script" not in kinds and kinds.count("h1") == 1 and "template" not in kinds
    for tag, attributes in reader.tags:
        for name in ("src", "href", "srcset", "data", "xlink:href"):
            value = attributes.get(name, "data:")
            assert value.startswith(("data:", "#")), (tag, name, value)
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in text and "@import" not in text
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    links = [attributes["href"][1:] for tag, attributes in reader.tags if tag == "a"]
    assert len(ids) == len(set(ids)) and set(links) <= set(ids) and len(links) == 7


def test_who_cannot_see_it_is_told(comparison):
    reader = Reader(page.html(comparison))
    for tag, attributes in reader.tags:
        if tag == "img":
            assert attributes["alt"]
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
        if tag == "html":
            assert attributes["lang"] == "en"
    scrolling = [x for tag, x in reader.tags if x.get("class") == "scroll"]
    assert scrolling and all(x["tabindex"] == "0" for x in scrolling)


def test_what_others_wrote_is_text(comparison):
    text = page.html(comparison)
    for wrong in ("<script", "<i>all</i>", "<b>less</b>"):
        assert wrong not in text
    for right in ("&lt;script&gt;", "&lt;i&gt;all&lt;/i&gt;", "&lt;b&gt;less&lt;/b&gt; &amp; more"):
        assert right in text


def test_the_leaderboard_is_sorted_with_errors_and_ties(comparison):
    found = rows(leaderboard.html(comparison))
    assert [row[0] for row in found] == ["recipe", "wgan-gp", "hinge", "gan", "cgan", "one"]
    # 12 and 9, of which one training has failed; 10, 11 and 12.
    assert found[1][1:4] == ["10.5", "±", "1.5"] and "2 of 3" in " ".join(found[1])
    assert found[2][:6] == ["hinge", "≈", "11.00", "±", "0.58", "0.50"][:6] or found[2][1] == "≈"
    assert "≈" not in found[3] and found[3][1:4] == ["33.0", "±", "1.7"]
    assert found[4] == ["cgan", "not", "trained"] and found[5][-2:] == ["2", "0.9"]
    assert leaderboard.ties(comparison) == ["hinge"]


def test_what_may_be_concluded_is_said(comparison):
    text = re.sub("<[^>]*>", "", leaderboard.conclusion(comparison))
    assert text.startswith("By frechet[digits-cnn-0a1b2c3d], wgan-gp comes first with 10.5 ± 1.5.")
    assert "hinge cannot be told from it by 3 seeds each" in text
    assert "the others are behind it" in text
    assert "One half of the real data is 2 from the other, so that the best is 5.2 times" in text
    assert "not equal time" in text
    single = [run for run in comparison.runs if run.job.seed == 0]
    text = leaderboard.conclusion(dataclasses.replace(comparison, seeds=1, runs=single))
    assert "With one seed nobody knows" in text and "≈" not in text
    nothing = [dataclasses.replace(run, measured=None) for run in comparison.runs]
    text = leaderboard.conclusion(dataclasses.replace(comparison, runs=nothing))
    assert text == "<p>No training has come to its end yet: nothing can be said.</p>"
    page.html(dataclasses.replace(comparison, runs=nothing))


def test_costs_failures_and_warnings_are_there(comparison):
    texts = " ".join(Reader(page.html(comparison)).texts)
    assert "900 MiB" in texts and "12.5" in texts and "20.2" in texts
    assert "not trained: Expected labels" in texts
    assert "At step 50 <i>all</i> samples are alike." in texts
    assert "--dataset=folder:/a b" in texts.replace("'", "")


def test_sections_without_content_are_left_out(comparison, make_result):
    runs = [make_result("gan", seed, 1.0 + seed, rows=[]) for seed in range(3)]
    text = page.html(dataclasses.replace(comparison, runs=runs, refused={}, gan_types=["gan"]))
    titles = re.findall("<h2[^>]*>(.*?)</h2>", text)
    assert titles == ["Leaderboard", "Samples", "Cost", "Settings"]


def test_the_json_has_all_numbers_and_no_nan(comparison, make_result):
    runs = [*comparison.runs[1:], make_result("gan", 0, float("inf"))]
    found = json.loads(
        json.dumps(dataclasses.replace(comparison, runs=runs).json(), allow_nan=False)
    )
    assert found["recipes"]["hinge"]["frechet[digits-cnn-0a1b2c3d]"]["mean"] == 11.0
    assert found["recipes"]["gan"]["frechet[digits-cnn-0a1b2c3d]"]["mean"] is None
    assert found["refused"] == {"cgan": "Expected labels"}
    assert len(found["runs"]) == 9 and found["runs"][0]["cost"]["peak_bytes"] == 900 * 2**20
    failed = [run for run in found["runs"] if run["error"]]
    assert [(run["gan_type"], run["seed"]) for run in failed] == [("wgan-gp", 1)]
    assert found["better"]["precision[digits-cnn-0a1b2c3d]"] == "higher"


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (12.3456, 0.42, "12.35 ± 0.42"),
        (1234.5, 31.0, "1,234 ± 31"),
        (0.00123, 0.00004, "0.001230 ± 0.000040"),
        (8.0, 0.0, "8 ± 0"),
        (8.125, None, "8.125"),
        (float("nan"), None, "-"),
        (float("inf"), None, "∞"),
    ],
)
def test_numbers_have_the_digits_that_their_error_allows(value, error, expected):
    assert re.sub("<[^>]*>", "", markup.with_error(value, error)) == expected


def test_a_recipe_has_one_colour_everywhere(comparison):
    text = page.html(comparison)
    color = comparison.gan_types.index("wgan-gp")
    assert f'<path class="c{color}"' in text and f'class="mean c{color}"' in text


def test_the_settings_that_are_shown_are_those_of_the_trainings():
    assert "seed" not in {row.name for row in settings._rows()}
    assert Job("gan", 0).name == "gan-seed0"
