"""The Inception network of 2015 that the FID and the Inception score are defined by."""

from __future__ import annotations

import hashlib
import os
import tarfile
import warnings
import zlib

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

from tfgan_losses.extractors import hashing
from tfgan_losses.extractors.base import Facts
from tfgan_losses.extractors.networks import NetworkExtractor
from tfgan_losses.types import Tensor

# Of classify_image_graph_def.pb, 95 673 916 bytes, as several public copies of it have it.
CANONICAL_HASH = "009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6"
ARCHIVE = "inception-2015-12-05.tgz"
GRAPH = "classify_image_graph_def.pb"

# The authors of the FID import the graph under this name.
_PREFIXES = ("", "FID_Inception_Net/")
_INPUT, _RESIZE, _FEATURES, _LOGITS = (
    "ExpandDims",
    "ResizeBilinear",
    "pool_3",
    "softmax/logits/MatMul",
)
# Its input, 192 channels, is what the authors of SinGAN look at.
_POOLING_AFTER_MAP = "pool_1"
_LEAST_SIDE = 23  # Where a map has 2 x 2 positions.


class Inception(NetworkExtractor):
    """`pool_3`, 2048 numbers, and 1008 logits without bias of the graph in a file.

    Images enter at `ExpandDims`, as float32 in 0..255, where the authors of the FID and those of
    ADM feed them: what follows, TensorFlow 1's bilinear resizing to 299 x 299 and (x - 128) / 128,
    is done by the nodes of the file itself, so that no code of ours can do it in another way.
    (TF-GAN feeds a stripped graph at `Mul`, after the same two steps of its own.)

    The score of the paper uses logits without bias: `pool_3` times the weights of the last layer.

    Feature maps are those of 192 channels before the second max pooling, of images in the size that
    they have: they enter behind the resizing.

    Args:
        path: `inception-2015-12-05.tgz`, or `classify_image_graph_def.pb` out of it.

    Raises:
        ValueError: If the file holds no such graph.

    References:
        Heusel et al., 2017, arXiv:1706.08500. Salimans et al., 2016, arXiv:1606.03498.
    """

    has_logits = True
    input_shape = (299, 299, 3)
    input_range = (0.0, 255.0)
    resizer = "tf1-bilinear"

    def __init__(self, path: str | os.PathLike):
        content = _read(path)
        self._hash = hashlib.sha256(content).hexdigest()
        self._graph = _Graph(content, path)
        self.has_maps = self._graph.has_maps
        self.name = "inception-2015"
        if self._hash != CANONICAL_HASH:
            self.name += f"-{hashing.short(self._hash)}"
            warnings.warn(
                f"The Inception graph in {path} is not the one that published scores are of: its "
                f"SHA-256 begins with {hashing.short(self._hash)}, not "
                f"{hashing.short(CANONICAL_HASH)}. Its numbers are named {self.name}.",
                stacklevel=2,
            )

    def facts(self) -> Facts:
        """Sizes, and the SHA-256 of the graph."""
        return {
            **super().facts(),
            "hash": self._hash,
            "layer": f"{_FEATURES}; logits without bias",
            "canonical": int(self._hash == CANONICAL_HASH),
        }

    def _part(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        features = self._graph(_in_color(examples))
        return features, features @ self._graph.weights

    def _map_part(self, examples: np.ndarray) -> np.ndarray:
        return self._graph.maps(_in_color(examples))


def _in_color(examples: np.ndarray) -> np.ndarray:
    return np.repeat(examples, 3 // examples.shape[3], axis=3).astype(np.float32)


def _read(path: str | os.PathLike) -> bytes:
    """Returns the graph in a file, out of an archive where it is one."""
    if not tarfile.is_tarfile(path):
        with open(path, "rb") as file:
            return file.read()
    try:
        with tarfile.open(path) as archive:
            members = [each for each in archive.getmembers() if each.name.endswith(".pb")]
            # The only one, or the one that has the name of it.
            members.sort(key=lambda each: os.path.basename(each.name) != GRAPH)
            member = archive.extractfile(members[0]) if members else None
            if member is None:
                raise _not_the_graph(path, "an archive without a .pb file")
            return member.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise _not_the_graph(path, f"a damaged archive ({error})") from error


class _Graph:
    """Runs `pool_3` of a frozen graph.

    In a session of its own: today's functions refuse BatchNormWithGlobalNormalization, which its
    version of the format still had.

    Attributes:
        weights: Of the last layer, [features, classes].
        has_maps: Whether there is a second max pooling.
    """

    def __init__(self, content: bytes, path: str | os.PathLike):
        definition = _parsed(content, path)
        names = _names(definition, path)
        for node in definition.node:
            # What was written down for one image is not true of several.
            node.attr.pop("_output_shapes", None)
        try:
            with tf.Graph().as_default() as graph:
                self._images = tf.compat.v1.placeholder(tf.float32, [None, None, None, 3])
                self._features, logits = tf.graph_util.import_graph_def(
                    definition,
                    input_map={f"{names[_INPUT]}:0": self._images},
                    return_elements=[f"{names[_FEATURES]}:0", names[_LOGITS]],
                    name="",
                )
                self._maps = _import_maps(definition, names, self._images)
            self.has_maps = self._maps is not None
            self._session = tf.compat.v1.Session(graph=graph)
            self.weights = self._session.run(logits.inputs[1])
        except (ValueError, IndexError, tf.errors.OpError) as error:
            cause = str(error).splitlines()[0]
            raise _not_the_graph(path, f"a graph that cannot be run ({cause})") from error

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Returns features [n, features] of float32 [n, height, width, 3] in 0..255."""
        pooled = self._session.run(self._features, {self._images: images})
        return pooled.reshape(len(images), len(self.weights))

    def maps(self, images: np.ndarray) -> np.ndarray:
        """Returns feature maps of the same, which are not resized.

        Raises:
            ValueError: If the images are too small for it.
        """
        if min(images.shape[1:3]) < _LEAST_SIDE:
            raise ValueError(
                f"Expected images of {_LEAST_SIDE} x {_LEAST_SIDE} pixels or more for the feature "
                f"maps of Inception. Received: images of shape {images.shape[1:]}"
            )
        return self._session.run(self._maps, {self._images: images})


def _import_maps(
    definition: tf.compat.v1.GraphDef, names: dict[str, str], images: Tensor
) -> Tensor | None:
    """Imports what leads to the feature maps once more, into the graph that is the default."""
    pooling = names[_FEATURES].removesuffix(_FEATURES) + _POOLING_AFTER_MAP
    inputs = [node.input[0] for node in definition.node if node.name == pooling]
    if not inputs:
        return None
    # The resizing is not known to keep any size, so that nothing can be fed behind it.
    resized = {f"{names[_RESIZE]}:0": images}
    (maps,) = tf.graph_util.import_graph_def(
        _leading_to(inputs[0], definition),
        input_map=resized,
        return_elements=[f"{inputs[0]}:0"],
        name="maps",
    )
    return maps


def _leading_to(name: str, definition: tf.compat.v1.GraphDef) -> tf.compat.v1.GraphDef:
    """Returns the nodes of a graph that a node depends on, and it."""
    inputs = {node.name: node.input for node in definition.node}
    kept: set[str] = set()
    left = [name]
    while left:
        current = left.pop().lstrip("^").partition(":")[0]
        if current not in kept:
            kept.add(current)
            left += inputs[current]
    nodes = [node for node in definition.node if node.name in kept]
    return tf.compat.v1.GraphDef(node=nodes, versions=definition.versions)


def _parsed(content: bytes, path: str | os.PathLike) -> tf.compat.v1.GraphDef:
    definition = tf.compat.v1.GraphDef()
    try:
        definition.ParseFromString(content)
    except DecodeError as error:
        raise _not_the_graph(path, "a file that is no GraphDef") from error
    return definition


def _names(definition: tf.compat.v1.GraphDef, path: str | os.PathLike) -> dict[str, str]:
    """Returns the full names of the nodes that are needed."""
    nodes = {node.name for node in definition.node}
    prefix = next((prefix for prefix in _PREFIXES if prefix + _FEATURES in nodes), "")
    names = {name: prefix + name for name in (_INPUT, _RESIZE, _FEATURES, _LOGITS)}
    missing = [name for name in names.values() if name not in nodes]
    if missing:
        raise _not_the_graph(path, f"a graph of {len(nodes)} nodes without {', '.join(missing)}")
    return names


def _not_the_graph(path: str | os.PathLike, found: str) -> ValueError:
    return ValueError(
        f"Expected the Inception graph of 2015, {ARCHIVE} or {GRAPH} out of it. "
        f"Received: inception={str(path)!r}, {found}"
    )
