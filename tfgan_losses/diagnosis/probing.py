"""Runs `probe.py`, and says of each of its steps how it ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tfgan_losses.diagnosis import probe
from tfgan_losses.diagnosis.finding import Finding

PROGRAM = Path(probe.__file__)
_SECONDS = 600
_SHOWN = 300
# TensorFlow tells this at its start and answers no question about it.
_ONEDNN = "oneDNN custom operations are on"
_REMEDIES = {
    "SIGILL": "this processor lacks instructions that TensorFlow was built for, AVX most likely",
    "SIGKILL": "there was not enough memory, most likely",
}


def findings(program: Path = PROGRAM) -> list[Finding]:
    """Returns a finding for each step of the program, until one that it cannot do without.

    Args:
        program: Writes what `probe.py` writes.
    """
    try:
        ended = subprocess.run(
            # -P: the folder of the file is none to import from.
            [sys.executable, "-P", str(program)],
            capture_output=True,
            env=_variables(),
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        lines = (error.stdout or b"").decode(errors="replace").splitlines()
        return _of_lines(lines, f"did not end within {_SECONDS // 60} minutes")
    found = _of_lines(ended.stdout.splitlines(), _how_it_died(ended.returncode, ended.stderr))
    has_started = bool(found) and not found[0].problem
    return [*found, *([_onednn(ended.stderr)] if has_started else [])]


def _variables() -> dict[str, str]:
    """Returns the environment of a process that imports what this one imports, and tells all."""
    path = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "0"}


def _of_lines(lines: Sequence[str], end: str) -> list[Finding]:
    """Returns the findings of the steps that ended, and of the one in which all ended."""
    said = [json.loads(line) for line in lines if line.startswith('{"')]
    found = [_of_step(each) for each in said if "name" in each]
    begun = [each["begins"] for each in said if "begins" in each]
    if len(begun) > len(found):
        problem = f"{begun[-1]}: the process {end}"
        found.append(Finding(begun[-1], "failed", problem=problem))
    elif not begun:
        found.append(Finding("TensorFlow", "not tried", problem=f"TensorFlow: the process {end}"))
    return found


def _of_step(said: dict[str, str]) -> Finding:
    name = said["name"]
    if "error" not in said:
        return Finding(name, said["value"])
    text = f"{name}: {_shortened(said['error'])}"
    return Finding(name, "failed", **{"problem" if name in probe.NEEDED else "note": text})


def _how_it_died(code: int, stderr: str) -> str:
    if code >= 0:
        lines = stderr.strip().splitlines() or ["nothing"]
        return f"ended with code {code}; it said: {_shortened(lines[-1])}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    remedy = _REMEDIES.get(name)
    return f"was ended by {name}" + (f": {remedy}" if remedy else "")


def _onednn(stderr: str) -> Finding:
    return Finding("oneDNN", "on" if _ONEDNN in stderr else "off")


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
