import networks
import numpy as np
import pytest
from tfgan_losses.flags import command_line, setting
from tfgan_losses.flags.compared import Compared
from tfgan_losses.flags.definitions import GROUPS

from tfgan_losses.datasets.source import MemorySource

TINY = ("--gan_type=wgan", "--width=4", "--steps=3")


def parse(*typed):
    return command_line.parse(tuple(GROUPS), typed)


def build(*typed):
    flags = parse(*TINY, *typed)
    source = MemorySource.from_arrays(networks.examples(8).reshape(64, 2), name="points")
    return setting.build_gan(flags, setting.resolve_recipe(flags), source)


def rate(optimizer, updates):
    optimizer.iterations.assign(updates)
    return float(optimizer.learning_rate)


def test_linear_decay_ends_with_the_last_update_of_each_network():
    gan = build("--learning_rate_decay=linear")
    for optimizer, updates in ((gan.g_optimizer, 3), (gan.d_optimizer, 3 * 5)):
        whole = rate(optimizer, 0)
        assert whole == pytest.approx(5e-5)
        assert rate(optimizer, updates - 1) == pytest.approx(whole / updates, rel=1e-4)
        assert rate(optimizer, updates) == 0.0


def test_linear_decay_counts_the_updates_of_a_head_start():
    gan = build("--learning_rate_decay=linear", "--d_head_start")
    # Each of the three steps is one of the first 25, which 100 updates belong to.
    for updates, left in ((0, 1.0), (150, 0.5), (300, 0.0)):
        assert rate(gan.d_optimizer, updates) == pytest.approx(left * 5e-5, rel=1e-5)
    assert rate(gan.g_optimizer, 3) == 0.0
    assert gan.get_compile_config()["d_updates"] == 300


def test_a_rate_for_a_recipe_with_a_schedule_is_where_it_starts():
    gan = build("--gan_type=r3gan", "--g_learning_rate=1e-3", "--steps=8")
    # The recipe's goes from 2e-4 to 5e-5.
    for optimizer, start in ((gan.g_optimizer, 1e-3), (gan.d_optimizer, 2e-4)):
        for updates, left in ((0, 1.0), (4, 0.625), (8, 0.25)):
            assert rate(optimizer, updates) == pytest.approx(left * start, rel=1e-5)
    still = build("--gan_type=r3gan", "--d_learning_rate=0")
    assert rate(still.d_optimizer, 0) == rate(still.d_optimizer, 3) == 0.0
    with pytest.raises(ValueError, match="r3gan has a schedule of its own"):
        build("--gan_type=r3gan", "--d_learning_rate=1e-3", "--learning_rate_decay=linear")


@pytest.mark.parametrize("wrong", ["nan", "inf"])
@pytest.mark.parametrize("name", ["g_learning_rate", "d_learning_rate"])
def test_no_learning_rate_is_named_by_its_flag(name, wrong):
    with pytest.raises(ValueError, match=f"--{name}: Expected a finite number. Received: {wrong}"):
        build(f"--{name}={wrong}")


def test_overrides_are_those_of_the_flags_given():
    flags = parse("--gan_type=wgan-gp", "--penalties=r1(weight=2)", "--d_steps=3", "--g_steps=2",
                  "--ema_decay=0")  # fmt: skip
    recipe = setting.resolve_recipe(flags)
    assert (recipe.loss, recipe.penalties) == ("wasserstein", ("r1(weight=2)",))
    assert (recipe.d_steps, recipe.g_steps, recipe.ema_decay) == (3, 2, 0.0)


def test_shapes_of_images_reach_the_data_and_come_back_from_flags_txt(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 10, 10, 3), np.uint8))
    typed = (
        f"--dataset=npz:{tmp_path / 'a.npz'}",
        "--image_size=8x12",
        "--fit=pad",
        "--channels=4",
    )
    flags = parse(*typed)
    source = setting.load_source(flags)
    assert source.example_shape == (8, 12, 4) and "with transparent borders" in source.preparation
    text = command_line.flagfile_text(flags)
    again = parse(*(line for line in text.splitlines() if line.startswith("--")))
    assert setting.load_source(again).fingerprint == source.fingerprint
    assert parse("--image_size=64").image_size == "64"


def test_evaluate_brings_images_to_the_shape_of_the_run(tmp_path):
    for name, size in (("a", (10, 10)), ("b", (9, 30))):
        np.savez(tmp_path / f"{name}.npz", x=np.zeros((4, *size, 3), np.uint8))
    flags = parse(f"--dataset=npz:{tmp_path / 'a.npz'}", "--image_size=8x12", "--fit=stretch")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "flags.txt").write_text(command_line.flagfile_text(flags))

    def compared(*typed):
        return Compared(command_line.parse(["evaluation"], [f"--run={tmp_path / 'run'}", *typed]))

    assert compared().load_real().example_shape == (8, 12, 3)
    other = f"--against={tmp_path / 'b.npz'}"
    assert "stretched to 8x12" in compared(other).load_real().preparation
    said = compared(other, "--image_size=8x8", "--fit=crop", "--channels=1").load_real()
    assert said.example_shape == (8, 8, 1) and "centre squares" in said.preparation


def test_an_empty_condition_trains_a_recipe_of_labels_without():
    gan = build("--gan_type=projection", "--condition=")
    assert gan.condition is None and len(gan.discriminator.inputs) == 1
