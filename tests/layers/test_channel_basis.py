import keras
import numpy as np
import tensorflow as tf

from tfgan_losses.layers import ChannelBasis


def test_is_the_einsum_that_it_says(tmp_path):
    scales = tf.constant(np.random.default_rng(0).standard_normal((5, 3)), tf.float32)
    arguments = {"equation": "bc,hwc->bhwc", "output_shape": (2, 4, 3)}
    ours, theirs = ChannelBasis(**arguments), keras.layers.EinsumDense(**arguments)
    results = []
    for layer in (ours, theirs):
        layer.build(scales.shape)
        layer.set_weights([np.random.default_rng(1).standard_normal((2, 4, 3))])
        with tf.GradientTape() as tape:
            tape.watch(scales)
            outputs = layer(scales)
            loss = tf.reduce_sum(outputs**2)
        gradients = tape.gradient(loss, [scales, layer.kernel.value])
        results.append([outputs, *gradients])
    np.testing.assert_array_equal(results[0][0], results[1][0])
    for own, other in zip(*results, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-5)
    model = keras.Sequential([keras.Input((3,)), ours])
    model.save(tmp_path / "basis.keras")
    loaded = keras.saving.load_model(tmp_path / "basis.keras")
    np.testing.assert_array_equal(loaded(scales), results[0][0])
