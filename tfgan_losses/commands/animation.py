"""Makes the image of a run move: a walk through noise around that of the image.

python -m tfgan_losses animation --run=runs/photo --output=moving.gif

It goes to the end of the walk and back, so that the animation has no end.
"""

from __future__ import annotations

from pathlib import Path

from absl.flags import FlagValues

from tfgan_losses import libraries
from tfgan_losses.commands import Command
from tfgan_losses.flags import outputs, trained_pyramid
from tfgan_losses.run_files.directory import RunDirectory


def run(flags: FlagValues, typed: str) -> int:
    """Goes from a run to a .gif file.

    Args:
        flags: Of the group "animation".
        typed: What was typed before them.

    Returns:
        0.

    Raises:
        ValueError: If there is no such run, or the flags do not fit its pyramid.
        OSError: If the file cannot be written.
    """
    directory = trained_pyramid.find(flags)
    output = outputs.new_picture(flags.output, ".gif")
    libraries.with_libraries(_animate)(flags, directory, output)
    return 0


def _animate(flags: FlagValues, directory: RunDirectory, output: Path) -> None:
    from tfgan_losses import pyramid
    from tfgan_losses.measuring import example_files
    from tfgan_losses.pyramid import sampling, uses

    found = pyramid.load(directory.path)
    first = flags.start_scale
    if first is not None:
        first = sampling.check_scale(found, first, "start_scale")
    frames = uses.animation(
        found, flags.frames, alpha=flags.alpha, beta=flags.beta, first=first, seed=flags.seed
    )
    there_and_back = [*frames, *frames[-2:0:-1]]
    example_files.write_loop(output, [frame[None] for frame in there_and_back], padding=0)
    print(f"{output}: {len(frames)} images and back")


COMMAND = Command(description=__doc__ or "", groups=("animation",), run=run)
