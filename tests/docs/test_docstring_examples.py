"""The examples in docstrings of public names print what they say."""

import doctest
import inspect

import pytest
from faces import public_objects

from tfgan_losses import augmentations, auxiliary, conditioning, losses, penalties, schedules

OBJECTS = public_objects()
EXAMPLES = {
    test.name: test
    for name, value in OBJECTS.items()
    for test in doctest.DocTestFinder().find(value, name, module=False)
    if test.examples
}
# They train.
SLOW = {"tfgan_losses.Run"}
REGISTRIES = (
    augmentations.registry,
    auxiliary.registry,
    conditioning.registry,
    losses.registry,
    penalties.registry,
    schedules.registry,
)


@pytest.mark.parametrize(
    "name", [pytest.param(x, marks=pytest.mark.slow) if x in SLOW else x for x in EXAMPLES]
)
def test_prints_what_it_says(name):
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    said = []
    runner.run(EXAMPLES[name], out=said.append)
    assert not runner.failures, "".join(said)


@pytest.mark.parametrize("face", ["layers", "metrics"])
def test_what_is_called_in_code_has_an_example(face):
    """Layers, and the functions of metrics."""
    shown = {name: value for name, value in OBJECTS.items() if f".{face}." in name}
    called = [name for name in shown if face == "layers" or inspect.isfunction(shown[name])]
    assert len(called) > 15
    assert [name for name in called if name not in EXAMPLES] == []


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_what_a_name_stands_for_has_an_example(registry):
    classes = [registry.lookup(name) for name in registry.names()]
    assert [cls.__name__ for cls in classes if ">>> " not in (cls.__doc__ or "")] == []
