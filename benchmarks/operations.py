"""Which operations one training step executes, how many of each kind, and how long they take.

    python benchmarks/operations.py
    python benchmarks/operations.py --gan_types=wgan-gp --types=20

TensorFlow's profiler watches some steps of `GAN.train_step` in one thread, so that times add up.
Each operation counts with the shortest of its times, which other processes disturb least. On a GPU
the kernels that are launched in a step are counted as well.

A row of the table is a recipe: operations per step, milliseconds of all, and for each kind the
number of operations and the share of the time. "products" are convolutions and matrix products,
with the bias or activation that TensorFlow computes along with them; "weights" is what spectral
normalisation and biases of convolutions take; "rest" are losses, penalties, means, gathering of
batches and counters. "between" is what the step takes beyond its operations, as a share of it.
"""

from __future__ import annotations

import collections
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from parts import command_line  # Before TensorFlow, whose environment it sets.

# isort: split
import keras
import tensorflow as tf
from parts.both_sides import Setting, make_dataset, make_gan
from tensorflow.tsl.profiler.protobuf import xplane_pb2

_NAMES = ["gan", "wgan-gp", "hinge", "sngan", "r3gan"]
# The first that matches "name of the operation:its type".
_KINDS = {
    "products": r":.*(Conv2D|Conv2d|MatMul|Einsum)",
    "normalization": r":.*FusedBatchNorm|\bnorm_|normalization",
    "optimizer": r":ResourceApply|\b(adam|rmsprop|scheduled_adam)(_\d+)?/",
    "activations": r":(Leaky)?Relu|:Tanh|:Sigmoid|activation",
    "draws": r":StatelessRandom|stateless_random|ndtri|:Ndtri|:RightShift",
    "weights": r":BiasAdd|/(conv|basis|logits|project|output|from_image|channel_scales)[_/]",
    "rest": "",
}
_STEPS = 5


class Operation(NamedTuple):
    """One that a step executes: its name and type, how often, and its shortest time in ms."""

    name: str
    count: float
    milliseconds: float

    @property
    def type(self) -> str:
        return self.name.split(":")[-1]

    @property
    def kind(self) -> str:
        return next(kind for kind, pattern in _KINDS.items() if re.search(pattern, self.name))


def main() -> None:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--gan_types", type=command_line.names, default=_NAMES)
    parser.add_argument("--image_size", type=int, default=32)
    parser.add_argument("--width", type=int, default=32, help="channels of the networks")
    parser.add_argument("--batch_size", type=int, default=64, help="per discriminator update")
    parser.add_argument("--types", type=int, default=0, help="so many types of each, by their time")
    args = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    setting = Setting(image_size=args.image_size, width=args.width, batch_size=args.batch_size)
    print(command_line.header(vars(setting)), flush=True)
    print("| gan_type | operations | ms | " + " | ".join(_KINDS) + " | between |")
    print("|:--|--:|--:|" + "--:|" * (len(_KINDS) + 1))
    for name in args.gan_types:
        keras.backend.clear_session()
        operations, kernels, step_time = watch(*_step_and_batch(name, setting))
        print(line(name, operations, step_time), flush=True)
        if kernels:
            print(f"  {kernels:.0f} kernels on the GPU")
        for type_, count, milliseconds in by_type(operations)[: args.types]:
            print(f"  {type_:40s} {count:6.0f} {milliseconds:9.3f} ms")


def _step_and_batch(name: str, setting: Setting) -> tuple[Callable[[tf.Tensor], object], tf.Tensor]:
    gan = make_gan(name, setting)
    batch = next(iter(make_dataset(gan.d_steps, setting)))
    spec = tf.TensorSpec([None, *batch.shape[1:]], batch.dtype)  # As in `fit`.
    return tf.function(gan.train_step, autograph=False).get_concrete_function(spec), batch


def watch(
    step: Callable[[tf.Tensor], object], batch: tf.Tensor
) -> tuple[list[Operation], float, float]:
    """Returns the operations of a step, kernels on a GPU, and the shortest time of a step in ms."""
    for _ in range(3):
        step(batch)
    times = []
    with tempfile.TemporaryDirectory() as directory:
        with tf.profiler.experimental.Profile(directory):
            for _ in range(_STEPS):
                start = time.perf_counter()
                tf.nest.map_structure(lambda x: x.numpy(), step(batch))
                times.append(1e3 * (time.perf_counter() - start))
        space = xplane_pb2.XSpace()
        (file,) = Path(directory).rglob("*.xplane.pb")
        space.ParseFromString(file.read_bytes())
    durations = collections.defaultdict(list)
    for name, milliseconds in _events(space, "/host:CPU"):
        # Of operations alone; a function that is called has its own among them.
        if re.fullmatch(r"[^:$]*[^:$ ]:[A-Za-z0-9_]+", name) and "__inference" not in name:
            durations[name].append(milliseconds)
    operations = [Operation(n, len(ms) / _STEPS, min(ms)) for n, ms in durations.items()]
    kernels = sum(1 for _ in _events(space, "/device:GPU")) / _STEPS
    return operations, kernels, min(times)


def _events(space: xplane_pb2.XSpace, device: str) -> Iterator[tuple[str, float]]:
    """Yields name and milliseconds of what a device did."""
    for plane in space.planes:
        if not plane.name.startswith(device):
            continue
        for events in plane.lines:
            if device == "/host:CPU" or events.name.startswith("Stream"):
                for event in events.events:
                    yield plane.event_metadata[event.metadata_id].name, event.duration_ps / 1e9


def line(name: str, operations: list[Operation], step_time: float) -> str:
    """Returns the line of the table for one recipe."""
    whole = sum(x.count * x.milliseconds for x in operations)
    cells = []
    for kind in _KINDS:
        own = [x for x in operations if x.kind == kind]
        share = sum(x.count * x.milliseconds for x in own) / whole
        cells.append(f"{sum(x.count for x in own):.0f}, {100 * share:.1f} %")
    between = 100 * (step_time - whole) / step_time
    count = sum(x.count for x in operations)
    return f"| {name} | {count:.0f} | {whole:.1f} | {' | '.join(cells)} | {between:.1f} % |"


def by_type(operations: list[Operation]) -> list[tuple[str, float, float]]:
    """Returns type, number and milliseconds, those that take longest first."""
    found: dict[str, list[float]] = collections.defaultdict(lambda: [0.0, 0.0])
    for operation in operations:
        found[operation.type][0] += operation.count
        found[operation.type][1] += operation.count * operation.milliseconds
    rows = [(type_, count, ms) for type_, (count, ms) in found.items()]
    return sorted(rows, key=lambda row: -row[2])


if __name__ == "__main__":
    main()
