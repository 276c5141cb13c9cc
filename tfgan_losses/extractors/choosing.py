"""`get`, the one way from the name of an extractor to the extractor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_losses import names
from tfgan_losses.extractors.base import FeatureExtractor
from tfgan_losses.extractors.pixels import Pixels

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

KINDS = ("pixels", "points", "classifier")


def get(identifier: str, source: Source, *, data_dir: str | None = None) -> FeatureExtractor:
    """Returns the extractor of a name, for examples of some data.

    Nothing is ever downloaded.

    Args:
        identifier: One of
            "pixels", "points": the values themselves, see `Pixels`;
            "classifier": trained on the labels of the data, see `Classifier`.
        source: The data that is measured.
        data_dir: Relative paths are looked for there, too.

    Raises:
        ValueError: If there is no such extractor, or it cannot read such examples.
    """
    kind, colon, _ = identifier.partition(":")
    if kind not in KINDS:
        raise ValueError(names.unknown("extractor", identifier, KINDS))
    if colon:
        raise ValueError(f"Expected {kind!r} without a colon. Received: extractor={identifier!r}")
    if kind == "classifier":
        # Keras, only where a network is asked for.
        from tfgan_losses.extractors.classifier import Classifier

        return Classifier.of(source)
    extractor = Pixels(source.example_shape)
    if kind == "points" and extractor.name != "points":
        raise ValueError(
            "Expected points for the extractor 'points'; that of images is 'pixels'. "
            f"Received: source={source.name!r} with example_shape={tuple(source.example_shape)}"
        )
    return extractor
