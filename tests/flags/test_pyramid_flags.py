import pytest
from tfgan_losses.flags import command_line, definitions, pyramid

ALL = tuple(definitions.GROUPS)
SINGAN = ("--gan_type=singan", "--dataset=image:photo.png")


def parse(*typed):
    flags = command_line.parse(ALL, typed)
    pyramid.set_defaults(flags)
    return flags


def test_a_pyramid_takes_the_steps_of_the_paper():
    assert parse(*SINGAN).steps == 2000
    assert parse(*SINGAN, "--steps=2500").steps == 2500
    assert parse("--gan_type=hinge").steps == 2500
    assert parse(*SINGAN).strategy == "one_device" and parse().strategy == "auto"


@pytest.mark.parametrize(
    "typed",
    [
        SINGAN,
        (*SINGAN, "--scale_factor=0.8", "--min_size=11", "--max_size=128", "--concurrent=3"),
        (*SINGAN, "--loss=hinge", "--d_steps=1", "--g_steps=2", "--width=8", "--seed=4"),
        (*SINGAN, "--metrics=", "--nohealth", "--batch_size=1", "--ema_decay=0"),
        ("--gan_type=hinge",),
    ],
)
def test_flags_that_are_read(typed):
    pyramid.check(parse(*typed))


def test_its_own_flags_file_is_read(tmp_path):
    (tmp_path / "flags.txt").write_text(command_line.flagfile_text(parse(*SINGAN, "--width=8")))
    pyramid.check(parse(f"--flagfile={tmp_path}/flags.txt"))


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        (("--gan_type=singan",), "image:<file>, since singan .* Received: --dataset=digits"),
        (("--dataset=image:x.png",), "Expected --gan_type=singan, .*--gan_type=wgan-gp"),
        (("--concurrent=3",), "Expected --gan_type=singan beside --concurrent=3: .*wgan-gp"),
        ((*SINGAN, "--batch_size=8"), r"\(a batch is the image\). Received: --batch_size=8"),
        ((*SINGAN, "--image_size=64"), "--max_size says .* Received: --image_size=64"),
        ((*SINGAN, "--metrics=kernel"), "reconstruction error .* Received: --metrics=kernel"),
        ((*SINGAN, "--strategy=mirrored"), "Received: --strategy=mirrored"),
        (
            (*SINGAN, "--latent_dim=2", "--pack=2", "--mirror", "--model=dcgan"),
            "Received: --model=dcgan --latent_dim=2 --mirror --pack=2",
        ),
    ],
)
def test_flags_that_mean_nothing_are_refused_by_name(typed, match):
    with pytest.raises(ValueError, match=match):
        pyramid.check(parse(*typed))


def test_every_flag_is_read_or_refused():
    """A new flag is refused for a pyramid until somebody says that it is read."""
    known = {row.name for rows in definitions.GROUPS.values() for row in rows}
    assert known >= pyramid._READ and known >= set(pyramid._AS_IT_IS) | set(pyramid._INSTEAD)


@pytest.mark.parametrize("typed", ["--scale_factor=1", "--min_size=10", "--concurrent=0"])
def test_numbers_out_of_range(typed):
    with pytest.raises(ValueError, match=typed.partition("=")[0]):
        parse(*SINGAN, typed)
