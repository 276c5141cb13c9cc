"""Real data behind one interface: `load(name)` returns a `Source` of infinite, resumable batches.

Training takes any object that has what `Source` says, a data set of Hugging Face and a `PyDataset`.

Importing this package is cheap; TensorFlow Datasets is only imported when a data set needs it.
"""

from tfgan_losses.datasets.fingerprint import describe_change
from tfgan_losses.datasets.hugging_face import from_hugging_face
from tfgan_losses.datasets.loading import NAMES, load
from tfgan_losses.datasets.mirror import mirrored
from tfgan_losses.datasets.mixtures import Mixture
from tfgan_losses.datasets.py_datasets import from_py_dataset
from tfgan_losses.datasets.source import Source

__all__ = [
    "NAMES",
    "Mixture",
    "Source",
    "describe_change",
    "from_hugging_face",
    "from_py_dataset",
    "load",
    "mirrored",
]
