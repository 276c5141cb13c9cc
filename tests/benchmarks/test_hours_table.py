"""The table of hours that docs/choose.md has."""


def test_ms_and_hours(script):
    text = script("hours").table({"gan": [0.036, 0.36], "r3gan": [0.36, 3.6]}, [32, 64])
    assert text.splitlines() == [
        "| gan_type | 32 px: ms a step | hours | 64 px: ms a step | hours |",
        "|:--|--:|--:|--:|--:|",
        "| `gan` | 36 | 0.1 | 360 | 1 |",
        "| `r3gan` | 360 | 1 | 3600 | 10 |",
    ]
