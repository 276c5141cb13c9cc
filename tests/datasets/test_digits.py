import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tfgan_losses import datasets


def test_they_are_the_real_digits_scaled_exactly(digits):
    assert digits.example_shape == (8, 8, 1)
    assert (digits.size, digits.num_classes, digits.left_out) == (1797, 10, {})
    assert digits.class_names == tuple("0123456789") and sum(digits.counts) == 1797
    examples, labels = digits.take(1797)
    assert examples.dtype == np.float32 and labels.dtype == np.int32
    real = load_digits()
    levels = np.round(real.images * 255 / 16).astype(np.float32) / np.float32(127.5) - 1
    expected = sorted(zip(real.target, map(bytes, levels), strict=True))
    assert sorted(zip(labels, map(bytes, examples), strict=True)) == expected
    np.testing.assert_array_equal(np.bincount(labels), np.bincount(real.target))
    assert examples.min() == -1.0 and examples.max() == 1.0


def test_second_load_reads_the_same_files(digits, data_dir):
    again = datasets.load("digits", data_dir=data_dir)
    np.testing.assert_array_equal(again.take(50)[0], digits.take(50)[0])


def test_preparing_is_quiet(tmp_path, capfd, caplog):
    datasets.load("digits", data_dir=str(tmp_path))
    out, err = capfd.readouterr()
    assert out == "" and "examples" not in err
    assert not caplog.records


def test_part_of_a_split(data_dir):
    assert datasets.load("digits", data_dir=data_dir, split="train[:100]").size == 100


def test_half_data_set_is_made_anew(tmp_path):
    (tmp_path / "digits" / "1.0.0").mkdir(parents=True)
    (tmp_path / "digits" / "1.0.0" / "digits-train.tfrecord-00000-of-00001").write_bytes(b"half")
    assert datasets.load("digits", data_dir=str(tmp_path)).size == 1797


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_cheap_import_and_a_kill_while_preparing_does_not_break_the_next_start(tmp_path):
    code = (
        "import os, sys, signal\n"
        "from tfgan_losses import datasets\n"
        "datasets.load('ring8')\n"
        "if 'tensorflow_datasets' in sys.modules: sys.exit('imported too early')\n"
        "from tfgan_losses.datasets.digits import Digits\n"
        "def killed(self):\n"
        "    yield 0, {'image': __import__('numpy').zeros((8, 8, 1), 'uint8'), 'label': 0}\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "Digits._generate_examples = killed\n"
        "datasets.load('digits', data_dir=sys.argv[1])\n"
    )
    root = pathlib.Path(datasets.__file__).parents[2]
    command = [sys.executable, "-c", code, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, env=environment, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list((tmp_path / "digits").iterdir())  # The unfinished folder is there.
    assert datasets.load("digits", data_dir=str(tmp_path)).size == 1797
