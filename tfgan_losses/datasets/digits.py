"""scikit-learn's handwritten digits as a TFDS data set: real images that need no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import tensorflow_datasets as tfds

# Number, and features by name.
_Example: TypeAlias = tuple[int, dict[str, np.ndarray | int]]


class Digits(tfds.core.GeneratorBasedBuilder):
    """1797 handwritten digits, 8x8, grey, with labels.

    The test part of the NIST-derived set of Alpaydin and Kaynak (1998), doi:10.24432/C50P49, which
    scikit-learn ships. Its 17 grey levels 0..16 are stretched to 0..255.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}  # noqa: RUF012 (TFDS declares it so)

    def _info(self) -> tfds.core.DatasetInfo:
        # Not self.dataset_info_from_configs: that reads description files beside the module.
        return tfds.core.DatasetInfo(
            builder=self,
            description="Handwritten digits, 8x8, of scikit-learn's load_digits.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1)),
                    "label": tfds.features.ClassLabel(num_classes=10),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://doi.org/10.24432/C50P49",
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[_Example]]:
        del dl_manager  # Nothing is downloaded.
        return {"train": self._generate_examples()}

    def _generate_examples(self) -> Iterator[_Example]:
        from sklearn.datasets import load_digits

        digits = load_digits()
        images = np.round(digits.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
        for index, (image, label) in enumerate(zip(images, digits.target, strict=True)):
            yield index, {"image": image, "label": int(label)}
