"""`get`, the one way from the name of an extractor to the extractor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tfgan_losses import names
from tfgan_losses.extractors.base import FeatureExtractor
from tfgan_losses.extractors.pixels import Pixels

if TYPE_CHECKING:
    from tfgan_losses.datasets import Source

KINDS = {
    "pixels": "pixels",
    "points": "points",
    "classifier": "classifier",
    "inception": "inception:<inception-2015-12-05.tgz or .pb>",
    "application": "application:<name in keras.applications>:<weights file>",
    "model": "model:<.keras file or SavedModel>[#<layer>]",
}
"""How each is written; `<...>` stands for what a user has."""
_OF_ENDINGS = {".keras": "model", ".tgz": "inception", ".tar.gz": "inception", ".pb": "inception"}


def get(identifier: str, source: Source, *, data_dir: str | None = None) -> FeatureExtractor:
    """Returns the extractor of a name, for examples of some data.

    Nothing is ever downloaded.

    Args:
        identifier: One of
            `pixels`, `points`: the values themselves, see `Pixels`;
            `classifier`: trained on the labels of the data, see `Classifier`;
            `inception:<.tgz or .pb>`: the network of the FID from a file, see `Inception`;
            `application:<Name>:<weights>`: a network of `keras.applications`, see `Application`;
            `model:<.keras file>`, with `#<layer>` for an inner layer of it, see `KerasModel`;
            `model:<folder>`: see `SavedModel`.
        source: The data that is measured.
        data_dir: A relative path is looked for there, too.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there is no such extractor, the file is of another kind, or it cannot read
            such examples.
    """
    extractor = _made(identifier, source, data_dir)
    extractor.check(tuple(source.example_shape))
    return extractor


def _made(identifier: str, source: Source, data_dir: str | None) -> FeatureExtractor:
    kind, colon, rest = identifier.partition(":")
    if kind not in KINDS:
        raise ValueError(_unknown(identifier, kind))
    needs_more = ":" in KINDS[kind]
    if needs_more != bool(rest) or (colon and not rest):
        raise ValueError(f"Expected {KINDS[kind]}. Received: extractor={identifier!r}")
    if not needs_more:
        return _of_data(kind, source)
    # Keras and TensorFlow, only where a network is asked for.
    if kind == "inception":
        from tfgan_losses.extractors.inception import Inception

        return Inception(_found(rest, data_dir, f"{kind}:"))
    if kind == "application":
        from tfgan_losses.extractors.keras_models import Application

        name, colon, path = rest.partition(":")
        if not path:
            raise ValueError(f"Expected {KINDS[kind]}. Received: extractor={identifier!r}")
        return Application(name, _found(path, data_dir, f"{kind}:{name}:"))
    path, _, layer = rest.partition("#")
    path = _found(path, data_dir, f"{kind}:")
    if os.path.isdir(path):
        from tfgan_losses.extractors.saved_model import SavedModel

        if layer:
            raise ValueError(
                "Expected no layer, since a SavedModel has only outputs. "
                f"Received: extractor={identifier!r}"
            )
        return SavedModel(path)
    from tfgan_losses.extractors.keras_models import KerasModel

    return KerasModel(path, layer or None)


def _of_data(kind: str, source: Source) -> FeatureExtractor:
    if kind == "classifier":
        from tfgan_losses.extractors.classifier import Classifier

        return Classifier.of(source)
    extractor = Pixels(tuple(source.example_shape))
    if kind == "points" and extractor.name != "points":
        raise ValueError(
            "Expected points for the extractor 'points'; that of images is 'pixels'. "
            f"Received: source={source.name!r} with example_shape={tuple(source.example_shape)}"
        )
    return extractor


def _unknown(identifier: str, kind: str) -> str:
    meant = names.nearest(kind, KINDS)
    of_ending = [KINDS[own] for end, own in _OF_ENDINGS.items() if identifier.endswith(end)]
    hint = f". Did you mean {KINDS[meant]}?" if meant else ""
    if not meant and of_ending:
        hint = f". Did you mean {of_ending[0].partition(':')[0]}:{identifier}?"
    return (
        f"Unknown extractor. Expected one of {', '.join(KINDS.values())}. "
        f"Received: {identifier!r}{hint}"
    )


def _found(path: str, data_dir: str | None, before: str) -> str:
    """Returns where a file is."""
    given = os.path.expanduser(path)
    places = [given]
    if data_dir is not None and not os.path.isabs(given):
        places.append(os.path.join(os.path.expanduser(data_dir), given))
    for place in places:
        if os.path.exists(place):
            return place
    raise FileNotFoundError(f"No such file: {path}{names.did_you_mean_path(given, before=before)}")
