"""Top-k, flipped labels, clipped gradients and regularisers: two replicas equal one device."""

import functools

import commands
import pytest


def equal(regularizer=None, precision="float32", clip=None, steps=5, atol=1e-5, **options):
    import keras
    import networks

    from tfgan_losses import GAN, regularizers

    def made():
        keras.utils.set_random_seed(2)
        keras.config.set_dtype_policy(precision)
        pair = networks.pair(batch_normalization=False)
        for network in pair if regularizer else ():
            regularizers.apply(network, regularizer)
        gan = GAN(*pair, latent_dim=networks.LATENT_DIM, seed=1)
        rules = {
            key: keras.optimizers.SGD(0.5, **(clip or {})) for key in ("g_optimizer", "d_optimizer")
        }
        gan.compile("non_saturating", d_steps=2, **rules, **options)
        return gan

    one = made()
    with commands.two_replicas().scope():
        two = made()
    for gan in (one, two):
        # The last batch leaves less to one replica.
        x = networks.examples(16 * steps + 12)
        gan.fit(x, batch_size=16, verbose=0, shuffle=False)
    networks.assert_same_state(two, one, rtol=0, atol=atol)


CASES = {
    "top-k": functools.partial(equal, top_k=0.4),
    "flips": functools.partial(equal, label_flipping=0.4),
    "regularisers": functools.partial(equal, "orthogonal(weight=0.1)"),
    # Small enough to be what decides each update.
    "global_clipnorm": functools.partial(equal, clip={"global_clipnorm": 0.01}),
    "clipnorm": functools.partial(equal, clip={"clipnorm": 0.01}),
    "clipvalue": functools.partial(equal, clip={"clipvalue": 0.001}),
    "a scaled loss": functools.partial(
        equal, precision="mixed_float16", clip={"global_clipnorm": 0.01}, atol=1e-3
    ),
}


@pytest.mark.slow
def test_two_replicas_equal_one_device():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
