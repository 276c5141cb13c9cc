"""How often an update goes through the discriminator: never for what a pass has given already."""

import keras
import networks
import numpy as np
import pytest

from tfgan_losses.training.objective import Objective

SGD = keras.optimizers.SGD


def trained(monkeypatch, *, loss="relativistic", penalties=(), know=True, joint=True):
    """A GAN after one step, and the sizes of the batches that went through the discriminator."""
    keras.utils.set_random_seed(3)
    gan = networks.recipe_gan("gan", d_steps=1)
    gan.compile(
        loss, penalties=penalties, g_optimizer=SGD(0.1), d_optimizer=SGD(0.1), run_eagerly=True
    )
    gan.pair.joint_pass = joint
    sizes = []
    own = gan.pair.discriminate

    def discriminate(examples, given):
        sizes.append(len(examples))
        return own(examples, given)

    with monkeypatch.context() as patch:
        patch.setattr(gan.pair, "discriminate", discriminate)
        if not know:
            patch.setattr(Objective, "gradients_at", frozenset())
        logs = gan.fit(networks.examples(8), batch_size=8, verbose=0).history
    return gan, logs, sizes


# The last one or two passes are those of the generator's update.
@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({"loss": "hinge"}, [16, 8]),
        ({}, [16, 8, 8]),
        ({"penalties": "r1, r2"}, [16, 8, 8]),
        ({"penalties": "r1"}, [8, 8, 8, 8]),
        ({"penalties": "r2"}, [8, 8, 8, 8]),
        ({"penalties": "gradient_penalty"}, [16, 8, 8, 8]),
        ({"penalties": "r1, r2, gradient_penalty"}, [16, 8, 8, 8]),
        ({"penalties": "r1(every=2), r2"}, [8, 8, 8, 8, 8]),
        ({"penalties": "r1, r2", "joint": False}, [8, 8, 8, 8]),
        ({"penalties": "r1, r2", "know": False}, [16, 8, 8, 8, 8]),
    ],
)
def test_passes_of_a_step(options, sizes, monkeypatch):
    assert trained(monkeypatch, **options)[2] == sizes


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("penalties", ["r1, r2", "r1", "r2(weight=3)", "r1, r2, dragan"])
def test_gradients_that_are_known_are_those_of_a_pass_of_their_own(penalties, joint, monkeypatch):
    options = {"penalties": penalties, "joint": joint}
    known, found, _ = trained(monkeypatch, **options)
    anew, expected, _ = trained(monkeypatch, **options, know=False)
    networks.assert_same_state(known, anew, rtol=1e-5, atol=1e-6)
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-4, err_msg=key)
