"""Writes golden.npz: what three steps of every recipe do, computed in PyTorch in float64.

    python tests/golden/make_golden.py           # all cases
    python tests/golden/make_golden.py wgan-gp   # one

Needs torch, which `pip install -e ".[bench]"` brings; the test reads only the numbers. The
reference takes initial weights, data and random draws from golden_cases.py and nothing else of the
library.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import golden_cases as cases
import numpy as np
import torch
from reference_training import Training, recipe

GOLDEN = Path(__file__).with_name("golden.npz")


def three_steps(name: str, draws: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Movements of all variables, moments of both optimisers, and means of what is logged."""
    networks = cases.make_networks(cases.RECIPES[name])
    before = [cases.values_of(network) for network in networks]
    training = Training(
        recipe(name, cases.RUN_STEPS), *before, [cases.trainable_names(n) for n in networks]
    )
    examples, labels = (torch.tensor(x) for x in cases.make_data(name))
    double = {key: torch.tensor(x, dtype=torch.float64) for key, x in draws.items()}
    size = cases.BATCH * training.recipe.d_steps
    reports = [
        training.train_step(x.double(), y, double)
        for x, y in zip(examples.split(size), labels.split(size), strict=True)
    ]
    logs = {key: np.mean([report[key] for report in reports]) for key in reports[0]}
    return (
        moved("generator", numbers_of(training.g), before[0])
        | moved("average", cases.with_sign(numbers_of(training.average)), before[0])
        | moved("discriminator", numbers_of(training.d), before[1])
        | moments_of("generator", training.g_optimizer)
        | moments_of("discriminator", training.d_optimizer)
        | cases.prefixed("log", logs)
    )


def numbers_of(variables: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    return {name: value.detach().numpy() for name, value in variables.items()}


def moved(prefix: str, after: dict[str, np.ndarray], before: dict[str, np.ndarray]) -> dict:
    return cases.prefixed(prefix, cases.differences(after, before))


def moments_of(prefix: str, optimizer) -> dict[str, np.ndarray]:
    return {
        f"{prefix} {name} {kind}": value.numpy()
        for kind, values in optimizer.moments.items()
        for name, value in values.items()
    }


def main(names: list[str]) -> None:
    draws = cases.make_draws()
    found = dict(np.load(GOLDEN)) if GOLDEN.exists() else {}
    for name in names or cases.RECIPES:
        found[name] = cases.to_vector(three_steps(name, draws))
    found |= cases.prefixed("draws", draws)
    np.savez_compressed(GOLDEN, **{key: found[key] for key in sorted(found)})


if __name__ == "__main__":
    main(sys.argv[1:])
