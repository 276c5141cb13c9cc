"""Images per second of one and two devices, what they exchange, and what that means for many.

    python benchmarks/scaling.py
    python benchmarks/scaling.py --gan_type=r3gan --width=64

Measured: training with a constant batch per device, each device one core. Replicas are virtual CPU
devices of one process, workers are processes that talk over the loopback interface. On CPUs of one
machine they share its memory bandwidth and caches, so this is an upper bound of what the exchange
itself costs.

Computed: the bytes that a step exchanges, from the variables of the networks, and the time of a
step on 8, 64 and 512 accelerators, from --step_ms, the time of a step on one of them, and the
interconnect. The assumptions are printed with the table.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, TypedDict

from parts import command_line

# Not TensorFlow, here or in what is imported above: a child must choose its cores before.
if TYPE_CHECKING:
    import tensorflow as tf

    from tfgan_losses import GAN

_ACCELERATORS = (8, 64, 512)
_PER_NODE = 8
_BYTES = 4  # of a float32
_KINDS = (("replicas", 1), ("replicas", 2), ("workers", 1), ("workers", 2))


@dataclasses.dataclass(frozen=True)
class Exchange:
    """What the devices exchange in one step.

    Attributes:
        bytes: Size of everything that is summed over the devices.
        calls: How many sums there are.
    """

    bytes: int
    calls: int


@dataclasses.dataclass(frozen=True)
class Network:
    """An interconnect: bytes per second of one device, and seconds before a hop's first byte."""

    bandwidth: float
    latency: float


class Measured(TypedDict):
    """What a process prints: images per second of all devices, and an `Exchange`."""

    images_per_second: float
    exchange: dict[str, int]


def exchange_of(gan: GAN) -> Exchange:
    """Counts gradients of every update of both networks, and the numbers that are reported."""
    updates = [(gan.discriminator, gan.d_steps), (gan.generator, gan.g_steps)]
    parameters = sum(
        count * sum(int(v.value.shape.num_elements()) for v in network.trainable_variables)
        for network, count in updates
    )
    # One for each update, whose gradients go together, and one for all that is reported.
    calls = sum(count for _, count in updates) + 1
    return Exchange(bytes=_BYTES * (parameters + len(gan.metrics)), calls=calls)


def seconds_of_exchange(exchange: Exchange, count: int, inside: Network, across: Network) -> float:
    """Returns those of a ring: each device sends 2 (n - 1) / n of the bytes, in 2 (n - 1) hops.

    Within a node it is as fast as the node's interconnect; of several nodes, each device shares
    the slower one. Latency counts once for each hop between nodes, and within the node.
    """
    if count == 1:
        return 0.0
    nodes = -(-count // _PER_NODE)
    network = inside if nodes == 1 else across
    sent = 2 * (count - 1) / count * exchange.bytes
    hops = 2 * (min(count, _PER_NODE) - 1) * inside.latency + 2 * (nodes - 1) * across.latency
    return sent / network.bandwidth + exchange.calls * hops


def projection(
    exchange: Exchange, step_seconds: float, inside: Network, across: Network
) -> list[tuple[int, float, float]]:
    """Returns (devices, seconds per step, efficiency) for a constant batch each and no overlap."""
    rows = []
    for count in _ACCELERATORS:
        total = step_seconds + seconds_of_exchange(exchange, count, inside, across)
        rows.append((count, total, step_seconds / total))
    return rows


def main() -> None:
    args = parse_arguments()
    if args.child:
        print(json.dumps(measure(args)))
        return
    settings = {"gan_type": args.gan_type, "width": args.width, "image_size": args.image_size}
    print(command_line.header(settings), flush=True)
    print("| | devices | images/s, median of rounds | of one | efficiency |\n|:--|--:|--:|--:|--:|")
    found: dict[tuple[str, int], list[float]] = {kind: [] for kind in _KINDS}
    for _ in range(args.rounds):
        for kind in _KINDS:
            found[kind].append(start(*kind)["images_per_second"])
    for (name, count), rates in found.items():
        rate, alone = (sorted(x)[len(x) // 2] for x in (rates, found[name, 1]))
        print(
            f"| {name} | {count} | {rate:.0f} | {rate / alone:.2f} | {rate / alone / count:.2f} |"
        )
    print(report(Exchange(**start("replicas", 1, "--steps=2")["exchange"]), args))


def report(exchange: Exchange, args: argparse.Namespace) -> str:
    inside, across = (Network(1e9 * x, 1e-6 * args.latency_us) for x in (args.inside, args.across))
    lines = [
        f"\nA step sums {exchange.bytes / 1e6:.2f} MB over the devices in {exchange.calls} calls, "
        "float32.\n",
        f"Projection: {args.step_ms:g} ms per step on one accelerator; ring sums that do not "
        f"overlap with arithmetic; {_PER_NODE} accelerators per node, {args.inside:g} GB/s within "
        f"a node and {args.across:g} GB/s per accelerator between nodes, {args.latency_us:g} us "
        "per hop; the same batch per accelerator, input and sampling for free.\n",
        "| accelerators | ms per step | efficiency |\n|--:|--:|--:|",
    ]
    rows = projection(exchange, 1e-3 * args.step_ms, inside, across)
    lines += [f"| {count} | {1e3 * total:.1f} | {part:.2f} |" for count, total, part in rows]
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    parser.add_argument("--gan_type", default="wgan-gp")
    parser.add_argument("--image_size", type=int, default=32)
    parser.add_argument("--width", type=int, default=32, help="channels of the networks")
    parser.add_argument("--batch_size", type=int, default=64, help="per device and update")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--step_ms", type=float, default=50, help="assumed, of an accelerator")
    parser.add_argument("--inside", type=float, default=200, help="GB/s within a node, assumed")
    parser.add_argument("--across", type=float, default=25, help="GB/s between nodes, assumed")
    parser.add_argument("--latency_us", type=float, default=5, help="of a hop, assumed")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--index", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def start(kind: str, count: int, *more: str) -> Measured:
    """Trains in processes of their own; returns what the first of them measured."""
    processes = []
    ports = _free_ports(count)
    for index in range(count if kind == "workers" else 1):
        command = [sys.executable, __file__, *sys.argv[1:], *more, f"--child={kind}:{count}"]
        cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
        task = {"type": "worker", "index": index}
        environment = dict(os.environ)
        if kind == "workers":
            environment["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": task})
        pipe = subprocess.PIPE
        processes.append(
            subprocess.Popen(
                [*command, f"--index={index}"],
                env=environment,
                stdout=pipe,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
    ended = [(process.communicate()[0], process.returncode) for process in processes]
    if any(code for _, code in ended):
        sys.exit(f"scaling.py: a process of {count} {kind} ended with {[c for _, c in ended]}")
    return json.loads(ended[0][0].splitlines()[-1])


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def measure(args: argparse.Namespace) -> Measured:
    """Trains in this process."""
    kind, count = args.child.split(":")[0], int(args.child.split(":")[1])
    cores = sorted(os.sched_getaffinity(0))
    own = [cores[args.index % len(cores)]] if kind == "workers" else cores[:count]
    os.sched_setaffinity(0, own)
    import tensorflow as tf
    from parts.both_sides import Setting, make_dataset, make_gan
    from parts.clock import fit_block

    batch_size = args.batch_size * count
    setting = Setting(image_size=args.image_size, width=args.width, batch_size=batch_size)
    with _strategy(kind, count).scope():
        gan = make_gan(args.gan_type, setting)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    dataset = make_dataset(gan.d_steps, setting).with_options(options)
    fit_block(gan, dataset, 2)
    seconds = fit_block(gan, dataset, args.steps)[0]
    return {
        "images_per_second": gan.d_steps * batch_size / seconds,
        "exchange": dataclasses.asdict(exchange_of(gan)),
    }


def _strategy(kind: str, count: int) -> tf.distribute.Strategy:
    import tensorflow as tf

    if kind == "workers":
        return tf.distribute.MultiWorkerMirroredStrategy()
    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration()] * count
    tf.config.set_logical_device_configuration(cpu, devices)
    if count == 1:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([f"CPU:{index}" for index in range(count)])


if __name__ == "__main__":
    main()
