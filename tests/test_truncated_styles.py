"""`sample` with truncated styles, as one types it."""

import keras
import networks
import numpy as np
import pytest
import runs
from test_after_training import call, refused
from tfgan_losses.models.styles import truncate_styles

from tfgan_losses import GAN, datasets, sampling
from tfgan_losses.measuring import opening
from tfgan_losses.measuring.description import quantised

pytestmark = pytest.mark.slow
ASKED = ("--truncation=0.5", "--truncation_kind=styles")


def test_samples_have_truncated_styles(tmp_path, capsys):
    keras.utils.set_random_seed(1)
    gan = GAN.from_recipe("stylegan2", (8, 8, 1), steps=2, latent_dim=4, width=4)
    runs.write(tmp_path / "run", gan)
    typed = ("--count=5", "--npz", "--seed=3", *ASKED, f"--output={tmp_path}/o")
    assert call("sample", f"--run={tmp_path / 'run'}", *typed) == 0
    assert "styles at 0.5 of their distance from the mean" in capsys.readouterr().out
    found = datasets.load(f"npz:{tmp_path}/o/samples.npz").examples
    gan = opening.open_run(opening.RunDirectory(tmp_path / "run")).generator
    latents = sampling.generator_inputs(5, 4, None, 3)
    expected, whole = truncate_styles(gan.sampler, 0.5)(latents), gan.generate(5, seed=3)
    np.testing.assert_allclose(found, quantised(np.asarray(expected)), atol=0.01)
    assert np.abs(found - quantised(whole)).max() > 0.05


def test_a_generator_without_styles_has_none_to_truncate(tmp_path):
    runs.write(tmp_path / "plain", networks.recipe_gan("hinge"))
    typed = (f"--run={tmp_path / 'plain'}", f"--output={tmp_path}/o", *ASKED)
    assert "parts 'mapping'" in refused("sample", *typed)
