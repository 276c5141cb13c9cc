"""Several workers together see what one would see."""

import numpy as np
import pytest
from PIL import Image

from tfgan_losses import datasets


def load(kind, data_dir, folder):
    if kind == "mixture":
        return datasets.load("ring8")
    if kind == "memory":
        return datasets.load("digits", data_dir=data_dir)
    if kind == "records":
        return datasets.load("digits", data_dir=data_dir, memory_limit=0)
    for number in range(5):
        Image.new("L", (4, 4), 40 * number).save(folder / f"{number}.png")
    return datasets.load(f"folder:{folder}", memory_limit=0)


@pytest.mark.parametrize("kind", ["mixture", "memory", "records", "indexed"])
def test_the_parts_make_the_batch(kind, data_dir, tmp_path, draw):
    source = load(kind, data_dir, tmp_path)
    options = {"seed": 3, "start": 2, "batch_size": 6, "count": 4}
    whole = draw(source, **options)
    parts = [draw(source, **options, shard=(index, 3)) for index in range(3)]
    for batch, *own in zip(whole, *parts, strict=True):
        for column, values in enumerate(batch):
            assert own[0][column].shape == (2, *values.shape[1:])
            np.testing.assert_array_equal(np.concatenate([x[column] for x in own]), values)


@pytest.mark.parametrize(
    ("batch_size", "shard"), [(6, (2, 2)), (6, (-1, 2)), (7, (0, 2)), (6, (0, 0))]
)
def test_wrong_shards(batch_size, shard):
    with pytest.raises(ValueError, match=rf"shard=\({shard[0]}, .*batch_size={batch_size}"):
        datasets.load("ring8").batches(batch_size, shard=shard)
