"""A program of its own: does with TensorFlow, step by step, what a training needs of it.

TensorFlow can end the process that imports it, on a processor without AVX for example. So
`probing` starts this file, which writes a line of JSON before and after each step. It imports
nothing of the library before the last one.
"""

import json
import re
import sys
import time
from collections.abc import Callable


def _tensorflow() -> str:
    import tensorflow as tf

    return str(tf.__version__)


def _keras() -> str:
    import keras

    return f"{keras.__version__}, backend {keras.config.backend()}"


def _tfds() -> str:
    import tensorflow_datasets as tfds

    # Its parts are imported when they are asked for.
    return f"{tfds.__version__}, {len(tfds.list_builders()):,} data sets"


def _devices() -> str:
    import tensorflow as tf

    devices = [x for x in tf.config.list_physical_devices() if not x.device_type.startswith("XLA")]
    return ", ".join(f"{x.device_type} {_details(x)}".strip() for x in devices)


def _details(device: object) -> str:
    import tensorflow as tf

    details = tf.config.experimental.get_device_details(device)
    capability = ".".join(map(str, details.get("compute_capability", ())))
    return f"{details.get('device_name', '')}" + (f" (sm {capability})" if capability else "")


def _cuda() -> str:
    import tensorflow as tf

    built = tf.sysconfig.get_build_info()
    if not built.get("is_cuda_build"):
        return "TensorFlow was built without it"
    used = "in use" if tf.config.list_physical_devices("GPU") else "no GPU found"
    return (
        f"TensorFlow was built with CUDA {built.get('cuda_version') or '(not said)'} and cuDNN "
        f"{built.get('cudnn_version') or '(not said)'}; {used}"
    )


def _xla() -> str:
    import tensorflow as tf

    compiled = tf.function(lambda x: tf.reduce_sum(x * x), jit_compile=True)
    began = time.perf_counter()
    if float(compiled(tf.constant([3.0, 4.0]))) != 25.0:
        raise ArithmeticError("the sum of squares of 3 and 4 is not 25")
    return f"compiles, {time.perf_counter() - began:.1f} s for a small function"


def _mixed_precision() -> str:
    import tensorflow as tf

    for number in (tf.bfloat16, tf.float16):
        x = tf.ones((8, 8), number)
        if float(tf.reduce_max(tf.abs(x @ x - 8))) != 0.0:
            raise ArithmeticError(f"products of {number.name} are wrong")
    capabilities = [
        tf.config.experimental.get_device_details(x).get("compute_capability", (0, 0))
        for x in tf.config.list_physical_devices("GPU")
    ]
    if not capabilities:
        return "bfloat16 and float16 compute; on a CPU they are seldom faster"
    fast = [
        name for name, least in (("bfloat16", 8), ("float16", 7)) if min(capabilities)[0] >= least
    ]
    return f"bfloat16 and float16 compute; fast on this GPU: {' and '.join(fast) or 'none'}"


def _first_step() -> str:
    import numpy as np

    import tfgan_losses

    began = time.perf_counter()
    gan = tfgan_losses.GAN.from_recipe("hinge", example_shape=(32, 32, 1), width=8, seed=0)
    images = np.random.default_rng(0).uniform(-1, 1, (8, 32, 32, 1)).astype("float32")
    losses = gan.fit(images, batch_size=8, verbose=0).history["d_loss"]
    if not (np.isfinite(losses).all() and np.isfinite(gan.generate(2)).all()):
        raise ArithmeticError("the first step made losses or images that are not finite")
    return f"made in {time.perf_counter() - began:.1f} s, with building and compiling"


STEPS: dict[str, Callable[[], str]] = {
    "import of TensorFlow": _tensorflow,
    "import of Keras": _keras,
    "import of TFDS": _tfds,
    "devices": _devices,
    "CUDA": _cuda,
    "XLA": _xla,
    "mixed precision": _mixed_precision,
    "first step": _first_step,
}
# After these there is nothing that could be tried.
NEEDED = ("import of TensorFlow", "import of Keras", "first step")


def main() -> int:
    """Does all steps, or those until one that is needed fails."""
    for name, step in STEPS.items():
        print(json.dumps({"begins": name}), flush=True)
        try:
            ended = {"name": name, "value": step()}
        except Exception as error:
            # Keras writes some of its errors in bold.
            plain = re.sub(r"\x1b\[\d*m", "", f"{type(error).__name__}: {error}")
            text = " ".join(plain.split())
            ended = {"name": name, "error": text}
        print(json.dumps(ended), flush=True)
        if "error" in ended and name in NEEDED:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
