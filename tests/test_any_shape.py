"""Doors behind a training for images of any shape: no squares, odd sides, transparent, grey."""

import json

import networks
import numpy as np
import pytest
import runs
import tensorflow as tf
from PIL import Image

from tfgan_losses import GAN, Keeping, Run, commands, extractors, metrics
from tfgan_losses.comparing import sample_pictures
from tfgan_losses.datasets.source import MemorySource
from tfgan_losses.health.probe import Probe
from tfgan_losses.measuring.description import describe, quantised
from tfgan_losses.run_files import pictures

SHAPES = [(12, 20, 3), (17, 9, 4), (16, 16, 1), (9, 17, 1)]
RGBA = SHAPES[1]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def call(name, *flags):
    assert commands.get(name).call([*map(str, flags)], typed=f"python -m tfgan_losses {name}") == 0


def source(shape, count=40):
    images = quantised(networks.examples(count, shape))
    labels = np.arange(count, dtype=np.int32) % 2
    images[labels == 0] //= 2
    return MemorySource.from_arrays(images, labels, name="own", num_classes=2)


def picture(path):
    with Image.open(path) as image:
        return np.asarray(image), image.mode, getattr(image, "n_frames", 1)


@each_shape
def test_cells_of_a_grid_are_the_images(shape):
    images = networks.examples(5, shape)
    grid = pictures.image_grid(images, columns=2, padding=1, min_cell=1)
    height, width, channels = shape
    assert grid.shape == (3 * (height + 1) + 1, 2 * (width + 1) + 1, 3)
    last = grid[2 * (height + 1) + 1 :, 1:][:height, :width]
    levels = (images[4] + 1.0) * 127.5
    if channels == 4:  # On white.
        opaque = levels[..., 3:] / 255
        levels = levels[..., :3] * opaque + 255 * (1 - opaque)
    np.testing.assert_allclose(last, np.broadcast_to(levels, last.shape), atol=0.51)


@pytest.fixture(scope="module")
def gan():
    return networks.recipe_gan("hinge", example_shape=RGBA)


@pytest.fixture(scope="module")
def run(gan, tmp_path_factory):
    """A run of 17x9 pixels, which nobody writes into; the GAN is the one of its last step."""
    return runs.write(tmp_path_factory.mktemp("any_shape") / "run", gan).path


def test_files_of_samples_have_the_pixels_of_the_generator(gan, run, tmp_path):
    expected = quantised(gan.generate(3, seed=2))
    call("sample", f"--run={run}", "--count=3", "--seed=2", f"--output={tmp_path}/files")
    for number, levels in enumerate(expected):
        found, mode, _ = picture(tmp_path / f"files/0000{number}.png")
        assert mode == "RGBA"
        np.testing.assert_array_equal(found, levels)
    flags = (f"--run={run}", "--count=3", "--seed=2", "--npz", "--grid")
    call("sample", *flags, f"--output={tmp_path}/both")
    with np.load(tmp_path / "both/samples.npz") as arrays:
        np.testing.assert_array_equal(arrays["images"], expected)
    grid, *_ = picture(tmp_path / "both/samples.png")
    np.testing.assert_array_equal(grid, pictures.image_grid(gan.generate(3, seed=2)))


def test_an_export_has_numbers_that_a_file_can_have(gan, run):
    exported = tf.saved_model.load(run / "generator")
    found = tf.cast(tf.round(127.5 * (exported.sample(3, seed=2) + 1)), tf.uint8)
    difference = found.numpy().astype(int) - quantised(gan.generate(3, seed=2))
    assert np.abs(difference).max() <= 1
    np.testing.assert_array_equal(tf.io.decode_png(tf.io.encode_png(found[0])), found[0])


def test_ways_between_seeds(run, tmp_path):
    call("interpolate", f"--run={run}", "--count=2", "--steps=3", f"--output={tmp_path}/ways")
    grid, _, _ = picture(tmp_path / "ways/interpolation.png")
    height, width = (4 * side + 2 for side in RGBA[:2])  # Enlarged, with a line.
    assert grid.shape == (2 * height + 2, 4 * width + 2, 3)
    assert picture(tmp_path / "ways/interpolation.gif")[2] == 6


def test_a_run_is_measured_beside_data_of_its_shape(run, tmp_path, capsys):
    np.savez(tmp_path / "real.npz", images=source(RGBA).examples)
    flags = (f"--run={run}", f"--against={tmp_path}/real.npz", f"--output={tmp_path}/e.json")
    call("evaluate", *flags, "--metrics=frechet,ms_ssim,sliced_wasserstein", "--extractor=pixels")
    found = json.loads((tmp_path / "e.json").read_text())
    assert found["example_shape"] == [*RGBA] and found["extractor"]["resizer"] == "area"
    assert {"ms_ssim", "ms_ssim_real"} < set(found["numbers"])
    said = capsys.readouterr().out
    assert "numbers, images stretched from 17x9 to 16x9 by area" in said


@each_shape
def test_similarity_is_that_of_one_scale_by_its_filter(shape):
    """11 pixels, or the largest odd number that fits into the smaller side."""
    images = source(shape, 2).examples
    found = metrics.ms_ssim(images, pairs=1).value
    side = min(shape[:2])
    size = 11 if side >= 11 else side - (side + 1) % 2
    # Of each channel alone, and not below 0 (Wang et al., 2003, take powers of it).
    channels = [tf.image.ssim(*images[..., [c]], 255, filter_size=size) for c in range(shape[2])]
    assert found == pytest.approx(np.maximum(channels, 0).mean(), abs=1e-5)


@pytest.mark.parametrize("shape", SHAPES[1:3], ids=str)
def test_health_looks_at_any_image(shape):
    gan = networks.recipe_gan("wgan-gp", example_shape=shape)
    found = Probe(gan, networks.examples(16, shape), None)()
    assert all(np.isfinite(value) for value in found.values() if isinstance(value, float))
    assert found["real_spread"] == pytest.approx(3**-0.5, abs=0.02)


@each_shape
def test_pictures_of_a_report_have_their_proportions(shape):
    own = source(shape)
    text = sample_pictures.html_of(own.take(36)[0], own, what="x")
    height, width = 6 * (shape[0] + 1) + 1, 6 * (shape[1] + 1) + 1
    assert f'width="{width}" height="{height}"' in text


@each_shape
def test_pixels_are_areas_of_both_sides(shape):
    own = source(shape, 8)
    extractor = extractors.get("pixels", own)
    sizes = [min(side, 16) for side in shape[:2]]
    features = describe([(own.examples, None)], extractor).features
    assert features.shape == (8, sizes[0] * sizes[1] * shape[2])
    means = own.examples.mean((1, 2)) / 127.5 - 1
    found = features.reshape(8, -1, shape[2]).mean(1)
    np.testing.assert_allclose(found, means, atol=1e-5)  # Areas keep the mean.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "recipe", "options"),
    [
        ((12, 20, 4), "wgan-gp", {"pack": 2, "augmentation": "adaptive(pipe='bgcfnc')"}),
        ((17, 9, 3), "acgan", {"augmentation": "diff_augment"}),
    ],
)
def test_a_whole_run(shape, recipe, options, tmp_path):
    gan = GAN.from_recipe(
        recipe, shape, num_classes=2, latent_dim=4, width=4, steps=4, model="dcgan", **options
    )
    run = Run(tmp_path / "run")
    keeping = Keeping(sample_every=2, eval_samples=40)
    assert run.train(gan, source(shape), steps=4, batch_size=8 * gan.d_steps, keeping=keeping)
    files = run.directory
    shown = [picture(path) for path in sorted(files.path.glob("samples/*.png"))]
    assert len(shown) == 3
    rows = gan.generate_rows(8) if recipe == "acgan" else gan.generate(64)
    np.testing.assert_array_equal(shown[-1][0], pictures.image_grid(rows, columns=8))
    assert picture(files.path / "samples.gif")[2] == len({array.tobytes() for array, *_ in shown})
    real, *_ = picture(files.path / "real.png")
    factor = -(-64 // max(shape[:2]))
    assert real.shape[1] == 8 * (shape[1] * factor + 2) + 2
    events = [*files.path.glob("logs/*tfevents*")]
    images = [
        tf.io.decode_png(value.tensor.string_val[2]).numpy()
        for path in events
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == "images"
    ]
    np.testing.assert_array_equal(images[-1], shown[-1][0])
    assert any(name.startswith("frechet[pixels-") for name in run.directory.rows()[-1])
