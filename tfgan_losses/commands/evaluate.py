"""Measures a generator beside real data: a table, and a JSON file with all it needs to compare.

python -m tfgan_losses evaluate --run=runs/digits-acgan-001
python -m tfgan_losses evaluate --run=runs/cifar10-sngan-001 --inception=inception-2015-12-05.tgz
python -m tfgan_losses evaluate --generator=samples/ --dataset=folder:photos --image_size=64
python -m tfgan_losses evaluate --generator=samples/ --against=others/ --metrics=precision_recall
python -m tfgan_losses evaluate --run=runs/photo --inception=inception-2015-12-05.tgz

Numbers of different features, samples or sizes do not compare; see
docs/metrics/which-numbers-compare.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from absl.flags import FlagValues

from tfgan_losses import libraries
from tfgan_losses.commands import Command
from tfgan_losses.flags import outputs, trained
from tfgan_losses.flags.compared import Compared

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.measuring import Measurement
    from tfgan_losses.measuring.evaluation import Facts
    from tfgan_losses.measuring.samplers import Sampler
    from tfgan_losses.metrics import GeneratorMetric

_DEFAULT_METRICS = ("frechet", "kernel", "precision_recall", "density_coverage")
_DEFAULT_SAMPLES = 10_000
_SAMPLES_OF_ONE_IMAGE = 50  # As in the paper.


def run(flags: FlagValues, typed: str) -> int:
    """Goes from a generator and real data to numbers.

    Args:
        flags: Of the group "evaluation".
        typed: What was typed before them.

    Returns:
        0.

    Raises:
        ValueError: If there is no such generator, data, metric or extractor, they do not fit each
            other, or there are too few examples.
        OSError: If data cannot be read or the file cannot be written.
    """
    compared = Compared(flags)
    folder = Path() if compared.directory is None else compared.directory.path
    output = outputs.new_file(flags.output, folder, "evaluation")
    libraries.with_libraries(_evaluate)(flags, typed, compared, output)
    return 0


def _evaluate(flags: FlagValues, typed: str, compared: Compared, output: Path) -> None:
    from tfgan_losses.measuring.evaluation import Evaluation
    from tfgan_losses.metrics import get_all

    # A mistyped option is refused before anything is read.
    metrics = None if flags.metrics is None else get_all(flags.metrics)
    source = compared.load_real()
    metrics = metrics or _default_metrics(source, compared.of_pyramid)
    sampler, generated = _generated(compared, source)
    measurement = _measurement(flags, compared, source, sampler, metrics)
    _tell(measurement, sampler, source)
    evaluation = Evaluation(
        measurement,
        measurement.of(sampler),
        example_shape=source.example_shape,
        generated=generated,
        real={**_facts(source), "split": compared.split},
        command=_repeated(flags, typed),
    )
    print(evaluation.table())
    evaluation.write(output)
    print(f"\n{output}")


def _measurement(
    flags: FlagValues,
    compared: Compared,
    source: BaseSource,
    sampler: Sampler,
    metrics: Sequence[GeneratorMetric],
) -> Measurement:
    from tfgan_losses.measuring import Measurement
    from tfgan_losses.measuring.samplers import SourceSampler

    there = sampler.size if isinstance(sampler, SourceSampler) else None
    enough = _SAMPLES_OF_ONE_IMAGE if compared.of_pyramid else _enough(source.size, there)
    samples = flags.samples or enough
    if isinstance(sampler, SourceSampler):
        sampler.check(samples)
    return Measurement.beside(
        source,
        metrics,
        compared.extractor(source),
        samples=samples,
        real_samples=flags.real_samples or (samples if source.size is None else None),
        seed=flags.seed,
    )


def _tell(measurement: Measurement, sampler: Sampler, source: BaseSource) -> None:
    """Prints what is compared, before the numbers take their time."""
    print(f"generated: {sampler.name}: {measurement.samples:,} examples, seed {measurement.seed}")
    count, width = measurement.real.features.shape
    print(f"real:      {source.name}: {count:,} examples of shape {source.example_shape}")
    resizing = measurement.extractor.resizing(tuple(source.example_shape))
    behind = f", {resizing}" if resizing else ""
    print(f"features:  {measurement.extractor.name}: {width:,} numbers{behind}\n")


def _default_metrics(source: BaseSource, of_pyramid: bool) -> list[GeneratorMetric]:
    from tfgan_losses import metrics

    if of_pyramid:
        return metrics.get_all("sifid")
    found = metrics.get_all(_DEFAULT_METRICS)
    mixture = getattr(source, "mixture", None)
    if mixture is not None:
        found.append(metrics.MixtureMetric(mixture.centers, mixture.sigma))
    return found


def _generated(compared: Compared, source: BaseSource) -> tuple[Sampler, Facts]:
    """Returns the generated examples and what they are."""
    from tfgan_losses.measuring.samplers import GANSampler, SourceSampler, in_flags

    files = compared.load_generated()
    if files is not None:
        return SourceSampler(files, like=source.example_shape), _facts(files)
    opened = compared.open_generator()
    shape = tuple(opened.generator.example_shape)
    if shape != tuple(source.example_shape):
        raise ValueError(
            f"Expected real examples of shape {shape}, which the generator makes"
            f"{in_flags(tuple(source.example_shape), shape)}. "
            f"Received: {source.name} of shape {source.example_shape}"
        )
    opened = trained.as_asked(compared.flags, opened)
    sampler = GANSampler(opened.generator, truncation=trained.truncation(compared.flags))
    sampler.name = str(opened)
    return sampler, {**opened.facts}


def _enough(real: int | None, generated: int | None) -> int:
    return min(each for each in (_DEFAULT_SAMPLES, real, generated) if each is not None)


def _facts(source: BaseSource) -> Facts:
    return {
        "name": source.name,
        "size": source.size,
        "preparation": source.preparation,
        "fingerprint": None if source.fingerprint is None else {**source.fingerprint},
    }


def _repeated(flags: FlagValues, typed: str) -> str:
    """Returns the command with the flags that were given."""
    return " ".join([typed, *(flags[name].serialize() for name in flags if flags[name].present)])


COMMAND = Command(description=__doc__ or "", groups=("evaluation",), run=run)
