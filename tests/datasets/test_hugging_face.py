"""Data sets of Hugging Face: a stub of what is used of them, and the package where there is one."""

import importlib
import types

import networks
import numpy as np
import pytest
from image_bytes import encoded

from tfgan_losses import GAN, Run, datasets

NAMES = ["cat", "dog", "owl"]
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), np.uint8)
LABELS = [i % 2 for i in range(20)]  # No owl.


class Image:
    """As datasets.Image: without `decode`, a cell is bytes and a path."""

    def __init__(self, decode=True):
        self.decode = decode


class ClassLabel:
    def __init__(self, names):
        self.names, self.num_classes = names, len(names)


class Stub:
    """Has what `from_hugging_face` asks of a datasets.Dataset; a cell may not be decoded twice."""

    __module__ = "datasets.arrow_dataset"
    info = types.SimpleNamespace(dataset_name="stub")

    def __init__(self, columns, features, form="numpy"):
        self.columns, self.features, self.form = columns, features, form

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def with_format(self, form):
        return Stub(self.columns, self.features, form)

    def cast_column(self, name, feature):
        return Stub(self.columns, {**self.features, name: feature}, self.form)

    def __getitem__(self, key):
        if isinstance(key, str):
            assert self.form is None
            return self.columns[key]
        assert type(key) is int and self.form is None and not self.features["image"].decode
        return {name: values[key] for name, values in self.columns.items()}


def stub(images, labels):
    columns = {"image": [{"bytes": content, "path": None} for content in images]}
    features = {"image": Image()}
    if labels is not None:
        columns["label"], features["label"] = labels, ClassLabel(NAMES)
    return Stub(columns, features)


def real(images, labels):
    # Without it, the folder of these tests would be found by its name.
    pytest.importorskip("datasets.arrow_dataset")
    package = importlib.import_module("datasets")
    columns = {"image": [{"bytes": content, "path": None} for content in images]}
    features = {"image": package.Image()}
    if labels is not None:
        columns["label"], features["label"] = labels, package.ClassLabel(names=NAMES)
    return package.Dataset.from_dict(columns, features=package.Features(features))


@pytest.fixture(params=[stub, real], ids=["stub", "real"])
def make(request):
    return request.param


def encoded_all(kind="PNG"):
    return [encoded(pixels, kind) for pixels in PIXELS]


@pytest.mark.parametrize("limit", [None, 0])
def test_pixels_labels_and_names_come_along(make, limit, caplog):
    source = datasets.from_hugging_face(make(encoded_all(), LABELS), memory_limit=limit)
    examples, labels = source.take(20)
    np.testing.assert_array_equal(np.round((examples + 1) * 127.5), PIXELS)
    assert labels.tolist() == LABELS and source.class_names == tuple(NAMES)
    assert source.counts == (10, 10, 0) and source.num_classes == 3
    assert "1 of the 3 classes have no examples: owl" in caplog.text


def test_options_are_those_of_folders(make):
    data = make(encoded_all(), None)
    source = datasets.from_hugging_face(data, image_size=(4, 6), channels=1, mirror=True)
    assert source.example_shape == (4, 6, 1) and source.size == 40 and source.num_classes is None
    assert "mirror images" in source.preparation
    with pytest.raises(TypeError, match="imge_size"):
        datasets.from_hugging_face(data, imge_size=4)


def test_bad_images_are_named_by_their_rows(make):
    images = [*encoded_all()[:3], b"no image", b""]
    with pytest.raises(ValueError, match=r"2 of 5 files .*'row 3' \(it is no .*'row 4' \(the file"):
        datasets.from_hugging_face(make(images, None))
    source = datasets.from_hugging_face(make(images, None), skip_bad_images=True)
    assert source.size == 3 and source.left_out == {"unreadable": 2}


def test_images_that_are_paths(make, tmp_path):
    (tmp_path / "a.png").write_bytes(encoded_all()[0])
    data = stub([b""], None)
    data.columns["image"] = [{"bytes": None, "path": str(tmp_path / "a.png")}]
    assert datasets.from_hugging_face(data).size == 1
    data.columns["image"] = [None]
    with pytest.raises(ValueError, match="there is no image"):
        datasets.from_hugging_face(data)


def test_another_image_is_another_fingerprint(make):
    images = encoded_all()
    first, again, other = (
        datasets.from_hugging_face(make(part, None)).fingerprint
        for part in (images[:2], images[:2], images[1:3])
    )
    assert first == again != other and first["kind"] == "hugging_face"


def test_columns_that_are_not_clear(make):
    data = make(encoded_all(), [*LABELS[:-1], -1])
    with pytest.raises(ValueError, match=r"from 0 to 2 .*'label'\. Received: 1 of 20 without"):
        datasets.from_hugging_face(data)
    with pytest.raises(ValueError, match=r"type Image>\. .*='label', columns image \(Image\), "):
        datasets.from_hugging_face(data, image_column="label")
    with pytest.raises(ValueError, match=r"Expected label_column=.*label_column='image'"):
        datasets.from_hugging_face(data, label_column="image")
    two = stub(encoded_all(), LABELS)
    two.features["coarse"], two.columns["coarse"] = ClassLabel(["a"]), [0] * 20
    with pytest.raises(ValueError, match=r"label_column=None, columns .*coarse \(ClassLabel\)"):
        datasets.from_hugging_face(two)
    assert datasets.from_hugging_face(two, label_column="coarse").class_names == ("a",)


def test_what_is_no_single_split():
    splits = type("DatasetDict", (dict,), {"__module__": "datasets.dataset_dict"})
    with pytest.raises(ValueError, match=r"dataset\['train'\].*DatasetDict, of train, test"):
        datasets.from_hugging_face(splits(train=1, test=2))
    with pytest.raises(ValueError, match="without rows"):
        datasets.from_hugging_face(stub([], None))


@pytest.mark.slow
def test_a_run_and_fit_take_it(make, tmp_path, monkeypatch):
    from tfgan_losses.run_files import results

    monkeypatch.setattr(results, "write", lambda *arguments: None)
    monkeypatch.setattr(results, "tell", lambda *arguments: None)
    data = make(encoded_all(), LABELS)
    gan = networks.recipe_gan("acgan", example_shape=(8, 8, 3), class_names=NAMES)
    assert isinstance(gan, GAN)
    assert Run(tmp_path / "run").train(gan, data, steps=2, batch_size=6)
    assert (tmp_path / "run" / "classes.txt").read_text().split() == NAMES
    gan.fit(data, batch_size=6, steps_per_epoch=2, verbose=0)
    assert int(gan.step) == 4
