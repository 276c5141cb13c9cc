"""What `benchmarks/scaling.py` computes; what it measures needs a quiet machine."""

import networks
import numpy as np
import pytest


@pytest.fixture
def scaling(script):
    return script("scaling")


def test_exchange_is_that_of_all_updates_of_both_networks(scaling):
    gan = networks.recipe_gan("wgan-gp", d_steps=5)
    found = scaling.exchange_of(gan)
    sizes = {
        network: sum(np.prod(v.shape) for v in getattr(gan, network).trainable_variables)
        for network in ("generator", "discriminator")
    }
    reported = len(gan.metrics)
    assert found.bytes == 4 * (5 * sizes["discriminator"] + sizes["generator"] + reported)
    assert found.calls == 7


def test_a_ring_sends_twice_the_bytes_and_waits_for_each_hop(scaling):
    exchange = scaling.Exchange(bytes=10**9, calls=3)
    inside, across = scaling.Network(1e11, 1e-6), scaling.Network(1e10, 1e-5)
    assert scaling.seconds_of_exchange(exchange, 1, inside, across) == 0.0
    # 2 * 7 / 8 GB at 100 GB/s, and 3 calls of 14 hops of a microsecond.
    assert scaling.seconds_of_exchange(exchange, 8, inside, across) == pytest.approx(
        0.0175 + 3 * 14e-6
    )
    # 2 * 63 / 64 GB at 10 GB/s; 14 hops within a node, and 14 between eight nodes.
    assert scaling.seconds_of_exchange(exchange, 64, inside, across) == pytest.approx(
        0.196875 + 3 * (14e-6 + 14e-5)
    )


def test_more_accelerators_are_less_efficient_each(scaling):
    network = scaling.Network(1e10, 1e-5)
    rows = scaling.projection(scaling.Exchange(10**8, 7), 0.05, network, network)
    assert [count for count, _, _ in rows] == [8, 64, 512]
    efficiencies = [efficiency for _, _, efficiency in rows]
    assert 1 > efficiencies[0] > efficiencies[1] > efficiencies[2] > 0
    for _, seconds, efficiency in rows:
        assert efficiency == pytest.approx(0.05 / seconds)
