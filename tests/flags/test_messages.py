"""Messages of the library in the words of the command line."""

import pytest
from tfgan_losses.flags import messages


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Received: batch_size=8, steps=3", "Received: --batch_size=8, --steps=3"),
        ("Expected no `image_size`.", "Expected no --image_size."),
        ("or skip_bad_images=True to go on", "or --skip_bad_images=True to go on"),
        ("a smaller batch_size; accumulate=4", "a smaller --batch_size; --accumulate=4"),
        ("Unknown gan_type. Expected", "Unknown --gan_type. Expected"),
        ("or resume=True to go on", "or --resume=<directory> to go on"),
        ("Received: directory='x', which", "Received: --output_dir='x', which"),
        ("keras.config.set_dtype_policy('mixed_bfloat16')", "--mixed_precision=mixed_bfloat16"),
    ],
)
def test_arguments_become_flags(said, told):
    assert messages.naming_flags(said) == told


@pytest.mark.parametrize(
    "text",
    [
        "the loss 'hinge' has a model of seed and steps",  # Words of the language, too.
        "--batch_size=8 --gan_type=wgan",
        "'cosine(steps=9)' and schedule(start=1, end=2)",
        "/data/batch_size/steps=3/image_size.png",
        "runs/gan_type-001, 'batch_size', {'steps': 3}",
        "d_optimizer.learning_rate: 1 before, 2 now; x_steps=3",
    ],
)
def test_everything_else_stays(text):
    assert messages.naming_flags(text) == text
