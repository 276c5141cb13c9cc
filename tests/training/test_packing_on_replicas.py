"""Two replicas make the packs and the groups of one device; in processes of their own."""

import commands
import pytest

BATCH, STEPS = 8, 3


def make(pack=1, extra=(), **arguments):
    import keras
    import networks

    from tfgan_losses import GAN
    from tfgan_losses.training import packing

    keras.utils.set_random_seed(3)
    generator = networks.generator(batch_normalization=False)
    discriminator = networks.discriminator(packing.shape_of((4, 4, 1), pack), extra=extra)
    gan = GAN(generator, discriminator, latent_dim=networks.LATENT_DIM, seed=11, pack=pack)
    sgd = {key: keras.optimizers.SGD(0.05) for key in ("g_optimizer", "d_optimizer")}
    gan.compile(**{"loss": "wasserstein", "steps": STEPS, "d_steps": 2, **sgd, **arguments})
    return gan


def compare(**arguments):
    import networks
    import numpy as np

    x = networks.examples(2 * BATCH * STEPS)
    one = make(**arguments)
    with commands.two_replicas().scope():
        two = make(**arguments)
    networks.assert_same_state(two, one)
    before = networks.all_state(one)
    options = {"batch_size": 2 * BATCH, "shuffle": False, "verbose": 0}
    expected, found = (gan.fit(x, **options).history for gan in (one, two))
    moved = [np.abs(a - b).max() for a, b in zip(before, networks.all_state(one), strict=True)]
    assert max(moved) > 1e-3, "Nothing was trained."
    for key, values in found.items():
        np.testing.assert_allclose(values, expected[key], rtol=1e-4, atol=1e-5, err_msg=key)
    networks.assert_same_state(two, one, rtol=0, atol=1e-5)
    return one, two


def packs_equal_one_device():
    compare(pack=2, penalties="gradient_penalty", augmentation="instance_noise(stddev=0.3)")


def evaluation_of_packs_equals_one_device():
    import networks
    import numpy as np

    one, two = compare(pack=2, augmentation="instance_noise(stddev=0.3)")
    x = networks.examples(20)
    options = {"batch_size": 8, "verbose": 0, "return_dict": True}
    expected, found = (gan.evaluate(x, **options) for gan in (one, two))
    for key, value in found.items():
        np.testing.assert_allclose(value, expected[key], rtol=1e-4, atol=1e-5, err_msg=key)
    # A rest that leaves one replica a single example, and the other none.
    for count in (9, 17):
        loss = two.evaluate(networks.examples(count), **options)["d_loss"]
        assert np.isfinite(loss)


def groups_equal_one_device():
    from tfgan_losses.layers import MinibatchStandardDeviation

    compare(extra=[MinibatchStandardDeviation(2)], penalties="r1(every=2)")


def indivisible_batches_are_refused():
    import networks

    with commands.two_replicas().scope():
        gan = make(pack=3)
    with pytest.raises(ValueError, match=r"times 2 replicas times pack=3.*batch_size=16"):
        gan.fit(networks.examples(16), batch_size=16, verbose=0)


CASES = {
    case.__name__: case
    for case in (
        packs_equal_one_device,
        evaluation_of_packs_equals_one_device,
        groups_equal_one_device,
        indivisible_batches_are_refused,
    )
}


@pytest.mark.slow
def test_two_replicas():
    commands.check_with_two_devices(__file__, CASES)


if __name__ == "__main__":
    commands.run_cases(CASES)
