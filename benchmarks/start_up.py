"""From the start of `train.py` to its first step, from its last step to the end, and between.

    python benchmarks/start_up.py
    python benchmarks/start_up.py --gan_types=wgan-gp,r3gan --rounds=5

Each round is `python train.py --gan_type=...` for a few steps in a process of its own, with the
digits prepared. `results` is what follows the last step: the last picture and checkpoint, the
SavedModel, curves and animation; `exit` is how long Python takes to end. The checkpoint's share is
that of one for every 500 steps, the default of the command.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parts import command_line

if TYPE_CHECKING:
    import keras

# See tfgan_losses/__init__.py: this, too, does what a command does.
READS_FLAGS_FIRST = True

_STEPS = 12
_CHECKPOINTS, _CHECKPOINT_EVERY = 5, 500
_SECONDS = ("imports", "data", "networks", "first step", "in all", "results", "exit")
_MILLISECONDS = ("step", "checkpoint")


def main() -> None:
    parser = command_line.make_parser(__doc__)
    gan_types = ["gan", "wgan-gp", "sngan", "r3gan"]
    parser.add_argument("--gan_types", type=command_line.names, default=gan_types)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data_dir", help="where TensorFlow Datasets keeps its data")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        sys.exit(train(args.child, args.data_dir))
    print(command_line.header({"rounds": args.rounds, "steps": _STEPS}))
    titles = [f"{name}, s" for name in _SECONDS] + [f"{name}, ms" for name in _MILLISECONDS]
    print(f"| gan_type | {' | '.join(titles)} | checkpoints, % of the time |")
    print("|:--|" + "--:|" * (len(titles) + 1))
    for name in args.gan_types:
        rounds = [seconds_of(*start(name)) for _ in range(args.rounds)]
        print(line(name, rounds), flush=True)


def start(name: str) -> tuple[float, dict[str, float], float]:
    """Returns when a process began, the times that it noted, and when it had ended."""
    command = [sys.executable, __file__, *sys.argv[1:], f"--child={name}"]
    began = time.monotonic()
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return began, json.loads(ended.stdout.splitlines()[-1]), time.monotonic()


def seconds_of(began: float, noted: dict[str, float], ended: float) -> dict[str, float]:
    """Returns seconds of each part.

    Args:
        began: When the process began, by the clock that all processes share.
        noted: When each part had ended, and how long a checkpoint took.
        ended: When the process had.
    """
    parts = ("imports", "data", "networks", "first step")
    ends = itertools.pairwise([began, *(noted[part] for part in parts)])
    times = {part: after - before for part, (before, after) in zip(parts, ends, strict=True)}
    checkpoint = noted["checkpoint"]
    return {
        **times,
        "in all": noted["first step"] - began,
        "step": (noted["last step"] - noted["first step"]) / (_STEPS - 1),
        "results": noted["results"] - noted["last step"] - _CHECKPOINTS * checkpoint,
        "exit": ended - noted["results"],
        "checkpoint": checkpoint,
    }


def line(name: str, rounds: list[dict[str, float]]) -> str:
    """Returns the line of the table for one gan_type: medians of the rounds."""
    medians = {key: statistics.median(x[key] for x in rounds) for key in rounds[0]}
    seconds = [f"{medians[key]:.2f}" for key in _SECONDS]
    milliseconds = [f"{1e3 * medians[key]:.1f}" for key in _MILLISECONDS]
    share = medians["checkpoint"] / (medians["checkpoint"] + _CHECKPOINT_EVERY * medians["step"])
    return f"| {name} | {' | '.join([*seconds, *milliseconds])} | {100 * share:.2f} |"


def train(name: str, data_dir: str | None) -> int:
    """Does what `train.py` does, notes on the way when each part has ended, and prints that."""
    from tfgan_losses.commands import train as command

    noted: dict[str, float] = {}

    def noting(event: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noted_function(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            noted[event] = time.monotonic()
            return result

        return noted_function

    set_up, callbacks = command._set_up, command._callbacks

    def noted_set_up(*args: Any) -> Any:
        from tfgan_losses.flags import setting

        from tfgan_losses import datasets

        noted["imports"] = time.monotonic()
        datasets.load = noting("data", datasets.load)
        setting.build_gan = noting("networks", setting.build_gan)
        return set_up(*args)

    command._set_up = noted_set_up
    command._callbacks = lambda *args: [*callbacks(*args), _clock(noted)]
    with tempfile.TemporaryDirectory() as folder:
        flags = [f"--gan_type={name}", f"--steps={_STEPS}", f"--output_dir={folder}/run"]
        flags += [f"--data_dir={data_dir}"] if data_dir else []
        code = command.COMMAND.call(flags, typed="python train.py")
        noted["results"] = time.monotonic()
    print(json.dumps(noted))
    return code


def _clock(noted: dict[str, float]) -> keras.callbacks.Callback:
    """Returns a callback that notes the first and the last step, and what a checkpoint takes."""
    from tfgan_losses.callbacks.step_callback import StepCallback
    from tfgan_losses.run_files.checkpoint_files import write_checkpoint

    class Clock(StepCallback):  # Sees every step, also where several are made at once.
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            super().on_train_batch_end(batch, logs)
            noted["last step"] = time.monotonic()
            noted.setdefault("first step", noted["last step"])

        def on_train_end(self, logs: dict[str, float] | None = None) -> None:
            start = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                for number in range(_CHECKPOINTS):
                    write_checkpoint(self.model, Path(folder, f"{number}.weights.h5"))
                noted["checkpoint"] = (time.monotonic() - start) / _CHECKPOINTS

    return Clock()


if __name__ == "__main__":
    main()
