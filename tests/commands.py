"""Calls train.py as a person does, in a process, or faster in this one."""

import atexit
import csv
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# A few steps of small networks: every kind of result appears, and little time is spent.
FEW_STEPS = (
    "--steps=3",
    "--batch_size=8",
    "--width=8",
    "--log_every=1",
    "--sample_every=2",
    "--checkpoint_every=2",
)


@functools.cache
def data_dir():
    """One folder for TensorFlow Datasets in all tests, so that the home directory stays clean."""
    path = tempfile.mkdtemp(prefix="tfgan_losses_data_")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def environment(**variables):
    """The environment of a process in which `python` is the Python of the tests."""
    bin_directory = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": bin_directory + os.pathsep + os.environ.get("PATH", ""),
        # Two threads per process: tests may run beside each other.
        "OMP_NUM_THREADS": "2",
        **variables,
    }


def workplace(directory):
    """A directory in which `python train.py` is the command, as in a checkout.

    Python looks for modules beside the file that the link names.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / "train.py").exists():
        (directory / "train.py").symlink_to(ROOT / "train.py")
    return directory


def start(directory, *flags, **variables):
    """Starts `python train.py` with these flags in a directory."""
    arguments = ["python", "train.py", f"--data_dir={data_dir()}", *flags]
    return _start(arguments, workplace(directory), variables)


def start_shell(directory, command):
    """Starts a command that a person was told to type, letter by letter."""
    # exec: a signal to the process shall reach the command, not a shell around it.
    return _start(f"exec {command}", directory, {}, shell=True)


def start_script(path, *arguments, directory, **variables):
    """Starts a file of the tests as a program that can import this project and its tests."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    variables = {"PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3", **variables}
    return _start(["python", str(path), *map(str, arguments)], directory, variables)


def _start(arguments, directory, variables, **options):
    return subprocess.Popen(
        arguments,
        cwd=directory,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


class Result(NamedTuple):
    """How a process ended, and what it printed."""

    code: int
    out: str
    err: str


def finish(process, timeout=600):
    """Waits for the end of a process."""
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        process.kill()
    return Result(process.returncode, out, err)


def train(directory, *flags):
    """Runs `python train.py` with these flags in a directory to its end."""
    return finish(start(directory, *flags))


def python(code, *arguments, directory, **variables):
    """Runs Python code in a process of its own, away from the checkout."""
    variables = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": "", **variables}
    return finish(_start(["python", "-c", code, *map(str, arguments)], directory, variables))


def check_with_two_devices(file, cases):
    """Runs cases of a test file in a process that has two devices; see `run_cases`.

    TensorFlow cannot be used after a collective operation has failed: a case that fails ends its
    process, and the cases after it get another one.

    Args:
        file: Calls `run_cases` when it is started as a program.
        cases: Names of its cases.

    Raises:
        AssertionError: If cases fail, with what each of them wrote to stderr.
    """
    failed, left = {}, list(cases)
    while left:
        ended = finish(start_script(file, *left, directory=ROOT))
        lines = set(ended.out.splitlines())
        count = next((i for i, name in enumerate(left) if _passed(name, 2) not in lines), len(left))
        passed, left = left[:count], left[count:]
        if ended.code or left:
            failed[left.pop(0) if left else passed[-1]] = ended.err
    assert not failed, "\n".join(f"{name} fails.\n{err}" for name, err in failed.items())


def run_cases(cases):
    """What a process of `check_with_two_devices` does: calls the cases that its arguments name.

    Args:
        cases: A dict of functions.
    """
    import keras
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    for name in sys.argv[1:]:
        keras.utils.clear_session(free_memory=False)
        cases[name]()
        print(_passed(name, two_replicas().num_replicas_in_sync), flush=True)


def _passed(name, replicas):
    return f"{name}: {replicas} replicas"


@functools.cache
def two_replicas():
    """The strategy for the two devices of `run_cases`.

    One for all cases: TensorFlow numbers the collective operations of each strategy from the same
    number on, and takes those of a second one for those of the first.
    """
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def call(*flags):
    """Calls what train.py calls, in this process and in the present directory.

    Returns:
        What the process would pass to sys.exit: a number, or a message, which Python prints to
        stderr before it exits with 1.
    """
    from tfgan_losses.commands.train import COMMAND

    try:
        # The flags of a person come after, and so win.
        return COMMAND.call([f"--data_dir={data_dir()}", *flags], typed="python train.py")
    except SystemExit as end:
        return end.code


def rows(path):
    """The rows of a metrics.csv as dicts of strings."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def arrays(path):
    """Every array of a weights file by its place in it."""
    import h5py

    found = {}

    def note(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(path, "r") as file:
        file.visititems(note)
    return found
