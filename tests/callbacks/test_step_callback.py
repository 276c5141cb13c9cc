import pytest

from tfgan_losses.callbacks import StepCallback
from tfgan_losses.training.checks import check_positive


class Witness(StepCallback):
    def __init__(self, every):
        super().__init__()
        self.every, self.steps, self.due_at = every, [], []

    def steps_until_due(self):
        return self.steps_until(self.every)

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        assert self.step == int(self.model.step)
        self.steps.append(self.step)
        if self.due(self.every):
            self.due_at.append(self.step)


@pytest.mark.parametrize(
    ("per_execution", "steps", "due_at"),
    [
        (1, [*range(1, 13)], [3, 6, 9, 12]),
        (4, [3, 6, 9, 12], [3, 6, 9, 12]),
        (2, [2, 3, 5, 6, 8, 9, 11, 12], [3, 6, 9, 12]),
    ],
)
def test_counts_generator_updates(model, ramp, per_execution, steps, due_at):
    witness = Witness(every=3)
    model.play(ramp(12), [witness], steps_per_execution=per_execution)
    assert witness.steps == steps
    assert witness.due_at == due_at


def test_counts_over_epochs_and_from_a_restored_step(model, ramp):
    model.step.assign(100)
    witness = Witness(every=5)
    model.play(ramp(12), [witness], epochs=3)
    assert witness.steps == list(range(101, 113))
    assert witness.due_at == [105, 110]


def test_logs_have_the_order_of_the_metrics_not_of_the_alphabet(model, ramp):
    witness = Witness(every=1)
    model.play(ramp(1), [witness])
    assert list(witness.logs.items()) == [
        ("d_real", 1.0), ("d_fake", 10.0), ("d_loss", 100.0), ("g_loss", 1000.0)
    ]  # fmt: skip


@pytest.mark.parametrize("value", [0, -1, 2.0, True, None])
def test_positive_integers_only(value):
    with pytest.raises(ValueError, match=rf"Expected every to be .* Received: every={value}"):
        check_positive(every=value)
