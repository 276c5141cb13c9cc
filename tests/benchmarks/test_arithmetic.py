"""What `benchmarks/parts/arithmetic.py` counts in a graph."""

import networks
import pytest
import tensorflow as tf


@pytest.fixture
def arithmetic(script):
    return script("parts.arithmetic")


def graph_of(function, *shapes):
    specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    return tf.function(function, autograph=False).get_concrete_function(*specs).graph


def counted(arithmetic, function, *shapes):
    products = list(arithmetic.products_of(graph_of(function, *shapes)))
    return len(products), arithmetic.operations(products)


def test_two_operations_for_each_multiplication(arithmetic):
    assert counted(arithmetic, tf.matmul, (3, 4), (4, 5)) == (1, 2 * 3 * 4 * 5)

    def transposed(a, b):
        return tf.matmul(a, b, transpose_a=True)

    assert counted(arithmetic, transposed, (4, 3), (4, 5)) == (1, 2 * 3 * 4 * 5)
    assert counted(arithmetic, tf.matmul, (7, 3, 4), (7, 4, 5)) == (1, 7 * 2 * 3 * 4 * 5)


def convolve(images, kernel):
    return tf.nn.conv2d(images, kernel, 2, "SAME")


def both_gradients(images, kernel):
    return tf.gradients(convolve(images, kernel), [images, kernel])


def test_convolutions_and_their_gradients(arithmetic):
    # 4x4 results of 6 channels, each a sum of 3 * 3 * 5 products.
    forward = 2 * (2 * 4 * 4 * 6) * (3 * 3 * 5)
    shapes = (2, 8, 8, 5), (3, 3, 5, 6)
    assert counted(arithmetic, convolve, *shapes) == (1, forward)
    # Each gradient multiplies as often; of the convolution itself only the shape is needed.
    assert counted(arithmetic, both_gradients, *shapes) == (2, 2 * forward)


def test_depthwise_convolutions(arithmetic):
    def convolve(x, kernel):
        return tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "VALID")

    assert counted(arithmetic, convolve, (2, 6, 6, 5), (3, 3, 5, 2)) == (
        1,
        2 * (2 * 4 * 4 * 10) * (3 * 3),
    )


def test_what_a_loop_repeats_counts_as_often(arithmetic):
    def repeated(matrix):
        def body(number, x):
            return (number + 1, tf.matmul(x, matrix))

        return tf.while_loop(lambda number, _: number < 5, body, (tf.constant(2), matrix))[1]

    assert counted(arithmetic, repeated, (4, 4)) == (3, 3 * 2 * 4**3)

    def twice(matrix):
        return tf.while_loop(
            lambda number, _: True,
            lambda number, x: (number + 1, repeated(x)),
            (tf.constant(0), matrix),
            maximum_iterations=2,
        )[1]

    assert counted(arithmetic, twice, (4, 4)) == (6, 6 * 2 * 4**3)


def test_a_loop_of_unknown_length_is_refused(arithmetic):
    def open_ended(matrix):
        return tf.while_loop(
            lambda x: tf.reduce_sum(x) < 1.0, lambda x: (tf.matmul(x, matrix),), (matrix,)
        )[0]

    with pytest.raises(ValueError, match="Expected a loop over a known number of parts"):
        counted(arithmetic, open_ended, (4, 4))


def test_of_a_choice_the_branch_with_most_work_counts(arithmetic):
    def choose(matrix):
        def squared():
            return matrix @ matrix

        return tf.cond(matrix[0, 0] > 0.0, squared, lambda: squared() @ matrix @ matrix)

    assert counted(arithmetic, choose, (4, 4)) == (3, 3 * 2 * 4**3)


def test_an_unknown_shape_is_refused(arithmetic):
    with pytest.raises(ValueError, match="Expected a known shape"):
        counted(arithmetic, tf.matmul, (None, 4), (4, 5))


def test_a_step_is_replayed_product_by_product(arithmetic):
    gan = networks.recipe_gan("wgan", d_steps=2)
    batch = tf.zeros([8, *gan.example_shape])
    once = arithmetic.products_of_step(gan, batch)
    assert float(arithmetic.replay(once)()) != 0.0
    gan.d_steps = 4
    more = arithmetic.products_of_step(gan, tf.zeros([16, *gan.example_shape]))
    # An update of the generator, and as many of the discriminator as there are.
    generator_update = 2 * arithmetic.operations(once) - arithmetic.operations(more)
    assert 0 < generator_update < arithmetic.operations(once) / 2
