"""From a directory or a file to a pyramid, or one clear error."""

import keras
import pytest
from pyramids import largest_difference, small_pyramid, write_run

from tfgan_losses import pyramid
from tfgan_losses.measuring import opening


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "run")


def test_a_directory_is_the_pyramid_that_was_saved(directory):
    expected = pyramid.sample(small_pyramid(), 1, seed=3)
    found = pyramid.sample(pyramid.load(str(directory.path)), 1, seed=3)
    assert largest_difference(found, expected) == 0.0


def test_it_is_opened_as_a_generator_of_a_size(directory, monkeypatch):
    found = pyramid.load(directory.pyramid)
    monkeypatch.setattr("tfgan_losses.pyramid.load", lambda path: found)
    opened = opening.open_pyramid(directory, width=30, start_scale=1)
    assert opened.generator.example_shape == (16, 30, 3)
    assert opened.facts["kind"] == "pyramid" and opened.facts["first"] == 1
    assert len(opened.facts["sha256"]) == 64 and str(opened) == str(directory.path)
    with pytest.raises(ValueError, match=r"from 0 to 2. Received: start_scale=3"):
        opening.open_pyramid(directory, start_scale=3)


def test_what_is_none_is_one_clear_error(directory, tmp_path):
    with pytest.raises(ValueError, match=r"Expected the directory of a finished run .*, none$"):
        pyramid.load(tmp_path)
    with pytest.raises(ValueError, match=r"pyramid.keras in it, .*nowhere', none$"):
        pyramid.load(tmp_path / "nowhere")
    (tmp_path / "half" / "scale_00").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"not finished; --resume=.*half goes on with it"):
        pyramid.load(tmp_path / "half")
    cut = tmp_path / "pyramid.keras"
    cut.write_bytes(directory.pyramid.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"Expected a pyramid that can be read.*pyramid.keras"):
        pyramid.load(tmp_path)
    keras.Sequential([keras.Input([1]), keras.layers.Dense(1)]).save(tmp_path / "other.keras")
    with pytest.raises(ValueError, match=r"Expected a pyramid. .*other.keras', a Sequential"):
        pyramid.load(tmp_path / "other.keras")
