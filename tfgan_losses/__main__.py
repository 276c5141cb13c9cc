"""`python -m tfgan_losses <command>`: `--help` lists the commands."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

from tfgan_losses import __version__, commands
from tfgan_losses.names import did_you_mean

_TYPED = "python -m tfgan_losses"


def main(arguments: Sequence[str]) -> int:
    """Runs the command that is named first, with the flags that follow.

    Args:
        arguments: What was typed after `python -m tfgan_losses`.

    Returns:
        The exit code.

    Raises:
        SystemExit: With one line if there is no such command, or if the command fails.
    """
    name, *others = arguments or ["nothing"]
    if name in commands.HELP:
        with contextlib.suppress(BrokenPipeError):  # Somebody reads the first lines only.
            print(_help(), flush=True)
        return 0
    if name == "--version":
        print(f"tfgan_losses {__version__}")
        return 0
    if name not in commands.names():
        known = ", ".join(commands.names())
        hint = did_you_mean(name, commands.names()) or "."
        raise SystemExit(
            f"tfgan_losses: Expected a command, one of: {known}. Received: {name}{hint} "
            f"{_TYPED} --help says what they do."
        )
    return commands.get(name).call(others, typed=f"{_TYPED} {name}")


def _help() -> str:
    width = max(map(len, commands.names()))
    lines = [f"  {name:{width}}  {commands.get(name).summary}" for name in commands.names()]
    return "\n".join(
        [
            f"{_TYPED} <command> [flags]",
            "",
            *lines,
            "",
            f"{_TYPED} <command> --help lists flags.",
            f"{_TYPED} --version says which version this is.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
