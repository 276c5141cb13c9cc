import networks
import numpy as np
import pytest
from PIL import Image

from tfgan_losses.callbacks import SampleWriter
from tfgan_losses.callbacks.sample_writer import samples_to_picture


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_writes_at_the_start_regularly_and_at_the_end(model, ramp, tmp_path):
    model.play(ramp(5), [SampleWriter(tmp_path / "s", every=2, count=4, seed=5)])
    assert names(tmp_path / "s") == [f"step_0000000{step}.png" for step in (0, 2, 4, 5)]
    with Image.open(tmp_path / "s" / "step_00000004.png") as image:
        pixels = np.asarray(image)
    assert pixels[40, 40, 0] == round(0.4 * 127.5)  # The generator at step 4.
    assert pixels[3, 3, 0] == round(1.5 * 127.5)  # The seed.


def test_a_resumed_run_does_not_draw_its_first_state_again(model, ramp, tmp_path):
    model.step.assign(2)
    model.play(ramp(2), [SampleWriter(tmp_path, every=2)])
    assert names(tmp_path) == ["step_00000004.png"]


def test_a_last_picture_that_a_kill_prevented_is_made_up_for(model, tmp_path):
    model.step.assign(3)
    writer = SampleWriter(tmp_path, every=2)
    writer.set_model(model)
    writer.on_train_begin()
    writer.on_train_end()
    assert names(tmp_path) == ["step_00000003.png"]
    before = (tmp_path / "step_00000003.png").stat()
    writer.on_train_begin()
    writer.on_train_end()
    assert (tmp_path / "step_00000003.png").stat() == before


def test_a_picture_that_cannot_be_written(model, ramp, tmp_path):
    (tmp_path / "step_00000002.png").mkdir()
    path = tmp_path / "step_00000002.png"
    with pytest.raises(OSError, match=f"Cannot write {path}: Is a directory"):
        model.play(ramp(2), [SampleWriter(tmp_path, every=2)])


def test_draw_gets_the_samples(model, ramp, tmp_path):
    shapes = []

    def draw(samples):
        shapes.append(samples.shape)
        return np.zeros((3, 5, 3), np.uint8)

    model.play(ramp(1), [SampleWriter(tmp_path, every=1, count=7, to_picture=draw)])
    assert shapes == [(7, 4, 4, 1)] * 2


def test_other_samples_need_a_drawing():
    assert samples_to_picture(np.zeros((5, 2))).shape[-1] == 3
    with pytest.raises(ValueError, match=r"pass to_picture=.* Received: samples of shape \(5, 3\)"):
        samples_to_picture(np.zeros((5, 3)))


@pytest.mark.parametrize("name, rows", [("acgan", 3), ("infogan", 10)])
def test_one_class_or_code_per_row(name, rows, tmp_path):
    gan = networks.recipe_gan(name)
    data = networks.examples(8), networks.labels(8)
    gan.fit(*data, batch_size=8, verbose=0, callbacks=[SampleWriter(tmp_path, every=1)])
    with Image.open(tmp_path / "step_00000001.png") as image:
        # Cells of 64 pixels with lines of 2 between them.
        assert image.size == (8 * 66 + 2, rows * 66 + 2)
