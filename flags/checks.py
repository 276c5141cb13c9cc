"""What can be said of the value of a flag before TensorFlow, whose import takes seconds.

Each check takes a value, and all flags for what else it depends on, and raises ValueError if the
value cannot be meant.
"""

from __future__ import annotations

import functools
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from absl.flags import FlagValues

from tfgan_losses import data_paths, gan_types, image_sizes, names, specs

Check: TypeAlias = Callable[[Any, FlagValues], None]

MODELS = (
    "auto",
    "mlp",
    "deep_mlp",
    "dcgan",
    "resnet",
    "r3gan",
    "sagan",
    "biggan",
    "biggan_deep",
    "stylegan2",
    "patch",
)
_OF_FEATURES = ("batch", "layer", "instance", "conditional_batch")
G_NORMALIZATIONS = (
    *("auto", "none", *_OF_FEATURES),
    *("spectral", *(f"spectral+{name}" for name in _OF_FEATURES)),
)
D_NORMALIZATIONS = tuple(name for name in G_NORMALIZATIONS if "conditional" not in name)
_DATA_SETS = ("digits", "ring8", "grid25")
_KINDS_OF_PATHS = tuple(data_paths.KINDS)
# Of `extractors.KINDS`, whose module needs Keras; behind some of them stands what a user has.
EXTRACTORS = ("auto", "pixels", "points", "classifier")
EXTRACTORS_OF_FILES = ("inception", "application", "model")
_LIBRARY = Path(gan_types.__file__).parent
# What a run reports beside its terms: that they may be added to is known only later.
_COLUMNS = ("d_loss", "g_loss", "d_real", "d_fake", "w_distance", "k", "convergence",
            "class_accuracy", "categorical_information", "categorical_entropy",
            "continuous_information", "mean_path_length", "g_attention_gamma",
            "d_attention_gamma")  # fmt: skip


def gan_type(value: str, flags: FlagValues) -> None:
    """A recipe."""
    gan_types.get(value)


def one_of(kind: str, known: tuple[str, ...]) -> Check:
    """A check for one of a few names."""

    def check(value: str, flags: FlagValues) -> None:
        if value not in known:
            raise ValueError(names.unknown(kind, value, known))

    return check


def loss(value: str, flags: FlagValues) -> None:
    """A loss, and no recipe."""
    if value in gan_types.names() and value not in registered("losses"):
        raise ValueError(
            f"Expected a loss. Received: {value!r}, a recipe. Write --gan_type={value}"
        )
    specs_of("loss", "losses")(value, flags)


def specs_of(kind: str, place: str) -> Check:
    """A check for specs, of which it looks at the names.

    Args:
        kind: What they are, in the singular.
        place: The folder or file of the library that registers them.
    """

    def check(value: str, flags: FlagValues) -> None:
        for name, options in specs.read(value, kind, nested=True):
            one_of(kind, registered(place))(name, flags)
            for option in options.values():
                if isinstance(option, specs.Spec) and option.name not in _options_of(place):
                    one_of("schedule", registered("schedules.py"))(option.name, flags)

    return check


def _options_of(place: str) -> tuple[str, ...]:
    """What options may be beside schedules: penalties have augmentations of their own."""
    return registered("augmentations") if place == "penalties" else ()


def decay(value: str, flags: FlagValues) -> None:
    """A number below 1, or the spec of a schedule, for --ema_decay."""
    try:
        number = float(value)
    except ValueError:
        _check_schedule(value, flags, "ema_decay", "half_life(start=0, end=0.25)")
    else:
        if not 0.0 <= number < 1.0:
            raise ValueError(
                f"Expected ema_decay in (0, 1), or 0 for no average. Received: ema_decay={number}"
            )


def _check_schedule(value: str, flags: FlagValues, name: str, example: str) -> None:
    if re.fullmatch(r"[\w.+-]+", value) and value not in registered("schedules.py"):
        raise ValueError(
            f"Expected {name} to be a number or a schedule such as {example!r}. "
            f"Received: {name}={value!r}"
        )
    specs_of("schedule", "schedules.py")(value, flags)


def finite(value: float, flags: FlagValues) -> None:
    """A number."""
    if not math.isfinite(value):
        raise ValueError(f"Expected a finite number. Received: {value}")


def path(value: str, flags: FlagValues) -> None:
    """Checks that it can be a path; another flag follows where one was forgotten."""
    if not value.strip() or value.startswith("--"):
        raise ValueError(f"Expected a path. Received: {value!r}")


def above_zero(value: float, flags: FlagValues) -> None:
    """A number above 0."""
    if not 0.0 < value < math.inf:
        raise ValueError(f"Expected a finite number > 0. Received: {value}")


def between_0_and_1(value: float, flags: FlagValues) -> None:
    """A number between 0 and 1, neither of them."""
    if not 0.0 < value < 1.0:
        raise ValueError(f"Expected a number in (0, 1). Received: {value}")


def number_in(name: str, low: float, high: float, *, above: bool = False) -> Check:
    """A check for a number in a range, or the spec of a schedule.

    Args:
        name: Of the flag.
        low: The smallest number.
        high: The largest.
        above: Whether the number must be larger than the smallest.
    """

    def check(value: str, flags: FlagValues) -> None:
        try:
            number = float(value)
        except ValueError:
            _check_schedule(value, flags, name, "exponential(start=1, end=0.5)")
            return
        if not low <= number <= high or (above and number == low):
            span = f"{'(' if above else '['}{low:g}, {high:g}]"
            raise ValueError(f"Expected {name} in {span}. Received: {name}={value}")

    return check


def image_size(value: str, flags: FlagValues) -> None:
    """Pixels of squares, or height x width."""
    image_sizes.size_of(value)


def channels(value: int, flags: FlagValues) -> None:
    """A number of channels that images can have."""
    if value not in image_sizes.CHANNELS:
        raise ValueError(f"Expected 1, 3 or 4. Received: {value}")


def data_set(value: str, flags: FlagValues) -> None:
    """A data set that is known, or something that can be a path."""
    kind, colon, path = value.partition(":")
    if value in _DATA_SETS or (colon and kind in _KINDS_OF_PATHS):
        return
    found = Path(value).expanduser()
    if (value and found.exists()) or os.sep in value[:2]:
        right = data_paths.kind_of(value)
        raise ValueError(
            f"Expected a path behind the kind of data that lies there. Received: {value!r}. "
            f"Did you mean '{right}:{value}'?"
        )
    near = names.nearest(kind, _KINDS_OF_PATHS)
    if colon and near:
        raise ValueError(
            f"Expected one of {data_paths.ALL}. Received: {value!r}. Did you mean '{near}:{path}'?"
        )
    # With a configuration and a version behind it.
    name = re.split("[/:]", value)[0]
    prepared = Path(flags.data_dir or "~/tensorflow_datasets").expanduser() / name
    known = (*_DATA_SETS, *_published_data_sets())
    if name not in known and not (name and prepared.exists()):
        raise ValueError(
            f"Unknown data set. Expected one of {', '.join(_DATA_SETS)}, {data_paths.ALL}, "
            "or the name of a TFDS data set "
            f"(https://www.tensorflow.org/datasets/catalog). Received: {value!r}"
            f"{names.did_you_mean(name, known)}"
        )


def check_path(value: str) -> None:
    """Raises ValueError if a data set is a path where nothing lies; not in flags of another run."""
    kind, _, path = value.partition(":")
    there = any(map(os.path.exists, (path, os.path.expanduser(path))))
    # Of an empty path the loading speaks.
    if kind not in _KINDS_OF_PATHS or not path or there:
        return
    what, content = data_paths.KINDS[kind][:2]
    raise ValueError(
        f"No such {what}. Expected a {what}{content}. Received: {kind}:{path}"
        f"{names.did_you_mean_path(path, before=f'{kind}:')}"
    )


def _published_data_sets() -> list[str]:
    import tensorflow_datasets as tfds  # Without TensorFlow, until it is used.

    return tfds.list_builders(with_community_datasets=False)


def callbacks(value: str, flags: FlagValues) -> None:
    """Names of functions in modules."""
    for typed in names_of_callbacks(value):
        if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*", typed):
            raise ValueError(
                "Expected <module>:<function>, such as trackers:mlflow for the function mlflow of "
                f"trackers.py, or several of them with commas between. Received: {typed!r}"
            )


def names_of_callbacks(value: str | None) -> list[str]:
    """The parts of --callbacks, each once."""
    parts = (part.strip() for part in (value or "").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def extractor(value: str, flags: FlagValues) -> None:
    """The name of an extractor, or a kind of it and what comes behind."""
    kind, colon, rest = value.partition(":")
    if value in EXTRACTORS or (rest and kind in EXTRACTORS_OF_FILES):
        return
    known = [*EXTRACTORS, *(f"{each}:" for each in EXTRACTORS_OF_FILES)]
    raise ValueError(names.unknown("extractor", kind + colon, known))


def inception(value: str, flags: FlagValues) -> None:
    """A file, and no other extractor."""
    if not value.strip():
        raise ValueError("Expected --inception=<file>. Received: --inception=")
    if flags.extractor != "auto":
        raise ValueError(
            "Expected one extractor, --inception=<file> or --extractor=<another>. "
            f"Received: --inception={value} --extractor={flags.extractor}"
        )


def check_measuring(flags: FlagValues) -> None:
    """Raises ValueError if evaluations have no rows, or a file is missing; of all flags."""
    inception_path = flags.inception or ""
    if inception_path and not os.path.exists(os.path.expanduser(inception_path)):
        raise ValueError(
            "No such file. Expected the Inception network of 2015, inception-2015-12-05.tgz or "
            f".pb. Received: --inception={inception_path}"
            f"{names.did_you_mean_path(inception_path, before='--inception=')}"
        )
    if flags.eval_every is not None and flags.eval_every % flags.log_every:
        near = max(1, round(flags.eval_every / flags.log_every)) * flags.log_every
        raise ValueError(
            "Expected --eval_every to be a multiple of --log_every, so that what is measured has a "
            f"row of its step. Received: --eval_every={flags.eval_every} "
            f"--log_every={flags.log_every}. Did you mean --eval_every={near}?"
        )


def monitor(value: str, flags: FlagValues) -> None:
    """A column of metrics.csv, as far as a slip of the finger goes."""
    terms = [*registered("penalties"), *registered("auxiliary")]
    known = [*_COLUMNS, *terms, *(f"{player}_{term}" for player in "dg" for term in terms)]
    known += registered("metrics")
    # Of what is measured, the extractor stands behind.
    name = value.partition("[")[0]
    if name not in known and names.nearest(name, known, likeness=0.8):
        raise ValueError(
            f"Unknown column of metrics.csv. Received: {value!r}{names.did_you_mean(value, known)}"
        )


@functools.cache
def registered(place: str) -> tuple[str, ...]:
    """The names that the classes of a folder or file of the library are registered by.

    Read from its text: an import would be that of TensorFlow.
    """
    files = sorted((_LIBRARY / place).glob("*.py")) or [_LIBRARY / place]
    pattern = re.compile(r'^@registry\.register\("(\w+)"\)', re.MULTILINE)
    return tuple(sorted(n for file in files for n in pattern.findall(file.read_text("utf-8"))))
