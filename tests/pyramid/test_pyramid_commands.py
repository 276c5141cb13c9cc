"""The commands that use a pyramid, as a person types them."""

import json

import numpy as np
import pytest
from PIL import Image, ImageSequence
from pyramids import SCALES, small_pyramid, write_image, write_run

from tfgan_losses import commands
from tfgan_losses.pyramid import sample, uses
from tfgan_losses.pyramid.uses import images

HEIGHT, WIDTH = SCALES.sizes[-1]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "run").path


@pytest.fixture(scope="module")
def pyramid():
    return small_pyramid()


@pytest.fixture
def call(run, pyramid, tmp_path, monkeypatch):
    """Calls a command on the run in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    # As test_pyramid_loading.py has it, in less time.
    monkeypatch.setattr("tfgan_losses.pyramid.load", lambda path: pyramid)

    def call(name, *flags):
        typed = f"python -m tfgan_losses {name}"
        assert commands.get(name).call([f"--run={run}", *flags], typed=typed) == 0

    return call


def levels(image):
    """An image in [-1, 1] as a file has it."""
    return np.rint((np.asarray(image) + 1) * 127.5)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image, np.float32)


def test_sample_makes_any_size_from_any_scale(call, pyramid):
    flags = ["--count=2", "--seed=4", "--height=20", "--width=50", "--start_scale=1"]
    call("sample", *flags, "--output=wide")
    expected = levels(sample(pyramid, 2, seed=4, height=20, width=50, first=1))
    for number, image in enumerate(expected):
        assert np.abs(pixels(f"wide/0000{number}.png") - image).max() <= 1


@pytest.mark.slow
def test_interpolate_goes_from_one_sample_to_the_next(call):
    call("interpolate", "--count=2", "--steps=2", "--output=ways")
    with Image.open("ways/interpolation.gif") as animation:
        assert animation.n_frames == 4


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("super_resolution", {"factor": 1.5}),
        ("paint_to_image", {}),
        ("paint_to_image", {"scale": 2}),
        ("harmonisation", {}),
        ("editing", {"scale": 1}),
    ],
)
def test_a_command_does_what_its_function_does(name, flags, call, pyramid, tmp_path):
    image = write_image(tmp_path / "given.png", 20, 30)
    given = [images.read(image, 3)]
    typed = ["--image=given.png", "--seed=3", *(f"--{x}={y}" for x, y in flags.items())]
    if name in ("harmonisation", "editing"):
        inside = np.zeros((20, 30), "uint8")
        inside[5:9, 5:9] = 255
        Image.fromarray(inside).save("inside.png")
        given.append(inside > 0)
        typed.append("--mask=inside.png")
    call(name, *typed, "--output=made.png")
    expected = getattr(uses, name)(pyramid, *given, seed=3, **flags)
    assert np.abs(pixels("made.png") - levels(expected)).max() <= 1


@pytest.mark.slow
def test_animation_goes_there_and_back(call):
    call("animation", "--frames=3", "--start_scale=0", "--output=moving.gif")
    with Image.open("moving.gif") as moving:
        frames = [np.asarray(each.convert("RGB"), int) for each in ImageSequence.Iterator(moving)]
    assert len(frames) == 4
    assert (frames[3] == frames[1]).all() and (frames[0] != frames[2]).any()


@pytest.mark.slow
def test_evaluate_measures_sifid_beside_the_image_at_the_finest_scale(call, run, tmp_path):
    call("evaluate", f"--extractor=model:{_network(tmp_path)}#maps", "--output=found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    ((name, value),) = ((x, y) for x, y in found["numbers"].items() if "error" not in x)
    assert name.startswith("sifid[network-maps-") and value > 0
    assert found["generated"]["count"] == 50 and found["real"]["count"] == 1
    assert found["example_shape"] == [HEIGHT, WIDTH, 3]
    assert "resized to 16x24" in found["real"]["preparation"]


def _network(folder):
    import keras

    network = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, name="maps"),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )
    network.save(folder / "network.keras")
    return folder / "network.keras"


IMAGE, MASK = "--image={run}/image.png", "--mask={run}/image.png"


@pytest.mark.parametrize(
    ("name", "flags", "message"),
    [
        ("sample", ["--labels=3", "--output=x"], r"no classes.*Received: --labels=3"),
        ("sample", ["--truncation=1", "--output=x"], "Received: --truncation=1.0"),
        ("sample", ["--checkpoint=best", "--output=x"], "Received: --checkpoint=best"),
        ("sample", ["--start_scale=3", "--output=x"], "0 to 2. Received: --start_scale=3"),
        ("evaluate", [], r"Expected --inception=.*\(sifid\)"),
        ("evaluate", ["--extractor=pixels"], r"feature maps.*Received: --extractor='pixels"),
        ("super_resolution", ["--output=x.png"], "Received: no --image"),
        ("super_resolution", ["--image=x.png", "--output=y.png"], "Received: x.png, none"),
        ("super_resolution", [IMAGE, "--output=x.jpg"], r"<new file>\.png. Received: .*x.jpg"),
        ("super_resolution", [IMAGE], "Received: no --output"),
        ("super_resolution", [IMAGE, "--factor=1", "--output=x.png"], "Received: --factor=1.0"),
        ("paint_to_image", [IMAGE, "--scale=3", "--output=x.png"], "Received: --scale=3"),
        ("editing", [IMAGE, "--output=x.png"], "Received: no --mask"),
        ("harmonisation", [IMAGE, "--mask=x", "--output=x.png"], "Received: x, none"),
        ("animation", ["--output=x.png"], r"<new file>\.gif. Received: .*x.png"),
        ("animation", ["--output=x.gif", "--start_scale=3"], "Received: --start_scale=3"),
        ("animation", ["--output=x.gif", "--alpha=2"], "Received: --alpha=2.0"),
    ],
)
def test_what_does_not_fit_a_pyramid_is_refused_by_name(name, flags, message, call, run, tmp_path):
    with pytest.raises(SystemExit, match=message):
        call(name, *(flag.format(run=run) for flag in flags))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("flag", ["--height=8", "--width=8", "--start_scale=1"])
def test_other_runs_have_no_such_flags(flag, tmp_path):
    (tmp_path / "flags.txt").write_text("--gan_type=gan\n")
    arguments = [f"--run={tmp_path}", flag, f"--output={tmp_path}/x"]
    with pytest.raises(SystemExit, match=f"singan.* beside {flag}: other generators"):
        commands.get("sample").call(arguments, typed="python -m tfgan_losses sample")
    arguments = [f"--run={tmp_path}", "--output=x.gif"]
    with pytest.raises(SystemExit, match="Expected the run of one image"):
        commands.get("animation").call(arguments, typed="python -m tfgan_losses animation")


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--dataset=image:{run}/image.png", r"many images.* by the sifid of evaluate --run="),
        ("--gan_types=gan,singan", r"'singan', which trains on one image"),
    ],
)
def test_a_comparison_is_one_of_sets(flag, message, run, tmp_path):
    arguments = [flag.format(run=run), f"--output={tmp_path}/x"]
    with pytest.raises(SystemExit, match=message):
        commands.get("compare").call(arguments, typed="python -m tfgan_losses compare")
