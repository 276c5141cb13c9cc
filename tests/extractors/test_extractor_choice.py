"""Names of extractors, and what all of them have in common."""

import json
import warnings

import commands
import extractor_cases as cases
import numpy as np
import pytest

from tfgan_losses import extractors


@pytest.fixture(scope="module")
def each(tmp_path_factory):
    """One of each kind, and pixels of another size."""
    folder = tmp_path_factory.mktemp("networks")
    source = cases.source(shape=(12, 10, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The graph is not the canonical one.
        found = [extractors.get(name, source) for name in cases.of_each_kind(folder)]
    return found


def test_names_are_unique_and_fit_for_columns(each):
    names = [extractor.name for extractor in each]
    assert len(set(names)) == len(names) == 7
    assert not [name for name in names if set(name) & set(" ,[]\"'/#:\n")]


def test_facts_are_complete_and_plain(each):
    for extractor in each:
        facts = extractor.facts()
        assert json.loads(json.dumps(facts)) == facts, extractor.name
        assert facts.keys() >= {"hash", "input_size", "resizer", "input_range", "layer"}
        if extractor.name != "pixels":
            assert len(facts["hash"]) == 64
            assert facts["hash"][:8] in extractor.name


def test_a_row_depends_on_its_example_alone(each):
    examples = cases.images(300)
    for extractor in each:
        features, logits = extractor(examples)
        assert features.shape[0] == 300 and features.dtype == np.float32
        assert extractor.has_logits == (logits is not None)
        # Beside others, fewer, and alone; in inference mode dropout and moments of a batch would
        # be seen at once. The last bits of a sum may depend on the size of the batch.
        for rows in (slice(7, 8), slice(290, 300), [299, 7, 7]):
            again = extractor(examples[rows])
            np.testing.assert_allclose(again.features, features[rows], rtol=1e-4, atol=1e-5)
            if logits is not None:
                np.testing.assert_allclose(again.logits, logits[rows], rtol=1e-4, atol=1e-5)
        assert np.ptp(features, axis=0).max() > 1e-3, extractor.name


def test_batches_that_are_none_of_images_are_refused(each):
    for extractor in each:
        with pytest.raises(ValueError, match=r"images as uint8.*Received: dtype=float32"):
            extractor(np.zeros((2, 12, 10, 3), "float32"))
        with pytest.raises(ValueError, match=r"Received: example_shape=\(12, 10, 2\)"):
            extractor(np.zeros((2, 12, 10, 2), "uint8"))
        with pytest.raises(ValueError, match=r"at least one example\. Received: shape=\(0, 12"):
            extractor(np.zeros((0, 12, 10, 3), "uint8"))


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("pixel", r"Unknown extractor\. .*model:<.*Received: 'pixel'\. Did you mean pixels\?"),
        ("Inception:x.tgz", r"Did you mean inception:<inception-2015-12-05\.tgz or \.pb>\?"),
        ("net.keras", r"Did you mean model:net\.keras\?"),
        ("/tmp/inception-2015-12-05.tgz", r"Did you mean inception:/tmp/inception-2015-12-05\.tgz"),
        ("zebra", r"Received: 'zebra'$"),
        ("", r"Received: ''$"),
        ("pixels:8", r"Expected pixels\. Received: extractor='pixels:8'"),
        ("pixels:", r"Expected pixels\. "),
        ("inception", r"Expected inception:<inception-2015-12-05\.tgz or \.pb>"),
        ("inception:", r"Expected inception:<"),
        ("application:MobileNet", r"Expected application:<name in keras\.applications>:<weights"),
        ("model", r"Expected model:<\.keras file or SavedModel>"),
        ("points", r"for the extractor 'points'.*example_shape=\(12, 10, 1\)"),
    ],
)
def test_a_name_that_is_none(identifier, message):
    with pytest.raises(ValueError, match=message):
        extractors.get(identifier, cases.source())


SCRIPT = """
READS_FLAGS_FIRST = True
import sys
from tfgan_losses.extractors import KINDS, get

print(len(KINDS), "tensorflow" in sys.modules, "keras" in sys.modules)
"""


def test_the_names_are_known_without_tensorflow(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    result = commands.finish(commands.start_script(tmp_path / "script.py", directory=tmp_path))
    assert result.out.split() == ["6", "False", "False"], result.err


def test_a_file_that_is_not_there(tmp_path):
    (tmp_path / "network.keras").touch()
    for before in ("model:", "inception:", "application:MobileNet:"):
        with pytest.raises(FileNotFoundError, match=f"Did you mean '{before}{tmp_path}/network.k"):
            extractors.get(f"{before}{tmp_path}/netwrok.keras", cases.source())


def test_a_file_is_looked_for_in_the_folder_of_the_data(tmp_path):
    cases.network().save(tmp_path / "net.keras")
    found = extractors.get("model:net.keras", cases.source(), data_dir=str(tmp_path))
    assert found.name.startswith("net-")
    with pytest.raises(FileNotFoundError, match=r"No such file: net\.keras"):
        extractors.get("model:net.keras", cases.source())


def test_a_network_that_cannot_read_the_data_is_refused_at_once(tmp_path):
    cases.network((8, 8, 3)).save(tmp_path / "net.keras")
    with pytest.raises(ValueError, match=r"'net-.*\(8, 8, 3\).*example_shape=\(12, 10, 4\)"):
        extractors.get(f"model:{tmp_path}/net.keras", cases.source(shape=(12, 10, 4)))
