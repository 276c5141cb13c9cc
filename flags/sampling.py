"""The flags of the commands that use a trained generator."""

from __future__ import annotations

import math

from absl.flags import FlagValues
from tfgan_losses.flags import checks
from tfgan_losses.flags.flag import Flag

from tfgan_losses import image_sizes

_CHECKPOINTS = ("best", "last")
# Those of latents are in `tfgan_losses.truncation`, which needs TensorFlow.
STYLES = "styles"
TRUNCATION_KINDS = ("resampled", "scaled", STYLES)


def _checkpoint(value: str, flags: FlagValues) -> None:
    if value not in _CHECKPOINTS and not value.isdecimal():
        raise ValueError(f"Expected best, last, or a step such as 1000. Received: {value!r}")


def _positive(value: float, flags: FlagValues) -> None:
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"Expected a number above 0. Received: {value}")


def _truncation_kind(value: str, flags: FlagValues) -> None:
    if flags.truncation is None and value != TRUNCATION_KINDS[0]:
        raise ValueError(f"Expected it with --truncation=<number>. Received: {value!r} alone")


def _labels(value: str, flags: FlagValues) -> None:
    if not all(word.strip() for word in value.split(",")):
        raise ValueError(f"Expected classes with commas between. Received: {value!r}")


# fmt: off
RUN = Flag(
    "run", str, None,
    "Directory of a run, such as runs/digits-wgan-gp-001; it may still be training.",
    check=checks.path)
CHECKPOINT = Flag(
    "checkpoint", str, "last",
    "Which generator of the run: last, best (by the --monitor of the run) or the step of one of "
    "its checkpoints.", check=_checkpoint)
FOLDER = Flag(
    "output", str, None, "New or empty folder for the results.", check=checks.path)
_SEED = Flag(
    "seed", int, 0, "Decides the latents; another one gives other samples.",
    at_least=0, at_most=2**32 - 1)

_LATENTS: tuple[Flag, ...] = (
    Flag("truncation", float, None,
         "Latents of less variety, which make likelier samples: a normal distribution without "
         "what lies beyond -t and t. Default: none.", check=_positive),
    Flag("truncation_kind", str, "resampled",
         "What --truncation=t is: resampled, as in BigGAN's paper, where numbers are drawn again "
         "until they are within -t and t; or scaled, as in its released models, where they are "
         "drawn again until they are within -2 and 2, and multiplied by t; or styles, as in "
         "StyleGAN, whose styles keep t of their distance from the mean.",
         choices=TRUNCATION_KINDS, check=_truncation_kind),
    Flag("standing_statistics", int, None,
         "The means and variances of the generator's batch normalisation are those of so many "
         "batches of 256 of its own samples, truncated likewise; BigGAN's are of 16. Default: "
         "those that the training kept.", at_least=1),
)

SAMPLING: tuple[Flag, ...] = (
    RUN,
    CHECKPOINT,
    FOLDER,
    Flag("count", int, 100, "How many samples.", at_least=1),
    Flag("labels", str, None,
         "Classes of the samples, by name or number, with commas between several, which take "
         "turns: --labels=cat or --labels=3,7. Default: all classes, drawn evenly.",
         check=_labels),
    _SEED,
    *_LATENTS,
    Flag("height", int, None,
         "Of samples of a run of one image, in pixels. Default: as it was trained.", at_least=1),
    Flag("width", int, None, "Likewise; any aspect ratio can be had.", at_least=1),
    Flag("start_scale", int, None,
         "Of a run of one image: number of the coarsest scale with new noise. Below it is that of "
         "the image, so that more of its layout stays. Default: 0.", at_least=0),
    Flag("grid", bool, False, "One picture of all samples, samples.png, instead of many files."),
    Flag("npz", bool, False,
         "One archive, samples.npz, with uint8 images [n, height, width, channels] and labels, "
         "instead of many files; --dataset=npz:<file> reads it."),
)
INTERPOLATION: tuple[Flag, ...] = (
    RUN,
    CHECKPOINT,
    FOLDER,
    Flag("count", int, 6,
         "So many seeds are visited, one after the other and back to the first. Without "
         "conditions, each way between two of them is a row of the picture.", at_least=2),
    Flag("steps", int, 10, "Images on the way from one seed to the next.", at_least=2),
    _SEED,
)
EVALUATION: tuple[Flag, ...] = (
    RUN,
    CHECKPOINT,
    Flag("generator", str, None,
         "Instead of --run: an exported generator (a SavedModel), a folder of images, or a "
         ".zip, .npz or .h5 file.", check=checks.path),
    Flag("dataset", str, None,
         "Real data, as of train: digits, folder:<path>, zip:<file>, npz:<file> and so on, or a "
         "TensorFlow Datasets name. Default: that of the run.", check=checks.data_set),
    Flag("against", str, None,
         "Instead of --dataset: a folder of images or a .zip, .npz or .h5 file to compare "
         "with, in the place of the real data.", check=checks.path),
    Flag("metrics", str, None,
         "What is measured, such as 'frechet, kernel(block_size=500)'. Default: frechet, kernel, "
         "precision_recall and density_coverage.",
         check=checks.specs_of("metric", "metrics")),
    Flag("extractor", str, None,
         "Features that are compared: pixels, points, classifier (trained on the labels of the "
         "data), model:<file> and more, see docs/metrics/extractors.md. Default: that of the run, "
         "if its flags name one; classifier for images with labels; else pixels."),
    Flag("inception", str, None,
         "The 2015 Inception graph of the FID, inception-2015-12-05.tgz or a .pb file; instead of "
         "--extractor.", check=checks.path),
    Flag("samples", int, None,
         "Generated examples. Default: 10,000, or as many as there are real ones if these are "
         "fewer.", at_least=2),
    Flag("real_samples", int, None,
         "Real examples at most. Default: all; of endless data as many as generated ones.",
         at_least=2),
    _SEED,
    *_LATENTS,
    Flag("output", str, None,
         "New file for the numbers and all that is needed to compare them. Default: "
         "evaluation-<number>.json in the run, or in the working directory.", check=checks.path),
    Flag("data_dir", str, None,
         "Where TensorFlow Datasets keeps its files. Default: as in the run."),
    Flag("split", str, None, "Split of the data. Default: that of the run, or 'train'."),
    Flag("image_size", str, None,
         "Pixels of squares, such as 64, or height x width, such as 64x96, that images are resized "
         "to, those of --generator and --against, too. Default: that of the run; else they are "
         "taken as they are.", check=checks.image_size),
    Flag("fit", str, None,
         "How images of another shape get there, as of train. Default: that of the run, or crop.",
         choices=image_sizes.FITS),
    Flag("channels", int, None,
         "1 (grey), 3 (RGB) or 4 (RGB and transparency), those of --generator and --against, too. "
         "Default: those of the run, or of the data.", check=checks.channels),
    Flag("white_level", float, None,
         "The value of a pixel of the data that is white. Default: that of the run, or the "
         "largest of the type."),
    Flag("background", str, None,
         "Colour behind transparent parts of images of the data. Default: that of the run, or "
         "white."),
    Flag("skip_bad_images", bool, None,
         "Leave out files of the data that cannot be read. Default: as in the run."),
    Flag("mirror", bool, None,
         "Count the mirror images of the data as data. Default: as in the run."),
)
# fmt: on
