"""One set of images and one network, and as many Fréchet distances as there are ways to use them.

    python benchmarks/resizers.py

The 1797 digits, drawn four times as large (32x32, bicubic, uint8), are two halves; the second one
gets noise in each pixel, as a generator may have it. Every resizer brings both back to the 8x8
that the classifier of the digits reads, and the distance between the halves is taken. The last
column is that of the first half from itself, brought there by averaging areas: none but the
resizer differs. A second table is of one resizer and fewer images.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import numpy as np
import tensorflow as tf
from PIL import Image

from tfgan_losses import datasets, extractors
from tfgan_losses.extractors.resizing import RESIZERS
from tfgan_losses.metrics import frechet_distance

_SIDE, _ENLARGED = 8, 32
_SEED, _NOISE = 0, 40.0
_COUNTS = (100, 200, 400, 898)

# Of two that people use beside those of this library.
_OTHERS = {
    "bilinear, half-pixel centres, not antialiased": functools.partial(
        tf.image.resize, method="bilinear"
    ),
    "nearest": functools.partial(tf.image.resize, method="nearest"),
}


def main() -> None:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps its files")
    source = datasets.load("digits", data_dir=parser.parse_args().data_dir)
    extractor = extractors.get("classifier", source)
    print(command_line.header({"extractor": extractor.name, "noise": _NOISE}))
    halves = _halves(source)
    _print_resizers(halves, extractor)
    _print_counts(halves, extractor)


def _halves(source: datasets.Source) -> list[np.ndarray]:
    """Returns both halves, uint8 [n, 32, 32, 1], the second one with noise."""
    generator = np.random.default_rng(_SEED)
    digits = extractors.quantised(source.take(10_000)[0])[generator.permutation(source.size)]
    size = (_ENLARGED, _ENLARGED)
    large = [
        np.array(Image.fromarray(digit[..., 0]).resize(size, Image.BICUBIC)) for digit in digits
    ]
    first, second = np.array_split(np.stack(large)[..., None], 2)
    noisy = second + generator.normal(0, _NOISE, second.shape)
    return [first, np.clip(np.rint(noisy), 0, 255).astype("uint8")]


def _enlarged(image: np.ndarray) -> np.ndarray:
    return np.array(Image.fromarray(image).resize((_ENLARGED, _ENLARGED), Image.BICUBIC))


def _print_resizers(halves: list[np.ndarray], extractor: extractors.FeatureExtractor) -> None:
    resizers: Mapping[str, Callable] = {**RESIZERS, **_OTHERS}
    features = {
        name: [extractor(_resized(half, resize)).features for half in halves]
        for name, resize in resizers.items()
    }
    print("| resizer | noisy half beside the other | the same images beside those of `area` |")
    print("|---|---|---|")
    for name, (first, second) in features.items():
        apart = frechet_distance(first, second)
        itself = frechet_distance(features["area"][0], first)
        print(f"| {name} | {apart:.2f} | {itself:.2f} |")


def _print_counts(halves: list[np.ndarray], extractor: extractors.FeatureExtractor) -> None:
    first, second = (extractor(_resized(half, RESIZERS["area"])).features for half in halves)
    print("\n| images of each half, area | " + " | ".join(map(str, _COUNTS)) + " |")
    print("|---" * (len(_COUNTS) + 1) + "|")
    found = [frechet_distance(first[:count], second[:count]) for count in _COUNTS]
    print("| distance | " + " | ".join(f"{each:.2f}" for each in found) + " |")


def _resized(images: np.ndarray, resize: Callable) -> np.ndarray:
    small = resize(tf.constant(images, tf.float32), (_SIDE, _SIDE)).numpy()
    return np.clip(np.rint(small), 0, 255).astype("uint8")


if __name__ == "__main__":
    main()
