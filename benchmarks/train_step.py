"""What `GAN.fit` costs on top of a hand-written `tf.function` loop, or beside eager PyTorch.

    python benchmarks/train_step.py
    python benchmarks/train_step.py --torch
    python benchmarks/train_step.py --torch --gan_types=wgan-gp --columns=bfloat16,products
    python benchmarks/train_step.py --gan_types=wgan-gp,hinge --image_size=8
    python benchmarks/train_step.py --check

Both train equal networks (DCGAN, same initial weights) on the same data set with the recipe's
objective and optimisers, without an average of the generator's weights, in blocks that alternate in
one process. What a call of `fit` costs once is not counted.

The loop is `parts/hand_written_loop.py`. What differs from `GAN.fit`:
- `GAN.fit` makes its step from the iterator inside Keras' train function, and calls callbacks;
- it draws with `tf.random.normal` and `uniform`; GAN draws stateless bits of (seed, step, purpose);
- each discriminator update takes a contiguous slice of the batch, GAN every d_steps-th example;
- it keeps running means of d_loss and g_loss, GAN also of the outputs, penalties and w_distance;
- batch size and latents have static shapes, in GAN the batch size is dynamic;
- GAN passes real and generated images through the discriminator as one batch where no layer mixes
  examples. So does the loop, unless --two_passes.

--torch (needs the extra [bench]) compares with `parts/torch_step.py` instead, on a GPU if there is
one, in both of PyTorch's memory formats, with its fused Adam, TF32, the autotuning of cuDNN and one
pass for real and generated images, whose batch is on the device already. It prints a table for each
recipe and one for all. --columns picks what is timed beside eager PyTorch and `GAN.fit` by default:
- graph, xla: compiled without and with XLA; bfloat16: in mixed precision, on a GPU under XLA, too;
- compiled: PyTorch with its networks under torch.compile, which cannot differentiate twice;
- bare: `for batch in data: step(batch)` with the compiled step of `GAN.fit` and nothing around it;
- products: the convolutions and matrix products of that step and nothing else;
- unrolled: under XLA, with a copy of the discriminator's update for each of d_steps.
All sizes in one table: `gpu_table.py`.

--check trains both for a few steps with plain SGD and the same draws instead of timing them, and
fails unless the weights agree.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import keras
import numpy as np
from parts.both_sides import Setting, check as check_loop, make_dataset, make_gan, make_loop
from parts.clock import fit_block, loop_block
from parts.device import peak_resident
from parts.hand_written_loop import STEPS

_STEPS_OF_MEMORY = 3
_SECONDS = 0.8  # Of a block.
_LEGEND = """
ms/step: median of the blocks. ratio: of the medians, GAN.fit / loop. min..max: of the ratios of
neighbouring blocks. CPU ratio: of the processor time of all threads, which other processes disturb
less. images/s: real images that the discriminator sees in GAN.fit, d_steps * batch / step time.
peak MiB: resident memory of a process that only runs GAN.fit, TensorFlow included."""


def main() -> None:
    args = parse_arguments()
    setting = setting_of(args)
    if args.memory_of:
        print(json.dumps(peak_memory(args.memory_of, setting, args.columns)))
        return
    if args.torch:
        from parts import against_torch as torch_side

    known = torch_side.NAMES if args.torch else list(STEPS)
    names = args.gan_types or known
    if args.check:
        check = torch_side.check if args.torch else check_loop
        failed = [name for name in names if not check(name, setting)]
        sys.exit(f"Not the same step: {', '.join(failed)}" if failed else 0)
    blocks = {"rounds": args.rounds, "steps": args.steps}
    print(command_line.header({**dataclasses.asdict(setting), **blocks}), flush=True)
    if args.torch:
        compare_with_torch(names, setting, args)
        return
    print(
        "| gan_type | d_steps | GAN.fit ms/step | loop ms/step | ratio | min..max | CPU ratio | "
        "images/s | peak MiB |\n|:--|--:|--:|--:|--:|:--|--:|--:|--:|"
    )
    for name in names:
        print(line(name, setting, **blocks), flush=True)
    print(_LEGEND)


def compare_with_torch(names: Sequence[str], setting: Setting, args: argparse.Namespace) -> None:
    """Prints the tables of the recipes, and that of all."""
    from parts import columns, comparison, comparison_tables, device
    from parts.against_torch import use_the_device_well

    use_the_device_well()
    rows = []
    for name in names:
        row = comparison.compare(
            name,
            setting,
            args.columns or columns.usual(),
            rounds=args.rounds,
            seconds=_SECONDS,
            steps=args.steps,
        )
        if not device.has_gpu():
            for column in ("default", row.eager):
                peak = memory_in_own_process(name, column)
                row.columns[column] = dataclasses.replace(row.columns[column], peak=peak)
        print(comparison_tables.details(row), flush=True)
        rows.append(row)
    print(comparison_tables.summary(rows))
    print(comparison_tables.LEGEND)


def parse_arguments() -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument(
        "--gan_types", type=command_line.names, help="names with commas between them; default: all"
    )
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
    parser.add_argument("--columns", type=command_line.names, help="of --torch, see above")
    parser.add_argument("--two_passes", action="store_true", help="see above")
    parser.add_argument("--check", action="store_true", help="see above")
    parser.add_argument("--memory_of", help=argparse.SUPPRESS)
    return parser.parse_args()


def setting_of(args: argparse.Namespace) -> Setting:
    return Setting(**{x.name: getattr(args, x.name) for x in dataclasses.fields(Setting)})


def line(name: str, setting: Setting, *, rounds: int, steps: int | None) -> str:
    """Returns the line of the table for one gan_type."""
    keras.backend.clear_session()
    gan = make_gan(name, setting)
    loop = make_loop(name, gan, setting)
    dataset = make_dataset(gan.d_steps, setting)
    # The first steps trace; the next ones tell how long a block has to be.
    fit_block(gan, dataset, 2)
    loop_block(loop, dataset, 2)
    steps = steps or max(3, 1 + round(_SECONDS / loop_block(loop, dataset, 3)[0]))
    pairs = []
    for number in range(rounds):
        # A B B A, so that a drift of the machine favours neither.
        if number % 2 == 0:
            fit = fit_block(gan, dataset, steps)
            pairs.append((fit, loop_block(loop, dataset, steps)))
        else:
            by_hand = loop_block(loop, dataset, steps)
            pairs.append((fit_block(gan, dataset, steps), by_hand))
    fit, by_hand = (np.median(times, axis=0) for times in zip(*pairs, strict=True))
    ratios = [fit_time[0] / loop_time[0] for fit_time, loop_time in pairs]
    images = gan.d_steps * setting.batch_size / fit[0]
    return (
        f"| {name} | {gan.d_steps} | {1e3 * fit[0]:.2f} | {1e3 * by_hand[0]:.2f} | "
        f"{fit[0] / by_hand[0]:.3f} | {min(ratios):.2f}..{max(ratios):.2f} | "
        f"{fit[1] / by_hand[1]:.3f} | {images:.0f} | {memory_in_own_process(name):.0f} |"
    )


def memory_in_own_process(name: str, column: str | None = None) -> float:
    command = [sys.executable, __file__, *sys.argv[1:], f"--memory_of={name}"]
    if column is not None:
        command.append(f"--columns={column}")
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def peak_memory(name: str, setting: Setting, columns: Sequence[str] | None) -> float:
    """Trains for a few steps; returns the peak resident memory of this process in MiB.

    Of a column of --torch, where both libraries are there, what it grew by.
    """
    if not columns:
        gan = make_gan(name, setting)
        fit_block(gan, make_dataset(gan.d_steps, setting), _STEPS_OF_MEMORY)
        return peak_resident()
    # Both libraries are there for either side.
    from parts import against_torch  # noqa: F401
    from parts.columns import Sides
    from parts.device import ResidentMemory

    sides = Sides(name, setting)
    memory = ResidentMemory()
    sides.make(columns[0]).block(_STEPS_OF_MEMORY)
    return memory.peak()


if __name__ == "__main__":
    main()
