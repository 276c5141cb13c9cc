"""What the flags of `evaluate` compare: generated examples, real ones, by which features."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from absl.flags import FlagValues
from tfgan_losses.flags import checks, trained

from tfgan_losses import data_paths
from tfgan_losses.names import did_you_mean_path

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource
    from tfgan_losses.extractors import FeatureExtractor
    from tfgan_losses.measuring.opening import Opened
    from tfgan_losses.run_files.directory import RunDirectory

# What the examples of all data sets are brought to: that which the generator makes.
_OF_SHAPE = ("image_size", "fit", "channels")
# How the examples of a data set are read; beside its name.
_OF_READING = ("data_dir", "split", "white_level", "background")
_SWITCHES = ("skip_bad_images", "mirror")
_FILES = tuple(f"{kind}:" for kind in data_paths.KINDS)


class Compared:
    """Which things are compared; made and refused without TensorFlow.

    Args:
        flags: Of the group "evaluation".

    Attributes:
        flags: These.
        directory: The run, or None.
        generator: Otherwise the name of a data set of generated examples, or None for an export.

    Raises:
        ValueError: If there is no such thing, nothing or too much is named.
    """

    def __init__(self, flags: FlagValues):
        self.flags = flags
        if (flags.run is None) == (flags.generator is None):
            raise ValueError(
                "Expected one of --run=<directory> and --generator=<exported generator, folder of "
                f"images, .zip, .npz or .h5>. Received: {'both' if flags.run else 'neither'}"
            )
        if flags.checkpoint != "last" and flags.run is None:
            raise ValueError("Expected --checkpoint only with --run. Received: --generator")
        for one, other in (("dataset", "against"), ("extractor", "inception")):
            if flags[one].value is not None and flags[other].value is not None:
                raise ValueError(f"Expected one of --{one} and --{other}. Received: both")
        self.directory: RunDirectory | None = None if flags.run is None else trained.find(flags)
        self._saved = None if self.directory is None else trained.settings(self.directory)
        self.generator = None if flags.generator is None else _place(flags.generator, "generator")
        self._check_latents()
        self.dataset = self._find_dataset()
        if self.dataset != getattr(self._saved, "dataset", None):
            checks.check_path(self.dataset)

    def _check_latents(self) -> None:
        """Files have no latents any more."""
        if self.generator is None or not self.generator.startswith(_FILES):
            return
        for name in ("truncation", "standing_statistics"):
            if self.flags[name].value is not None:
                raise ValueError(
                    f"Expected --{name} for a generator. Received: --{name} with "
                    f"--generator={self.flags.generator}, which is examples"
                )

    def _find_dataset(self) -> str:
        if self.flags.against is not None:
            return _place(self.flags.against, "against")
        if self.flags.dataset is not None:
            return str(self.flags.dataset)
        if self._saved is None:
            raise ValueError(
                "Expected --dataset=<real data> or --against=<folder of images, .zip, .npz or "
                ".h5>. Received: neither"
            )
        return str(self._saved.dataset)

    @property
    def of_pyramid(self) -> bool:
        """Whether the run is one of one image."""
        return self.directory is not None and self.directory.is_of_pyramid()

    @property
    def split(self) -> str:
        """Which part of the data the real examples are."""
        own = self._saved is not None and self.dataset == self._saved.dataset
        return str(self._value("split", own) or "train")

    def load_real(self) -> BaseSource:
        """Returns the real data; read as in the run if it is that of the run."""
        from tfgan_losses import datasets

        own = self._saved is not None and self.dataset == self._saved.dataset
        options = self._shape(of_run=self._saved is not None)
        options |= {name: self._value(name, own) for name in _OF_READING}
        options["split"] = self.split
        options |= {name: bool(self._value(name, own)) for name in _SWITCHES}
        source = datasets.load(self.dataset, **options)
        if self.directory is not None and self.of_pyramid:
            from tfgan_losses.pyramid.results import finest_of

            source = finest_of(self.directory, source)
        return source

    def load_generated(self) -> BaseSource | None:
        """Returns generated examples that are files; None if there is a generator."""
        from tfgan_losses import datasets

        if self.generator is None or not self.generator.startswith(_FILES):
            return None
        return datasets.load(self.generator, **self._shape(of_run=False))

    def open_generator(self) -> Opened:
        """Returns the generator of the run, or the exported one."""
        from tfgan_losses.measuring import opening

        if self.directory is not None:
            return trained.open_generator(self.flags, self.directory)
        assert self.generator is not None
        return opening.open_export(self.generator)

    def extractor(self, source: BaseSource) -> FeatureExtractor:
        """Returns what gives the features: that of the flags, of the run, or a cheap one."""
        from tfgan_losses import extractors

        chosen = _named(self.flags)
        if chosen is None and self._saved is not None:
            chosen = _named(self._saved)
        if chosen is None and self.of_pyramid:
            raise ValueError(
                "Expected --inception=<inception-2015-12-05.tgz or .pb>, or --extractor=model:"
                "<.keras file>#<layer of feature maps>, by which patches of one image are compared "
                "(sifid). Received: neither, for a run of one image"
            )
        if chosen is None:
            chosen = "classifier" if self._can_be_learnt(source) else "pixels"
        return extractors.get(chosen, source, data_dir=self._value("data_dir", True))

    def _can_be_learnt(self, source: BaseSource) -> bool:
        """Whether there are real images with labels; of two sets none counts for more."""
        labelled = (source.num_classes or 0) > 1 and len(source.example_shape) == 3
        return labelled and self.flags.against is None

    def _shape(self, *, of_run: bool) -> dict[str, Any]:
        """Returns what images are brought to, as far as anything is said of it."""
        values = {name: self._value(name, of_run) for name in _OF_SHAPE}
        return {name: value for name, value in values.items() if value is not None}

    def _value(self, name: str, of_run: bool) -> Any:
        own = self.flags[name].value
        if own is not None or not of_run or self._saved is None:
            return own
        return self._saved[name].value


def _named(flags: FlagValues) -> str | None:
    """Returns the extractor that flags name; None if they leave it open, or have no such flags."""
    inception, extractor = (getattr(flags, name, None) for name in ("inception", "extractor"))
    if inception:
        return f"inception:{inception}"
    return None if extractor == "auto" else extractor


def _place(typed: str, flag: str) -> str:
    """Returns the name of a data set for a folder of images or an archive; an export as it is."""
    path = os.path.expanduser(typed)
    if os.path.isfile(os.path.join(path, "saved_model.pb")):
        return path
    if os.path.isfile(os.path.join(path, "flags.txt")):
        raise ValueError(
            f"Expected --{flag}=<exported generator, folder of images, .zip, .npz or .h5>. "
            f"Received: --{flag}={typed}, a run. Did you mean --run={typed}?"
        )
    kind = data_paths.kind_of(path)
    if os.path.exists(path) and kind != "image":
        return f"{kind}:{path}"
    state = "another file"
    if not os.path.isfile(path):
        state = f"which is not there{did_you_mean_path(typed, before=f'--{flag}=')}"
    raise ValueError(
        f"Expected --{flag}=<exported generator, folder of images, .zip, .npz or .h5>. "
        f"Received: --{flag}={typed}, {state}"
    )
