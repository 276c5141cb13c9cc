import gc
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# A GPU is shared by the processes that tests start, and rounds factors to 10 bits unless told
# otherwise: these by the variable, this one by TensorFlow.
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
os.environ["NVIDIA_TF32_OVERRIDE"] = "0"

import keras
import pytest
import tensorflow as tf
from tensorflow.python.framework.config import disable_op_determinism

tf.config.experimental.enable_tensor_float_32_execution(False)


def pytest_report_header():
    """Says what the tests run on. Seen with `-v`: the settings of this project ask for `-q`."""
    gpus = map(tf.config.experimental.get_device_details, tf.config.list_physical_devices("GPU"))
    names = [details.get("device_name", "GPU") for details in gpus]
    return f"device: {', '.join(names) or f'CPU, {os.cpu_count()} cores'}"


@pytest.fixture(autouse=True, scope="session")
def _no_file_in_the_home_directory(tmp_path_factory):
    """One cache for all tests, and for the processes that they start."""
    os.environ["TFGAN_LOSSES_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def _fresh_state():
    """Seeds the initialisers, and forgets what the last test built."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")
    # After `train.py --deterministic` in this process. There is no public way back.
    disable_op_determinism()


@pytest.fixture(autouse=True, scope="module")
def _what_a_file_left_is_not_searched_again(request):
    """Caches of TensorFlow keep graphs, which the collector would go through for seconds.

    What it does not go through is not found either when it becomes garbage: not among the slow
    tests, whose networks are large.
    """
    yield
    if request.config.option.markexpr == "not slow":
        gc.collect()
        gc.freeze()


@pytest.fixture(autouse=True)
def _xla_where_a_test_asks_for_it(monkeypatch):
    """On a GPU it is the default, and would be compiled for each of hundreds of small networks."""
    if tf.config.list_physical_devices("GPU"):
        monkeypatch.setattr("tfgan_losses.training.xla._device_of", lambda model: "not asked")


@pytest.fixture
def same_bits():
    """Lets two equal runs agree to the bit on a GPU, too, as `--deterministic` does there."""
    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


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
