"""Too little memory: one line with what to change."""

import commands
import pytest
import tensorflow as tf
from test_run import At, train

from tfgan_losses import memory

EXHAUSTED = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating\nmore lines")


@pytest.mark.parametrize("error", [MemoryError("Unable to allocate 8 TiB"), EXHAUSTED])
def test_python_names_arguments(error):
    advice = r"a smaller batch_size; accumulate=4"
    with pytest.raises(MemoryError, match=advice) as raised, memory.explain_lack():
        raise error
    assert str(raised.value).endswith(("8 TiB", "OOM when allocating"))


def test_in_training(tmp_path):
    def exhaust():
        raise EXHAUSTED

    with pytest.raises(MemoryError, match=r"keras\.config\.set_dtype_policy"):
        train(tmp_path, callbacks=[At(1, exhaust)])
    assert not (tmp_path / "lock").exists()


@pytest.mark.slow  # TensorFlow waits for others to give memory back.
def test_a_command_names_flags(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # The first weights are more than any machine has. Fewer would be had, and take all there is.
    flags = ("--dataset=ring8", "--gan_type=hinge", f"--width={2**31 - 1}", "--steps=1")
    message = commands.call(*flags)
    for part in ("--batch_size", "--accumulate=4", "--mixed_precision=mixed_bfloat16", "--width"):
        assert part in message
    assert len(message.splitlines()) == 2
    assert not list(tmp_path.iterdir())
