"""Whether training waits for its data: images per second of every kind of source, and the wait.

    python benchmarks/data.py
    python benchmarks/data.py --image_size=64 --batch_size=1280 --step=47.6
    python benchmarks/data.py --kinds="digits,npz" --fit=gan

Each kind of source is read as `GAN.fit` reads it, looked at by the same gate:
- as fast as it gives batches: images per second, and processor time of a batch;
- by a step that takes --step ms on a device of its own, in which this process sleeps: the share of
  the time that it then waits for the batch. How long Python takes to wake up is seen beside it: the
  wait for one batch that is repeated.
--fit=<gan_type> also trains on this machine, in blocks that alternate with those on one batch that
is repeated: what the data cost a step, if steps and data share the cores.

The images of npz, folder and tfds are random, written to a temporary directory; those of the
folder are JPEGs of 178x218. "not kept" means decoded while training, as sets are that do not fit
in memory.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import numpy as np
import tensorflow as tf
from parts.clock import fit_block
from PIL import Image

from tfgan_losses import GAN, datasets
from tfgan_losses.datasets import Source

_SECONDS = 1.5  # of a block
_PHOTO = (178, 218)


def main() -> None:
    args = parse_arguments()
    settings = {"images": args.images, "batch": args.batch_size, "step, ms": args.step}
    print(command_line.header(settings), flush=True)
    own = " data in GAN.fit, % of a step |" if args.fit else ""
    print(
        "| source | batch, MB | images/s | processor ms a batch | waits, % of the time | waits, ms"
        f" | the same, repeated |{own}\n|:--|--:|--:|--:|--:|--:|--:|{'--:|' if args.fit else ''}"
    )
    with tempfile.TemporaryDirectory() as folder:
        makers = make_sources(Path(folder), args)
        for kind in args.kinds or makers:
            print(line(kind, makers[kind](), args), flush=True)


def parse_arguments() -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--kinds", type=command_line.names, help="with commas; default: all")
    parser.add_argument("--image_size", type=int, default=32, help="of npz, folder and tfds")
    parser.add_argument("--images", type=int, default=2000, help="of npz, folder and tfds")
    parser.add_argument("--batch_size", type=int, default=320, help="times d_steps")
    parser.add_argument("--step", type=float, default=8.8, help="ms of a step on a device")
    parser.add_argument("--fit", help="a gan_type")
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps digits")
    return parser.parse_args()


def make_sources(folder: Path, args: argparse.Namespace) -> dict[str, Callable[[], Source]]:
    """Returns what makes a source, by kind."""
    random = np.random.default_rng(0)
    size, count = args.image_size, args.images

    def npz() -> Source:
        path = folder / "images.npz"
        np.savez(path, images=random.integers(0, 256, (count, size, size, 3), np.uint8))
        return datasets.load(f"npz:{path}")

    def photos(memory_limit: int | None) -> Source:
        path = folder / "photos"
        if not path.exists():
            path.mkdir()
            for number in range(count):
                noise = Image.fromarray(random.integers(0, 256, (16, 16, 3), np.uint8))
                noise.resize(_PHOTO).save(path / f"{number}.jpg")
        return datasets.load(f"folder:{path}", image_size=size, memory_limit=memory_limit)

    def tfds(memory_limit: int | None) -> Source:
        _write_tfds(folder, random, count, size)
        return datasets.load("noise", data_dir=str(folder), memory_limit=memory_limit)

    return {
        "ring8": lambda: datasets.load("ring8"),
        "digits": lambda: datasets.load("digits", data_dir=args.data_dir),
        "npz": npz,
        "folder": lambda: photos(None),
        "folder, not kept": lambda: photos(0),
        "tfds": lambda: tfds(None),
        "tfds, not kept": lambda: tfds(0),
    }


def _write_tfds(folder: Path, random: np.random.Generator, count: int, size: int) -> None:
    import tensorflow_datasets as tfds

    if (folder / "noise").exists():
        return
    images = random.integers(0, 256, (count, size, size, 3), np.uint8)
    tfds.disable_progress_bar()
    tfds.dataset_builders.store_as_tfds_dataset(
        name="noise",
        version="1.0.0",
        features=tfds.features.FeaturesDict({"image": tfds.features.Image(shape=(size, size, 3))}),
        split_datasets={"train": tf.data.Dataset.from_tensor_slices({"image": images})},
        data_dir=folder,
    )


def line(kind: str, source: Source, args: argparse.Namespace) -> str:
    """Returns the line of the table for a source."""
    gan = GAN.from_recipe(
        args.fit or "gan", source.example_shape, num_classes=source.num_classes, steps=10**6, seed=0
    )
    batches = source.batches(args.batch_size)
    repeated = tf.data.Dataset.from_tensors(next(iter(batches))).repeat()
    looked_at = gan.looked_at(batches)
    _, wall, processor = read(looked_at, pause=0.0)
    waited, with_pauses, _ = read(looked_at, pause=args.step / 1e3)
    least, _, _ = read(repeated, pause=args.step / 1e3)
    size = args.batch_size * np.prod(source.example_shape) * 4 / 1e6
    cells = [f"{size:.2f}", f"{args.batch_size / wall:.0f}", f"{1e3 * processor:.2f}"]
    cells += [f"{100 * waited / with_pauses:.1f}", f"{1e3 * waited:.2f}", f"{1e3 * least:.2f}"]
    if args.fit:
        cells.append(f"{100 * share_of_data(gan, batches, repeated):.1f}")
    return f"| {kind} | {' | '.join(cells)} |"


def read(batches: tf.data.Dataset, pause: float) -> tuple[float, float, float]:
    """Returns seconds of waiting, in all, and of processor time, for a batch."""
    iterator = iter(batches)
    batch = [next(iterator) for _ in range(3)]
    waits = []
    start, processor = time.perf_counter(), time.process_time()
    while not waits or time.perf_counter() - start < _SECONDS:
        # As a device that has its copy: to give back so much memory takes a while, too.
        del batch
        time.sleep(pause)
        asked = time.perf_counter()
        batch = next(iterator)
        waits.append(time.perf_counter() - asked)
    count = len(waits)
    used = (time.process_time() - processor) / count
    return float(np.mean(waits)), (time.perf_counter() - start) / count, used


def share_of_data(gan: GAN, *sets: tf.data.Dataset) -> float:
    """Returns what a step on batches takes longer than on one that is repeated, as a part of it."""
    seconds = [fit_block(gan, data, 3)[0] for data in sets]
    steps = max(3, round(_SECONDS / min(seconds)))
    rounds = [[fit_block(gan, data, steps)[0] for data in sets] for _ in range(5)]
    with_data, without = np.median(rounds, axis=0)
    return 1 - without / with_data


if __name__ == "__main__":
    main()
