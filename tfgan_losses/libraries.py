"""TensorFlow and Keras as a command needs them: sooner there, and sooner gone."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# What Keras tries to import for parts of its own that no command uses: its wrappers for
# scikit-learn, its galleries, its tables of weights in notebooks, data in frames.
UNUSED = ("IPython", "matplotlib", "pandas", "sklearn")


def with_libraries(action: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Loads TensorFlow and Keras, and returns the same action without AutoGraph.

    No function of this library is written for AutoGraph, which would rewrite those that read data
    before they are traced.
    """
    load()
    import tensorflow as tf

    without: Callable[_Arguments, _Result] = tf.autograph.experimental.do_not_convert(action)
    return without


def load() -> None:
    """Imports TensorFlow and Keras without what no command uses of what they look for.

    For the process of a command: there Keras' own parts that need these say that they are not
    installed. Everybody else imports them as ever. Where Keras is there already, nothing is done.
    """
    if "keras" in sys.modules:
        return
    # Called last, after what TensorFlow registers: Python looks at all objects several times when
    # it ends, and theirs are a million.
    atexit.register(gc.freeze)
    hidden = [name for name in UNUSED if name not in sys.modules]
    collects = gc.isenabled()
    gc.disable()  # What is imported stays.
    try:
        # Python takes None for what is not installed.
        sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
        import keras
        import tensorflow

        del keras, tensorflow
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
        gc.freeze()
        if collects:
            gc.enable()
