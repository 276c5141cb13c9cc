"""Settings of Keras that the library is not written for are named at once."""

import json

import commands
import keras
import networks
import pytest

from tfgan_losses import GAN, environment

SETTINGS = [
    ("backend", "jax", "Expected Keras with backend='tensorflow'"),
    ("floatx", "float64", "Expected Keras with floatx='float32'"),
    ("floatx", "float16", "set_dtype_policy('mixed_float16')"),
    (
        "image_data_format",
        "channels_first",
        "Keras with image_data_format='channels_last'",
    ),
]


def settings_file(directory, **settings):
    (directory / "keras.json").write_text(json.dumps(settings))
    return {"KERAS_HOME": str(directory)}


@pytest.mark.parametrize("name, value, message", SETTINGS)
def test_keras_json(tmp_path, name, value, message):
    variables = settings_file(tmp_path, **{name: value})
    ended = commands.finish(commands.start(tmp_path, "--steps=1", **variables))
    first, *others = ended.err.splitlines()
    assert ended.code == 1 and message in first and f"{name}={value!r}" in first
    assert first.startswith("train.py: ") and "keras.json" in first
    assert len(others) == 1 and "TFGAN_LOSSES_DEBUG=1" in others[0]


def test_the_variable_comes_before_the_file(tmp_path, monkeypatch):
    for variable, value in settings_file(tmp_path, backend="torch").items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert environment._before_keras()["backend"] == "jax"
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert environment._before_keras()["backend"] == "torch"
    (tmp_path / "keras.json").write_text('{"backend": ')
    assert environment._before_keras() == {}


def test_the_import_names_another_backend(tmp_path):
    code = "import tfgan_losses"
    variables = {"KERAS_BACKEND": "jax", "PYTHONPATH": str(commands.ROOT)}
    ended = commands.python(code, directory=tmp_path, **variables)
    last = ended.err.splitlines()[-1]
    assert last.startswith("ValueError: Expected Keras with backend='tensorflow'")
    assert last.endswith("Received: backend='jax', in the variable KERAS_BACKEND")


def test_what_is_set_later_is_named_by_the_gan():
    pair = networks.pair()
    for setting, value, usual in (
        ("floatx", "float64", "float32"),
        ("image_data_format", "channels_first", "channels_last"),
    ):
        change = getattr(keras.config, f"set_{setting}")
        change(value)
        try:
            with pytest.raises(ValueError, match=f"Received: {setting}='{value}'"):
                GAN(*pair, latent_dim=networks.LATENT_DIM)
        finally:
            change(usual)
    GAN(*pair, latent_dim=networks.LATENT_DIM)


def test_a_version_that_is_too_old_is_named(monkeypatch):
    monkeypatch.setattr("tfgan_losses.diagnosis.versions._required", lambda: {"keras": ">=99"})
    with pytest.raises(ValueError, match=rf"Expected keras>=99: .*keras {keras.__version__}$"):
        GAN(*networks.pair(), latent_dim=networks.LATENT_DIM)
