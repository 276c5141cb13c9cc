import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import pytest
import tensorflow as tf
from tensorflow.python.framework.config import disable_op_determinism


@pytest.fixture(autouse=True)
def _fresh_state():
    """Seeds the initialisers, and forgets what the last test built."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")
    # After `train.py --deterministic` in this process. There is no public way back.
    disable_op_determinism()


class Modes:
    """The three ways in which TensorFlow runs a function."""

    names = ("eager", "graph", "jit")

    @staticmethod
    def run(mode, function, *arguments):
        if mode == "eager":
            return function(*arguments)
        return tf.function(function, jit_compile=mode == "jit")(*arguments)


@pytest.fixture
def modes():
    return Modes
