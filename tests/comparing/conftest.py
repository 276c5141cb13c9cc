import dataclasses

import pytest

from tfgan_losses.comparing import cost, judging, results
from tfgan_losses.comparing.jobs import Job

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8A"
    "AAAASUVORK5CYII="
)
NAMES = ["gan", "hinge", "wgan-gp"]


def result_of(gan_type, seed, frechet=None, **more):
    """A training with a distance, or one that has failed."""
    measured = None
    if frechet is not None:
        picture = f'<img width="1" height="1" alt="Samples: 36 images" src="{PIXEL}">'
        numbers = {"frechet[digits-cnn-0a1b2c3d]": frechet, "precision[digits-cnn-0a1b2c3d]": 0.5}
        measured = judging.Measured(numbers=numbers, errors={}, picture=picture)
    defaults = {
        "job": Job(gan_type, seed),
        "state": "failed: Expected <b>less</b> & more" if measured is None else "finished",
        "step": 100,
        "cost": cost.Cost(12.5, 20.25, 900 * 2**20, 1),
        "milliseconds_per_step": 41.0,
        "measured": measured,
        "warnings": [],
        "rows": [
            {"step": step, "d_loss": 1.0, "g_loss": -step, "frechet[pixels]": 1000.0 / step}
            for step in (50, 100)
        ],
    }
    return results.RunResult(**{**defaults, **more})


@pytest.fixture
def make_result():
    return result_of


@pytest.fixture
def comparison():
    """Three recipes and three seeds, of which one training has failed."""
    distances = {"gan": (30.0, 33.0, 36.0), "hinge": (11.0, 10.0, 12.0), "wgan-gp": (12.0, None, 9)}
    runs = [result_of(name, i, x) for name, own in distances.items() for i, x in enumerate(own)]
    warning = (50, "collapse", "At step 50 <i>all</i> samples are alike.")
    runs[0] = dataclasses.replace(runs[0], warnings=[warning])
    return results.Results(
        gan_types=[*NAMES, "cgan"],
        seeds=3,
        steps=100,
        columns={"frechet[digits-cnn-0a1b2c3d]": "min", "precision[digits-cnn-0a1b2c3d]": "max"},
        floor={"frechet[digits-cnn-0a1b2c3d]": 2.0, "precision[digits-cnn-0a1b2c3d]": 0.9},
        runs=runs,
        refused={"cgan": "Expected labels"},
        data="folder:/<script>alert(1)</script>, 100 examples of shape (8, 8, 1)",
        real_picture=f'<img width="1" height="1" alt="Real data" src="{PIXEL}">',
        measuring={"metrics": ["frechet()"], "samples": 1000},
        settings={"dataset": "folder:/<script>alert(1)</script>", "steps": 100, "width": None},
        command="python -m tfgan_losses compare --steps=100 '--dataset=folder:/a b'",
        circumstances="2026-11-27, TensorFlow 2.21.0",
    )
