"""The code blocks of README and docs, and what a page may take for granted.

A comment before a block says what it needs, or why no test runs it:

    <!-- given: gan, images -->
    <!-- not run: needs four machines -->
"""

import contextlib
import io
import re
import shutil
import textwrap
from pathlib import Path
from typing import NamedTuple

import h5py
import keras
import networks
import numpy as np
from commands import FEW_STEPS, ROOT, call, data_dir
from PIL import Image

from tfgan_losses import GAN, commands as package_commands, datasets
from tfgan_losses.exporting import formats

PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md")),
)
_BLOCK = re.compile(
    r"^(?:[ ]*<!-- (?P<word>given|not run): (?P<rest>[^>]*?) -->\n)?"
    r"(?P<indent>[ ]*)```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^(?P=indent)```",
    re.DOTALL | re.MULTILINE,
)
SHELLS = ("bash", "sh", "console")


class Block(NamedTuple):
    """A fenced block: its language, its code, names that it needs, and why it is not run."""

    language: str
    code: str
    given: tuple[str, ...]
    reason: str | None


def blocks(page):
    """All blocks of a page, in order."""
    found = []
    for match in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        word, rest = match["word"], match["rest"]
        found.append(
            Block(
                match["language"],
                textwrap.dedent(match["code"]),
                tuple(rest.split(", ")) if word == "given" else (),
                rest if word == "not run" else None,
            )
        )
    return found


def name_of(page):
    """The page's path below the root."""
    return str(page.relative_to(ROOT))


def run_python(block, names):
    """Runs a block in a namespace, with fewer steps; what stands after a `print` is printed."""
    expected = re.findall(r"^print\(.*\)  # (.*)$", block.code, re.MULTILINE)
    code = re.sub(r"\b(epochs|steps)=[\d_]+", r"\1=2", block.code)
    code = re.sub(r"\bbatch_size=(64|256)\b", "batch_size=8", code)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "<block>", "exec"), names)
    lines = printed.getvalue().splitlines()
    for line in expected:
        assert _is_printed(line, lines), f"Expected {line!r} among {lines}"


def _is_printed(expected, lines):
    """Whether a line is there; `2.129...` stands for all digits."""
    pattern = re.escape(expected).replace(re.escape("..."), ".*")
    return any(re.fullmatch(pattern, line) for line in lines)


def _generator():
    layers = [keras.layers.Dense(32 * 32 * 3, activation="tanh"), keras.layers.BatchNormalization()]
    shape = keras.layers.Reshape((32, 32, 3))
    return keras.Sequential([keras.Input((128,)), *layers, keras.layers.Activation("tanh"), shape])


def _discriminator():
    return networks.discriminator((32, 32, 3))


def _gan():
    gan = GAN(_generator(), _discriminator(), latent_dim=128, seed=0)
    gan.compile("hinge")
    return gan


def _classifier():
    layers = [keras.layers.Flatten(), keras.layers.Dense(64)]
    return keras.Sequential([keras.Input((32, 32, 3)), *layers])


def _images():
    return networks.examples(96, (32, 32, 3))


# What a block takes for granted.
VALUES = {
    "images": _images,
    "held_out": _images,
    "gan": _gan,
    "classifier": _classifier,
    "generator": _generator,
    "discriminator": _discriminator,
}


def _photos(folder="photos", shape=(40, 48, 3), dtype=np.uint8):
    draw = np.random.default_rng(0)
    for index in range(24):
        path = Path(folder, ("cats", "dogs")[index % 2], f"{index:03}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        levels = draw.integers(0, 4096 if dtype is np.uint16 else 256, shape, dtype)
        Image.fromarray(levels).save(path)


def _photo(*files):
    draw = np.random.default_rng(0)
    for file in files:
        Image.fromarray(draw.integers(0, 256, (32, 40, 3), np.uint8)).save(file)


def _masks(*files):
    mask = np.zeros((32, 40), np.uint8)
    mask[10:20, 10:30] = 255
    for file in files:
        Image.fromarray(mask).save(file)


def _digits(file):
    images, labels = datasets.load("digits", data_dir=data_dir()).take(60)
    levels = np.round(127.5 * (np.asarray(images) + 1)).astype("uint8")
    np.savez(file, images=levels, labels=np.asarray(labels))


def _zip():
    _photos()
    shutil.make_archive("photos", "zip", root_dir=".", base_dir="photos")


def _hdf5():
    with h5py.File("images.h5", "w") as file:
        file["images"] = np.random.default_rng(0).integers(0, 256, (24, 32, 32, 3), np.uint8)


def _run(directory, *flags):
    assert call(*FEW_STEPS, *flags, f"--output_dir={directory}") == 0


def _source():
    _photos()
    return datasets.load("folder:photos", image_size=32)


# What is made of files.
VALUES["source"] = _source


def _pyramid(directory):
    _photo("photo.jpg")
    image, few = "--dataset=image:photo.jpg", ("--steps=2", "--width=8")
    assert call("--gan_type=singan", image, f"--output_dir={directory}", *few) == 0


def _exported(folder):
    """By the command of the page, of a run of fewer steps."""
    run, output = f"--run={folder}-run", f"--output={folder}"
    _run(f"{folder}-run", "--gan_type=acgan")
    typed = [run, f"--format={','.join(formats.NAMES)}", output]
    assert package_commands.get("export").call(typed, typed="export") == 0


# Files that a block takes for granted, below the working directory.
FILES = {
    "photos": _photos,
    "icons": lambda: _photos("icons", (40, 48, 4)),
    "scans": lambda: _photos("scans", (40, 48), np.uint16),
    "photo.jpg": lambda: _photo("photo.jpg"),
    "painting.png": lambda: _photo("painting.png"),
    "pasted.png": lambda: _photo("pasted.png"),
    "edited.png": lambda: _photo("edited.png"),
    "object.png": lambda: _masks("object.png"),
    "changed.png": lambda: _masks("changed.png"),
    "=others": lambda: _photos("others", (40, 40, 3)),
    "photos.zip": _zip,
    "images.npz": lambda: _digits("images.npz"),
    "images.h5": _hdf5,
    "few.npz": lambda: _digits("few.npz"),
    "many.npz": lambda: _digits("many.npz"),
    "=many": lambda: _run("many", "--width=32"),
    "=labels5": lambda: _run("labels5", "--gan_type=acgan", "--width=32"),
    "runs/digits-acgan-001": lambda: _run("runs/digits-acgan-001", "--gan_type=acgan"),
    "runs/digits-wgan-gp-001": lambda: _run("runs/digits-wgan-gp-001"),
    "exported": lambda: _exported("exported"),
    "=runs/photo": lambda: _pyramid("runs/photo"),
}
