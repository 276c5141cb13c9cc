"""What of TensorFlow and Keras is private and used all the same, and whether it is still there."""

import ast
import importlib
import sys

import keras
import pytest
import tensorflow as tf
from test_imports import modules

from tfgan_losses.run_files import checkpoint_files

# A name that is private may go with any version. So each has a reason to be here.
PRIVATE = {
    # Whether XLA compiles what is being traced: loops are slow there on a CPU.
    "tensorflow.python.ops.control_flow_util.GraphOrParentsInXlaContext",
    # Memory that Keras does not give back with each checkpoint; without them it does not.
    "keras.src.backend.common.global_state",
    "keras.src.saving.saving_lib.get_attr_skipset",
}
# What is overridden or read of Keras' classes, where it has no public name.
PRIVATE_METHODS = {
    keras.Model: ("_maybe_symbolic_build", "_flatten_layers"),
    keras.layers.BatchNormalization: ("_moments",),
    keras.optimizers.Optimizer: ("_get_variable_index",),
}


def private_imports(code):
    """Names that Python code imports from where TensorFlow and Keras have what is their own."""
    for node in ast.walk(ast.parse(code)):
        names = []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (each for each in names if {"src", "python", "_tf_keras"} & {*each.split(".")})


def test_no_other_private_name_is_imported():
    found = {name for path in modules().values() for name in private_imports(path.read_text())}
    assert found == PRIVATE


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_it_is_still_there(name):
    module, _, attribute = name.rpartition(".")
    versions = f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
    try:
        has_it = hasattr(importlib.import_module(module), attribute)
        has_it = has_it or importlib.import_module(name) is not None
    except ImportError:
        has_it = False
    assert has_it, f"{versions}: there is no {name} any more"


@pytest.mark.parametrize(
    ("owner", "name"), [(owner, name) for owner, names in PRIVATE_METHODS.items() for name in names]
)
def test_methods_are_still_there(owner, name):
    message = f"Keras {keras.__version__}: {owner.__name__} has no {name} any more"
    assert callable(getattr(owner, name, None)), message


@pytest.mark.parametrize("missing", ["keras.src.backend.common", "keras.src.saving.saving_lib"])
def test_a_checkpoint_does_not_need_those_of_keras(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    checkpoint_files._keep_what_keras_skips()
