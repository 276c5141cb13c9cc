"""Says what is installed, what this machine can do, and whether a training can begin.

python -m tfgan_losses doctor

What it prints is what a report of a bug needs. It makes one step of a small GAN, in a process of
its own, and ends with 0 if that works, else with 1 and a line for each thing that is wrong.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from absl.flags import FlagValues

from tfgan_losses.commands import Command
from tfgan_losses.diagnosis import machine, probing, versions
from tfgan_losses.diagnosis.finding import Finding

_WIDTH = 100
_NAMES = 22


def run(flags: FlagValues, typed: str) -> int:
    """Prints all findings, those that need no TensorFlow first.

    Args:
        flags: None.
        typed: What was typed before them.

    Returns:
        0 if a first step can be made, else 1.
    """
    library, *packages = versions.findings()
    here = machine.findings()
    print(_table([library, *here, Finding("packages", _listed(packages))]), flush=True)
    tried = probing.findings()
    print(_table(tried))
    found = [library, *packages, *here, *tried]
    print(_remarks([*found, *_unused_gpu(here, tried)]))
    return int(any(each.problem for each in found))


def _listed(packages: Sequence[Finding]) -> str:
    return ", ".join(f"{each.name}=={each.value}" for each in packages)


def _table(findings: Sequence[Finding]) -> str:
    """Returns a line for each finding, with what does not fit below it."""
    wrap = textwrap.TextWrapper(
        _WIDTH, subsequent_indent=" " * _NAMES, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(wrap.fill(f"{each.name:<{_NAMES}}{each.value}") for each in findings)


def _unused_gpu(here: Sequence[Finding], tried: Sequence[Finding]) -> list[Finding]:
    """Returns a note if the driver knows a GPU that TensorFlow does not find."""
    there = any(each.name == "GPU" for each in here)
    devices = [each.value for each in tried if each.name == "devices"]
    if not there or not devices or "GPU" in devices[0]:
        return []
    remedy = 'python -m pip install "tfgan_losses[gpu]"; CUDA_VISIBLE_DEVICES may hide it, too'
    return [Finding("GPU", "", note=f"TensorFlow does not use the GPU that is there: {remedy}")]


def _remarks(findings: Sequence[Finding]) -> str:
    """Returns notes, then what is wrong, each on a line, and whether a step can be made."""
    notes = [f"note: {each.note}" for each in findings if each.note]
    wrong = [f"wrong: {each.problem}" for each in findings if each.problem]
    return "\n".join(["", *notes, *(wrong or ["A first step can be made."])])


COMMAND = Command(description=__doc__ or "", groups=(), run=run, needs_settings_of_keras=False)
