import keras
import numpy as np
import pytest

from tfgan_losses.pyramid.concurrent import GradedAdam, graded


def steps_of(optimizer, gradients, count=5):
    """Where two variables get to from 0 by gradients that are always the same."""
    variables = [keras.Variable(np.zeros(3, "float32")) for _ in gradients]
    optimizer.build(variables)
    for _ in range(count):
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients], variables)
    return [np.asarray(variable) for variable in variables]


GRADIENTS = [np.array([1.0, -2.0, 0.5], "float32"), np.array([3.0, 0.1, -1.0], "float32")]


def test_each_variable_has_its_own_rate():
    """Exactly as an Adam of that rate for it alone."""
    graded = steps_of(GradedAdam(learning_rate=0.01, grades=[0.1, 1.0]), GRADIENTS)
    alone = [
        steps_of(GradedAdam(learning_rate=rate, grades=[1.0]), [gradient])[0]
        for rate, gradient in zip((0.001, 0.01), GRADIENTS, strict=True)
    ]
    np.testing.assert_allclose(graded[0], alone[0], rtol=1e-6)
    np.testing.assert_array_equal(graded[1], alone[1])
    # To scale the gradients instead changes next to nothing, which is why this class is there.
    scaled = steps_of(keras.optimizers.Adam(0.01), [0.1 * GRADIENTS[0], GRADIENTS[1]])
    assert abs(scaled[0][0] / graded[0][0]) == pytest.approx(10.0, rel=1e-3)


def test_a_schedule_is_scaled_at_every_step():
    halved = keras.optimizers.schedules.PiecewiseConstantDecay([2], [0.01, 0.005])
    found = steps_of(GradedAdam(learning_rate=halved, grades=[0.1, 1.0]), GRADIENTS)
    # A constant gradient moves Adam by the rate: three updates of 0.01, two of 0.005.
    assert abs(found[1][0]) == pytest.approx(0.04, rel=1e-3)
    assert abs(found[0][0]) == pytest.approx(0.004, rel=1e-3)


def test_it_comes_back_from_its_config():
    own = GradedAdam(learning_rate=0.01, beta_1=0.5, grades=[0.01, 1.0])
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(own))
    assert type(again) is GradedAdam and again.get_config() == own.get_config()
    with pytest.raises(ValueError, match=r"as many grades as variables, 1. Received: 2 grades"):
        again.build([keras.Variable(0.0)])


def test_grades_fall_by_ten_from_stage_to_stage():
    stages = [keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]) for _ in range(3)]
    found = graded(keras.optimizers.Adam(5e-4, beta_1=0.5), stages)
    assert found.grades == pytest.approx([0.01, 0.01, 0.1, 0.1, 1.0, 1.0])
    assert (found.beta_1, float(found.learning_rate)) == (0.5, pytest.approx(5e-4))
    adam = keras.optimizers.Adam()
    assert graded(adam, stages[:1]) is adam
