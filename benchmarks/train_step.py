"""What `GAN.fit` costs on top of a hand-written `tf.function` loop, or beside eager PyTorch.

    python benchmarks/train_step.py
    python benchmarks/train_step.py --torch
    python benchmarks/train_step.py --torch --gan_types=wgan-gp --mixed_precision=mixed_bfloat16
    python benchmarks/train_step.py --gan_types=wgan-gp,hinge --image_size=8
    python benchmarks/train_step.py --check

Both train equal networks (DCGAN, same initial weights) on the same data set with the recipe's
objective and optimisers, without an average of the generator's weights, in blocks that alternate in
one process. The clock of a block runs from the end of its first step to that of its last, so that
what a call of `fit` costs once is not counted.

The loop is `hand_written_loop.py`. What differs from `GAN.fit`:
- `GAN.fit` makes its step from the iterator inside Keras' train function, and calls callbacks;
- it draws with `tf.random.normal` and `uniform`; GAN draws stateless bits of (seed, step, purpose);
- each discriminator update takes a contiguous slice of the batch, GAN every d_steps-th example;
- it keeps running means of d_loss and g_loss, GAN also of the outputs, penalties and w_distance;
- batch size and latents have static shapes, in GAN the batch size is dynamic;
- GAN passes real and generated images through the discriminator as one batch where no layer mixes
  examples. So does the loop, unless --two_passes.

--torch (needs the extra [bench]) compares with `torch_step.py` instead, in both of PyTorch's memory
formats, with its fused Adam and one pass for real and generated images, and prints what the
convolutions and matrix products of GAN.fit take alone.

--check trains both for a few steps with plain SGD and the same draws instead of timing them, and
fails unless the weights agree.
"""

import argparse
import datetime
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As in train.py.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras
import numpy as np
import tensorflow as tf
from both_sides import check as check_loop, make_dataset, make_gan, make_loop
from hand_written_loop import STEPS, HandWrittenLoop

from tfgan_losses import GAN

_STEPS_OF_MEMORY = 3
_LEGEND = """
ms/step: median of the blocks. ratio: of the medians, GAN.fit / loop. min..max: of the ratios of
neighbouring blocks. CPU ratio: of the processor time of all threads, which other processes disturb
less. images/s: real images that the discriminator sees in GAN.fit, d_steps * batch / step time.
peak MiB: resident memory of a process that only runs GAN.fit, TensorFlow included."""


def main() -> None:
    args = parse_arguments()
    if args.memory_of:
        print(json.dumps(peak_memory(args.memory_of, args)))
        return
    if args.torch:
        import against_torch as torch_side

    known = torch_side.NAMES if args.torch else list(STEPS)
    names = args.gan_types.split(",") if args.gan_types else known
    if args.check:
        check = torch_side.check if args.torch else check_loop
        failed = [name for name in names if not check(name, args)]
        sys.exit(f"Not the same step: {', '.join(failed)}" if failed else 0)
    print(header(), flush=True)
    if args.torch:
        print(torch_side.TABLE_HEAD)
        for name in names:
            print(torch_side.row(name, args, fit_block), flush=True)
        print(torch_side.LEGEND)
        return
    print(
        "| gan_type | d_steps | GAN.fit ms/step | loop ms/step | ratio | min..max | CPU ratio | "
        "images/s | peak MiB |\n|:--|--:|--:|--:|--:|:--|--:|--:|--:|"
    )
    for name in names:
        print(row(name, args), flush=True)
    print(_LEGEND)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gan_types", help="names with commas between them; default: all")
    parser.add_argument("--image_size", type=int, default=32)
    parser.add_argument("--width", type=int, default=32, help="channels of the networks")
    parser.add_argument("--batch_size", type=int, default=64, help="per discriminator update")
    parser.add_argument("--rounds", type=int, default=7, help="pairs of blocks")
    parser.add_argument("--steps", type=int, help="of a block; default: as many as take 0.8 s")
    parser.add_argument(
        "--ema_decay", type=float, help="GAN.fit then keeps an average, the loop none"
    )
    parser.add_argument("--d_normalization", help="default: the recipe's")
    parser.add_argument("--torch", action="store_true", help="see above")
    parser.add_argument(
        "--mixed_precision",
        choices=["none", "mixed_bfloat16", "mixed_float16"],
        default="none",
        help="of GAN.fit, with --torch",
    )
    parser.add_argument("--two_passes", action="store_true", help="see above")
    parser.add_argument("--check", action="store_true", help="see above")
    parser.add_argument("--memory_of", help=argparse.SUPPRESS)
    return parser.parse_args()


def header() -> str:
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), cpu)
    gpus = [
        tf.config.experimental.get_device_details(x) for x in tf.config.list_physical_devices("GPU")
    ]
    devices = ", ".join([f"{cpu}, {os.cpu_count()} cores", *(x["device_name"] for x in gpus)])
    return (
        f"`python {' '.join(sys.argv)}`, {datetime.date.today()}, TensorFlow {tf.__version__}, "
        f"Keras {keras.__version__}, Python {platform.python_version()}, "
        f"TF_ENABLE_ONEDNN_OPTS={os.environ['TF_ENABLE_ONEDNN_OPTS']}, {devices}\n"
    )


def row(name: str, args: argparse.Namespace) -> str:
    """The line of the table for one gan_type."""
    keras.backend.clear_session()
    gan = make_gan(name, args)
    loop = make_loop(name, gan, args)
    dataset = make_dataset(gan.d_steps, args)
    # The first steps trace; the next ones tell how long a block has to be.
    fit_block(gan, dataset, 2)
    loop_block(loop, dataset, 2)
    steps = args.steps or max(3, 1 + round(0.8 / loop_block(loop, dataset, 3)[0]))
    pairs = []
    for number in range(args.rounds):
        # A B B A, so that a drift of the machine favours neither.
        if number % 2 == 0:
            fit = fit_block(gan, dataset, steps)
            pairs.append((fit, loop_block(loop, dataset, steps)))
        else:
            by_hand = loop_block(loop, dataset, steps)
            pairs.append((fit_block(gan, dataset, steps), by_hand))
    fit, by_hand = (np.median(times, axis=0) for times in zip(*pairs, strict=True))
    ratios = [fit_time[0] / loop_time[0] for fit_time, loop_time in pairs]
    images = gan.d_steps * args.batch_size / fit[0]
    return (
        f"| {name} | {gan.d_steps} | {1e3 * fit[0]:.2f} | {1e3 * by_hand[0]:.2f} | "
        f"{fit[0] / by_hand[0]:.3f} | {min(ratios):.2f}..{max(ratios):.2f} | "
        f"{fit[1] / by_hand[1]:.3f} | {images:.0f} | {memory_in_own_process(name):.0f} |"
    )


class _Clock(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.ends = []

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(_now())

    def per_step(self) -> np.ndarray:
        """Seconds per step on the wall and on all cores of the CPU, without the first step."""
        return (self.ends[-1] - self.ends[0]) / (len(self.ends) - 1)


def _now() -> np.ndarray:
    return np.array([time.perf_counter(), time.process_time()])


def fit_block(gan: GAN, dataset: tf.data.Dataset, steps: int) -> np.ndarray:
    """Seconds per step of `GAN.fit`."""
    clock = _Clock()
    gan.fit(dataset, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[clock])
    return clock.per_step()


def loop_block(loop: HandWrittenLoop, dataset: tf.data.Dataset, steps: int) -> np.ndarray:
    """Seconds per step of the loop, which looks at its means after each step, as callbacks do."""
    clock = _Clock()
    clock.on_train_begin()
    for number, batch in enumerate(dataset.take(steps)):
        _ = [float(mean) for mean in loop.step(batch)]
        clock.on_train_batch_end(number)
    return clock.per_step()


def memory_in_own_process(name: str) -> float:
    command = [sys.executable, __file__, *sys.argv[1:], f"--memory_of={name}"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def peak_memory(name: str, args: argparse.Namespace) -> float:
    """Trains for a few steps; peak resident memory of this process in MiB."""
    gan = make_gan(name, args)
    fit_block(gan, make_dataset(gan.d_steps, args), _STEPS_OF_MEMORY)
    status = Path("/proc/self/status")
    if status.exists():
        # Linux: ru_maxrss starts from the memory of the process that started this one.
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
