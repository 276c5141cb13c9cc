"""What a machine is, what is free on it, and where results go."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tfgan_losses import environment
from tfgan_losses.diagnosis.finding import Finding

_GIB = 2**30
_CPUINFO = Path("/proc/cpuinfo")
_MEMINFO = Path("/proc/meminfo")
# What a container may use, which its /proc/meminfo does not say.
_LIMIT_OF_CONTAINER = Path("/sys/fs/cgroup/memory.max")
# What decides how fast convolutions and 16 bits are.
_FEATURES = [
    *("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16"),
    *("amx_bf16", "amx_int8", "asimd", "bf16", "sve"),
]
# By name, not by how names begin: reports are public, and TF_VAR_... is Terraform's.
_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "KERAS_BACKEND",
    "KERAS_HOME",
    "LD_LIBRARY_PATH",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "TERM",
    "TFDS_DATA_DIR",
    "TFGAN_LOSSES_CACHE",
    "TF_DETERMINISTIC_OPS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_FORCE_GPU_ALLOW_GROWTH",
    "TF_GPU_ALLOCATOR",
    "TF_USE_LEGACY_KERAS",
    "TF_XLA_FLAGS",
    "XDG_CACHE_HOME",
    "XLA_FLAGS",
)


def findings() -> list[Finding]:
    """Returns a finding for each part of the machine, and for each place that is written to."""
    return [
        Finding("Python", f"{platform.python_version()}, {_with_tilde(Path(sys.executable))}"),
        Finding("platform", f"{platform.platform()}, {platform.machine()}"),
        _processor(),
        _memory(),
        *_gpus(),
        _folder("working directory", Path.cwd(), "--output_dir"),
        _folder("data directory", _data_directory(), "--data_dir or TFDS_DATA_DIR"),
        _folder("cache", _cache_directory(), "TFGAN_LOSSES_CACHE"),
        Finding("stdout", _stdout()),
        Finding("variables", _variables() or "none that TensorFlow, Keras or the library read"),
        _settings_of_keras(),
    ]


def _processor() -> Finding:
    text = _CPUINFO.read_text(errors="replace") if _CPUINFO.exists() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*: (.+)$", text, re.MULTILINE)
    has = [feature for feature in _FEATURES if flags and feature in flags[1].split()]
    described = name[1] if name else platform.processor() or platform.machine()
    return Finding("processor", ", ".join([described, f"{_cores()} cores", " ".join(has)]))


def _cores() -> int:
    """Returns how many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> Finding:
    if not _MEMINFO.exists():
        return Finding("memory", "unknown")
    amounts = dict(re.findall(r"^(\w+):\s+(\d+) kB$", _MEMINFO.read_text(), re.MULTILINE))
    total, free = (int(amounts.get(x, 0)) * 1024 / _GIB for x in ("MemTotal", "MemAvailable"))
    limit = _LIMIT_OF_CONTAINER.read_text().strip() if _LIMIT_OF_CONTAINER.exists() else "max"
    within = f", limited to {int(limit) / _GIB:.1f} GiB" if limit.isdecimal() else ""
    return Finding("memory", f"{free:.1f} of {total:.1f} GiB free{within}")


def _gpus() -> list[Finding]:
    """Returns what the driver says of each NVIDIA GPU, whether TensorFlow can use it or not."""
    query = "--query-gpu=name,driver_version,memory.free,memory.total"
    command = ["nvidia-smi", query, "--format=csv,noheader"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [line.split(", ") for line in listed.stdout.splitlines() if line.count(", ") == 3]
    return [
        Finding("GPU", f"{name}, driver {driver}, {free} of {total} free")
        for name, driver, free, total in rows
    ]


def _folder(name: str, path: Path, flag: str) -> Finding:
    """Returns where something goes, the room there, and a note if it cannot be written."""
    there = next(each for each in [path, *path.parents] if each.exists())
    free = shutil.disk_usage(there).free / _GIB
    value = f"{_with_tilde(path)}, {free:.1f} GiB free"
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding(name, value)
    note = f"the {name} {path} cannot be written: {flag} names another"
    return Finding(name, f"{value}, not writable", note=note)


def _data_directory() -> Path:
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser().absolute()


def _cache_directory() -> Path:
    """As `extractors.cache` has it, which needs TensorFlow."""
    if own := os.environ.get("TFGAN_LOSSES_CACHE"):
        return Path(own).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return ((Path(base) if base else Path.home() / ".cache") / "tfgan_losses").absolute()


def _stdout() -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "no encoding"
    if not sys.stdout.isatty():
        return f"no terminal, {encoding}"
    return f"a terminal of {shutil.get_terminal_size().columns} columns, {encoding}"


def _variables() -> str:
    return ", ".join(f"{name}={os.environ[name]}" for name in _VARIABLES if name in os.environ)


def _settings_of_keras() -> Finding:
    try:
        environment.check()
    except ValueError as error:
        return Finding("settings of Keras", "others than expected", problem=str(error))
    return Finding("settings of Keras", "as expected")


def _with_tilde(path: Path) -> str:
    """Returns a path without the name of whose home it is in: reports are public."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
