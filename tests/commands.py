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


def start(directory, *flags):
    """Starts `python train.py` with these flags in a directory."""
    return subprocess.Popen(
        ["python", "train.py", f"--data_dir={data_dir()}", *flags],
        cwd=workplace(directory),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
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


def shell(directory, command):
    """Runs a command that a person was told to run, letter by letter."""
    process = subprocess.Popen(
        command,
        shell=True,
        cwd=directory,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return finish(process)


def python(code, *arguments, directory, **variables):
    """Runs Python code in a process of its own, away from the checkout."""
    variables = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": "", **variables}
    process = subprocess.Popen(
        ["python", "-c", code, *map(str, arguments)],
        cwd=directory,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return finish(process)


def call(*flags):
    """Calls train.py's main in this process and in the present directory.

    Returns:
        What the process would pass to sys.exit: None or a number, or a message, which Python
        prints to stderr before it exits with 1.
    """
    import train as command
    from flags import definitions

    for name in definitions.all_names():
        command.FLAGS[name].unparse()
    command.FLAGS.unparse_flags()
    # As from a shell: the flags of a person come after, and so win.
    argv = command.FLAGS(["train.py", f"--data_dir={data_dir()}", *flags])
    try:
        return command.main(argv)
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
