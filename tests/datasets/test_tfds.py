import socket
import time

import numpy as np
import pytest
import tensorflow as tf

from tfgan_losses import datasets
from tfgan_losses.datasets import tfds_builders


@pytest.fixture
def stream(digits, data_dir):
    return datasets.load("digits", data_dir=data_dir, memory_limit=0)


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(tfds_builders, "network_available", lambda: False)


def test_stream_equals_memory_as_a_set(stream, digits, draw):
    assert type(stream) is not type(digits)
    assert stream.example_shape == digits.example_shape and stream.size == digits.size
    batches = draw(stream, 599, 6)
    expected = sorted(map(bytes, digits.take(1797)[0]))
    orders = []
    for half in (batches[:3], batches[3:]):
        orders.append([bytes(image) for images, _ in half for image in images])
        assert sorted(orders[-1]) == expected
    assert orders[0] != orders[1]
    assert batches[0][0].tobytes() != draw(stream, 599, 1, seed=1)[0][0].tobytes()
    for ours, theirs in zip(stream.take(7), digits.take(7), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("start", [2, 4, 9])
def test_stream_resumes_bitwise_whatever_the_global_seed(stream, draw, start):
    whole = draw(stream, 500, 11, seed=2)
    tf.random.set_seed(start)
    tail = draw(stream, 500, 11 - start, seed=2, start=start)
    for expected, got in zip(whole[start:], tail, strict=True):
        np.testing.assert_array_equal(expected[0], got[0])
        np.testing.assert_array_equal(expected[1], got[1])


def test_stream_has_static_shapes_and_resizes_alike(data_dir, draw):
    split = "train[:30]"
    sets = [
        datasets.load("digits", data_dir=data_dir, image_size=16, split=split, memory_limit=limit)
        for limit in (0, None)
    ]
    assert sets[0].batches(4).element_spec == sets[1].batches(4).element_spec
    np.testing.assert_array_equal(sets[0].take(30)[0], sets[1].take(30)[0])
    first, second = (sorted(bytes(x) for x in draw(s, 30, 1)[0][0]) for s in sets)
    assert first == second


def test_absent_set_without_network_fails_at_once_and_tells_how(tmp_path, offline):
    began = time.monotonic()
    with pytest.raises(ConnectionError) as error:
        datasets.load("mnist", data_dir=str(tmp_path))
    assert time.monotonic() - began < 10
    message = str(error.value)
    assert f"tfds.load('mnist', data_dir='{tmp_path}')" in message
    assert str(tmp_path / "mnist") in message and "digits" in message
    assert not list(tmp_path.iterdir())


def test_network_check_is_quick(monkeypatch):
    def hang(*_):
        time.sleep(1)
        raise TimeoutError

    monkeypatch.setattr(tfds_builders.socket, "create_connection", hang)
    began = time.monotonic()
    assert not tfds_builders.network_available(timeout=0.1)
    assert time.monotonic() - began < 0.9


def test_network_check_asks_the_proxy_if_there_is_one(monkeypatch):
    server = socket.create_server(("127.0.0.1", 0))
    proxy = {"https": f"http://127.0.0.1:{server.getsockname()[1]}"}
    monkeypatch.setattr(tfds_builders.urllib.request, "getproxies", lambda: proxy)
    assert tfds_builders.network_available()
    server.close()
    assert not tfds_builders.network_available()


def test_unknown_name_lists_close_ones(tmp_path, offline):
    with pytest.raises(ValueError, match=r"Did you mean .*mnist") as error:
        datasets.load("mnsit", data_dir=str(tmp_path))
    assert all(name in str(error.value) for name in datasets.NAMES)
    with pytest.raises(ValueError, match=r"Did you mean .*ring8"):
        datasets.load("ring9", data_dir=str(tmp_path))
    with pytest.raises(ValueError, match="Received: name=''"):
        datasets.load("", data_dir=str(tmp_path))
    with pytest.raises(ValueError, match=r"Received: name='mnist/no'.*BuilderConfig no not found"):
        datasets.load("mnist/no", data_dir=str(tmp_path))


@pytest.mark.parametrize("split", ["test", "train[:zz]", ""])
def test_unknown_split_lists_the_splits(data_dir, digits, split):
    with pytest.raises(ValueError, match=r"Unknown split.*\['train'\].*Received: split"):
        datasets.load("digits", data_dir=data_dir, split=split)


def test_other_kinds_have_only_train():
    with pytest.raises(ValueError, match="only the split 'train'"):
        datasets.load("ring8", split="test")
    with pytest.raises(ValueError, match="image_size"):
        datasets.load("ring8", image_size=8)


def test_set_without_images(tmp_path):
    prepare(tmp_path, "words", {"text": "Text()"}, '{"text": "a"}')
    with pytest.raises(ValueError, match=r"'image' feature.*\['text'\]"):
        datasets.load("words", data_dir=str(tmp_path))


def test_images_of_several_sizes_in_colour_without_labels(tmp_path):
    image = "np.full((8 + i, 10, 3), 10 * i, 'uint8')"
    prepare(
        tmp_path,
        "flags",
        {"image": "Image()", "label": "Text()"},
        f'{{"image": {image}, "label": "x"}}',
    )
    with pytest.raises(ValueError, match=r"of several sizes.*image_size"):
        datasets.load("flags", data_dir=str(tmp_path))
    source = datasets.load("flags", data_dir=str(tmp_path), image_size=4)
    assert source.example_shape == (4, 4, 3) and source.num_classes is None
    values = sorted(source.take(3)[0][:, 0, 0, 0])
    np.testing.assert_allclose(values, np.array([0, 10, 20]) / 127.5 - 1, atol=1e-6)


def test_a_set_that_is_kept_in_an_order_is_shuffled(tmp_path, draw):
    image = "np.full((4, 4, 1), i, 'uint8')"
    prepare(tmp_path, "frames", {"image": "Image(shape=(4, 4, 1))"}, f'{{"image": {image}}}', True)
    source = datasets.load("frames", data_dir=str(tmp_path), memory_limit=0)
    passes = [batch[0][:, 0, 0, 0] for batch in draw(source, 3, 12)]
    for one in passes:
        np.testing.assert_allclose(sorted(one), np.arange(3) / 127.5 - 1, atol=1e-6)
    assert len(set(map(tuple, passes))) > 1


def prepare(data_dir, name, features, example, in_order=False):
    """Writes a TFDS set whose builder is unknown afterwards, as one that a user has made."""
    import tensorflow_datasets as tfds

    body = {key: eval(f"tfds.features.{value}", {"tfds": tfds}) for key, value in features.items()}

    class Made(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self,
                features=tfds.features.FeaturesDict(body),
                description="x",
                disable_shuffling=in_order,
            )

        def _split_generators(self, dl_manager):
            return {"train": ((i, eval(example, {"np": np, "i": i})) for i in range(3))}

        def _generate_examples(self):
            raise NotImplementedError

    Made.name = name
    Made(data_dir=str(data_dir)).download_and_prepare()
