"""What can be known before the first training: in a process of its own, which ends with TensorFlow.

The data is loaded (and prepared, once for all), the extractor made, and every recipe built for it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from absl.flags import FlagValues

from tfgan_losses import interrupts, libraries, progress
from tfgan_losses.commands import Command, train
from tfgan_losses.comparing import settings
from tfgan_losses.flags import command_line, comparing, messages

if TYPE_CHECKING:
    from tfgan_losses.datasets.source import BaseSource

_BEGINS, _BUILT = "preflight: ", "built: "
_PROGRAM = f"""
READS_FLAGS_FIRST = True
from {__name__} import main
main()
"""


@dataclasses.dataclass(frozen=True)
class Found:
    """What was found.

    Attributes:
        error: Why nothing can be compared, or an empty string.
        refused: Recipes that cannot train on this data or with these networks, and why.
        measuring: Flags of a training, so that it is measured on the way as in the end.
    """

    error: str
    refused: dict[str, str] = dataclasses.field(default_factory=dict)
    measuring: list[str] = dataclasses.field(default_factory=list)


def check(arguments: Sequence[str], recipes: int) -> Found:
    """Builds everything in another process, and says how far it is.

    Args:
        arguments: The flags of the comparison.
        recipes: How many there are.

    Raises:
        OSError: If the process cannot be started.
    """
    words = [sys.executable, "-c", _PROGRAM, *arguments]
    error = "Expected a process that builds the networks. Received: {}"
    found = None
    with (
        subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process,
        interrupts.leaving(process.kill),
        progress.Counter(recipes, "building recipes") as counter,
    ):
        for line in map(os.fsdecode, process.stdout or ()):
            if line.startswith(_BEGINS):
                found = Found(**json.loads(line.removeprefix(_BEGINS)))
            elif line.startswith(_BUILT):
                counter.add(1)
            else:  # Of data that takes long to read.
                progress.write(sys.stdout, line)
    return found or Found(error.format(process.returncode))


def _run(flags: FlagValues, typed: str) -> int:
    found = libraries.with_libraries(_look)(flags)
    print(f"{_BEGINS}{json.dumps(dataclasses.asdict(found))}", flush=True)
    return 0


def _look(flags: FlagValues) -> Found:
    from tfgan_losses.comparing import judging
    from tfgan_losses.flags import setting

    try:
        source = setting.load_source(flags)
        first = judging.measurement(flags, source).metrics[0]
    except (ValueError, OSError, ImportError) as error:
        return Found(messages.naming_flags(str(error)))
    names = comparing.recipes_in(flags.gan_types)
    reasons = {}
    for name in names:
        reasons[name] = _refusal(name, settings.arguments(flags), source)
        print(f"{_BUILT}{name}", flush=True)
    return Found(
        "",
        {name: reason for name, reason in reasons.items() if reason},
        [f"--metrics={first!r}", f"--extractor={judging.extractor_for(flags, source)}"],
    )


def _refusal(name: str, arguments: Sequence[str], source: BaseSource) -> str:
    """Returns why a recipe cannot train, or an empty string."""
    import keras

    from tfgan_losses.flags import setting
    from tfgan_losses.training import data_checks

    flags = command_line.parse(train.COMMAND.groups, [f"--gan_type={name}", *arguments])
    keras.utils.clear_session()
    try:
        gan = setting.build_gan(flags, setting.resolve_recipe(flags), source)
        data_checks.check_batch_size(flags.batch_size * gan.d_steps, **gan.batch_divisors)
    except ValueError as error:
        return messages.naming_flags(str(error))
    return ""


def main() -> None:
    """What the process does, with the flags of the comparison."""
    command = Command(
        description=__doc__ or "", groups=("comparison", *settings.HANDED_ON), run=_run
    )
    sys.exit(command.call(sys.argv[1:], typed="python -m tfgan_losses compare"))
