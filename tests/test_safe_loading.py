"""No file that the library reads can run code: nothing is unpickled, evaluated or trusted."""

import ast

import keras
import networks
import pytest
from commands import ROOT

from tfgan_losses import GAN

# What runs code of a file when it reads it.
_MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
_CALLS = {"eval", "exec", "yaml.load", "enable_unsafe_deserialization"}
_TRUSTING = {"allow_pickle": True, "safe_mode": False}


def unsafe(code):
    """Lines of Python code that can run what a file holds, with their numbers."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names} & _MODULES
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "").split(".")[0]} & _MODULES
            names |= {alias.name for alias in node.names} & _CALLS
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            names = {called, called.split(".")[-1]} & _CALLS
            # Only a constant that says no is known to say no.
            names |= {
                f"{word.arg}={ast.unparse(word.value)}"
                for word in node.keywords
                if word.arg in _TRUSTING and ast.unparse(word.value) != str(not _TRUSTING[word.arg])
            }
        else:
            continue
        yield from ((node.lineno, name) for name in sorted(names))


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from dill import loads",
        "import joblib.numpy_pickle as x",
        "eval('1')",
        "builtins.exec(text)",
        "yaml.load(file, Loader)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=maybe)",
        "keras.saving.load_model(path, safe_mode=False)",
        "keras.config.enable_unsafe_deserialization()",
        "from keras.config import enable_unsafe_deserialization",
    ],
)
def test_what_counts_as_unsafe(code):
    assert list(unsafe(code))


def test_what_does_not():
    code = "ast.literal_eval(x); np.load(p, allow_pickle=False); model.compile(); f(safe_mode=True)"
    assert not list(unsafe(code))


def test_nothing_unsafe_is_called():
    folders = (ROOT / name for name in ("tfgan_losses", "models", "flags", "benchmarks"))
    files = [*ROOT.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
    assert len(files) > 50 and ROOT / "train.py" in files
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in files
        for line, name in unsafe(path.read_text(encoding="utf-8"))
    ]
    assert not found


# Spectral normalisation, labels and codes, an autoencoder with a state, schedules.
@pytest.mark.parametrize("name", ["sngan", "projection", "infogan", "began", "r3gan"])
def test_a_saved_gan_loads_in_safe_mode(name, tmp_path):
    gan = networks.recipe_gan(name, ema_decay="half_life(start=0, end=0.5, steps=9)")
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras", safe_mode=True)
    networks.assert_same_state(loaded, gan)
    assert loaded.get_compile_config() == gan.get_compile_config()


@pytest.mark.parametrize("place", ["generator", "discriminator"])
def test_code_in_a_saved_gan_is_refused(place, tmp_path):
    parts = {"generator": networks.generator(), "discriminator": networks.discriminator()}
    parts[place].add(keras.layers.Lambda(lambda x: x * 1.0))
    GAN(**parts, latent_dim=networks.LATENT_DIM).save(tmp_path / "gan.keras")
    # The default is the safe mode.
    with pytest.raises(ValueError, match=r"(?s)lambda.*safe_mode=False|unsafe_deserialization"):
        keras.saving.load_model(tmp_path / "gan.keras")
