"""The flags of `export`."""

from __future__ import annotations

from absl.flags import FlagValues
from tfgan_losses.flags import checks
from tfgan_losses.flags.flag import Flag
from tfgan_losses.flags.sampling import CHECKPOINT, FOLDER, RUN

from tfgan_losses.exporting import formats


def chosen(value: str) -> list[formats.Format]:
    """Returns the formats of --format, in the order in which they were typed.

    Raises:
        ValueError: If there is no such format, one comes twice, or its packages are missing.
    """
    names = [name.strip() for name in value.split(",")]
    for name in names:
        checks.one_of("format", formats.NAMES)(name, FlagValues())
    if len(set(names)) < len(names):
        raise ValueError(f"Expected each format once. Received: {value!r}")
    found = [formats.get(name) for name in names]
    for each in found:
        each.check_installed()
    return found


def _formats(value: str, flags: FlagValues) -> None:
    chosen(value)


# fmt: off
EXPORTING: tuple[Flag, ...] = (
    RUN,
    CHECKPOINT,
    FOLDER,
    Flag("format", str, None,
         f"One or more of {', '.join(formats.NAMES)}, with commas between: tflite is for LiteRT on "
         "phones, onnx for ONNX Runtime, keras for Keras with this library, savedmodel for "
         "TensorFlow alone.", check=_formats),
)
# fmt: on
