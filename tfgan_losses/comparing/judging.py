"""Measures all finished trainings in one and the same way, and the real data beside itself."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from absl.flags import FlagValues

# For their classes, which Keras looks for by name.
import tfgan_losses.gan
import tfgan_losses.models  # noqa: F401
from tfgan_losses import conditioning, extractors, metrics
from tfgan_losses.comparing import sample_pictures
from tfgan_losses.measuring import GANSampler, Measurement
from tfgan_losses.run_files.atomic import atomic_path
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.extractors import FeatureExtractor
    from tfgan_losses.gan import GAN
    from tfgan_losses.metrics import GeneratorMetric
    from tfgan_losses.metrics.base import Estimates

_FORMAT = 1
_DEFAULT = "frechet, kernel, precision_recall"
# Mean and covariance are nearly blind to lost modes, and the distribution is known.
_DEFAULT_OF_MIXTURES = "mixture, frechet"
_MOST_REAL = 50_000
_BARE_MIXTURE = re.compile(r"\bmixture\b(?!\s*\()")
# Of measuring and of the pictures; trainings have their own.
SEED = 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured of one training, in plain values.

    Attributes:
        numbers: Column -> value.
        errors: Column -> standard error within this training, where there is one.
        picture: HTML of a picture of samples; the same latents for every training.
        error: Why there are no numbers, or an empty string.
    """

    numbers: dict[str, float] = dataclasses.field(default_factory=dict)
    errors: dict[str, float] = dataclasses.field(default_factory=dict)
    picture: str = ""
    error: str = ""


def measurement(flags: FlagValues, source: BaseSource) -> Measurement:
    """Returns what measures all trainings.

    Raises:
        ValueError: If there is no such metric or extractor, or one does not fit the data.
        OSError: If the file of an extractor cannot be read.
    """
    extractor = extractors.get(extractor_for(flags, source), source, data_dir=flags.data_dir)
    # Twice as many where they have no end, so that a half is as many as are generated.
    real = 2 * flags.samples if source.size is None else min(source.size, _MOST_REAL)
    return Measurement.beside(
        source,
        _metrics(flags.metrics, source, extractor),
        extractor,
        samples=flags.samples,
        real_samples=real,
        seed=SEED,
    )


def extractor_for(flags: FlagValues, source: BaseSource) -> str:
    """Returns the name of the extractor that all trainings are measured with."""
    if flags.extractor != "auto":
        return str(flags.extractor)
    labelled = len(source.example_shape) == 3 and (source.num_classes or 0) > 1
    return "classifier" if labelled else "pixels"


def _metrics(
    text: str | None, source: BaseSource, extractor: FeatureExtractor
) -> list[GeneratorMetric]:
    mixture = getattr(source, "mixture", None)
    if text is None and mixture is not None:
        text = _DEFAULT_OF_MIXTURES
    elif text is None:
        text = f"{_DEFAULT}, class_coverage" if extractor.has_logits else _DEFAULT
    if mixture is not None:
        options = f"centers={np.asarray(mixture.centers).tolist()}, sigma={mixture.sigma}"
        text = _BARE_MIXTURE.sub(f"mixture({options})", text)
    return metrics.get_all(text)


def floor(measuring: Measurement) -> Estimates:
    """Returns what is measured of one half of the real examples beside the other.

    No generator can be told to be better than that by so few examples.
    """
    real = measuring.real
    order = np.random.default_rng(SEED).permutation(len(real))
    first, second = (real.at(np.sort(part)) for part in np.array_split(order, 2))
    columns = iter(measuring.columns)
    found: Estimates = {}
    for metric in measuring.metrics:
        estimates = metric.measure(first, second)
        found |= {next(columns): estimates[name] for name in metric.best}
    return found


def judge(run: RunDirectory, path: Path, measuring: Measurement, source: BaseSource) -> Measured:
    """Measures a finished training, unless that has been done in the same way before.

    Args:
        run: The training.
        path: File in which it is kept.
        measuring: Measures it.
        source: The data.

    Raises:
        OSError: If the file cannot be written.
    """
    key = _key(run, measuring)
    found = _read(path, key)
    if found is None:
        found = _judged(run, measuring, source)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            text = json.dumps({"key": key, "measured": dataclasses.asdict(found)}, indent=1)
            temporary.write_text(text + "\n", encoding="utf-8")
    return found


def _judged(run: RunDirectory, measuring: Measurement, source: BaseSource) -> Measured:
    try:
        gan = keras.saving.load_model(run.gan)
        estimates = measuring.of(GANSampler(gan))
    except (ValueError, OSError, FloatingPointError) as error:
        return Measured(error=(str(error).splitlines() or [type(error).__name__])[0])
    errors = {name: x.standard_error for name, x in estimates.items()}
    return Measured(
        numbers={name: estimate.value for name, estimate in estimates.items()},
        errors={n: x for n, x in errors.items() if x is not None and math.isfinite(x)},
        picture=sample_pictures.html_of(_samples(gan, source), source, what="Samples"),
    )


def _samples(gan: GAN, source: BaseSource) -> np.ndarray:
    count = sample_pictures.count(source)
    if not count:
        return np.empty(0)
    labels = None
    if isinstance(gan.condition, conditioning.Labels):
        labels = np.arange(count) % gan.condition.num_classes
    return gan.generate(count, seed=SEED, labels=labels)


def _key(run: RunDirectory, measuring: Measurement) -> dict[str, Any]:
    """Returns all that the numbers depend on, as JSON gives it back."""
    with open(run.gan, "rb") as file:
        model = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "format": _FORMAT,
        "model": model,
        "metrics": [repr(metric) for metric in measuring.metrics],
        "extractor": measuring.extractor.name,
        "real": len(measuring.real),
        "samples": measuring.samples,
        "seed": measuring.seed,
    }


def _read(path: Path, key: dict[str, Any]) -> Measured | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Measured(**found["measured"]) if found["key"] == key else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
