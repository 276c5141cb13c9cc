"""The networks of one run as the start of another.

Arrays are matched by their network, the names of their layers and their shapes; where Keras has
numbered a name itself, as of `dense_7`, by the place of the layer in its network instead. A layer
comes along with all of its variables or stays as it is: spectral normalisation's vectors and batch
statistics belong to the kernels and features that they were found for.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tfgan_losses.run_files import checkpoint_files
from tfgan_losses.run_files.directory import RunDirectory

if TYPE_CHECKING:
    import h5py

    from tfgan_losses.gan import GAN

_WEIGHTS = "model.weights.h5"
_AVERAGE = "ema_generator"
_NETWORKS = ("generator", "discriminator", _AVERAGE)
_SHOWN = 12

# The names of a layer and of what holds it, such as ("generator", "up_1").
_Layer: TypeAlias = tuple[str, ...]
# The arrays of each layer, by their places in it.
_Layers: TypeAlias = "dict[_Layer, dict[str, h5py.Dataset]]"


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where the weights of a new run came from.

    Attributes:
        path: What was named, absolute.
        file: The file that was read.
        step: The step that the other run was at.
        taken: Names of the layers whose variables came along, such as `generator/up_1`.
        fresh: The layers that stayed as they were, each with the reason.
    """

    path: str
    file: str
    step: int | None
    taken: tuple[str, ...]
    fresh: Mapping[str, str]

    def __str__(self) -> str:
        at = "" if self.step is None else f", step {self.step}"
        count = len(self.taken) + len(self.fresh)
        lines = [f"Starting from {self.file}{at}: {len(self.taken)} of {count} layers fit."]
        lines += [f"Fresh: {name}: {why}" for name, why in [*self.fresh.items()][:_SHOWN]]
        more = len(self.fresh) - _SHOWN
        return "\n".join([*lines, *([f"Fresh: and {more} more"] if more > 0 else [])])


def find(source: str | os.PathLike) -> Path:
    """Returns the file that a run, a checkpoint or a saved GAN is read from. Needs no TensorFlow.

    Args:
        source: The directory of a run, of which the newest whole checkpoint counts, or the
            `gan.keras` where it has none; a `.weights.h5` file; or a GAN's `.keras` file.

    Raises:
        ValueError: If there is no such file.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        directory = RunDirectory(path)
        newest = directory.newest_checkpoint()
        if newest is not None or directory.gan.exists():
            return newest or directory.gan
        raise ValueError(_refusal(path, _state_of(directory)))
    if not path.exists():
        raise ValueError(_refusal(path, "there is no such file or directory"))
    if not path.name.endswith((".weights.h5", ".keras")):
        raise ValueError(_refusal(path, "a file with another ending"))
    return path


def initialize_from(gan: GAN, source: str | os.PathLike) -> Origin:
    """Gives a GAN the networks of another, as far as they fit.

    The average comes from the other's average, or from its generator where it has none. Counters,
    optimisers, and the state of losses, terms and augmentations stay as they are. What the other
    was trained with does not matter.

    Args:
        gan: Changed in place.
        source: See `find`.

    Returns:
        What came along, and what did not.

    Raises:
        ValueError: If there is no such file, it cannot be read, or no layer fits; the GAN is then
            as it was.
    """
    file = find(source)
    own = checkpoint_files.in_memory(gan)
    import h5py

    with _opened(file) as saved, h5py.File(own, "r+") as opened:
        layers = _layers_of(saved)
        if not any(name[0] == _AVERAGE for name in layers):
            of_generator = {n: each for n, each in layers.items() if n[0] == "generator"}
            layers |= {(_AVERAGE, *name[1:]): each for name, each in of_generator.items()}
        taken, fresh = _take_over(_layers_of(opened), layers)
        step = int(saved["vars/step"][()]) if "vars/step" in saved else None
    if not taken:
        reasons = "; ".join(f"{name}: {why}" for name, why in [*fresh.items()][:3])
        raise ValueError(
            "Expected a GAN of which at least one layer fits these networks, by its name and "
            f"shapes. Received: {file}, of which none does: {reasons}"
        )
    own.seek(0)
    gan.load_weights(own)
    return Origin(os.path.abspath(source), os.path.abspath(file), step, tuple(taken), fresh)


def _take_over(own: _Layers, saved: _Layers) -> tuple[list[str], dict[str, str]]:
    """Writes what fits into the own arrays; returns the names of the others with the reasons."""
    taken, fresh = [], {}
    for name, arrays in own.items():
        reason = _difference(saved.get(name), arrays)
        if reason is None:
            taken.append("/".join(name))
            for place, array in arrays.items():
                array[...] = saved[name][place][()]
        else:
            fresh["/".join(name)] = reason
    return taken, fresh


def _difference(
    saved: Mapping[str, h5py.Dataset] | None, own: Mapping[str, h5py.Dataset]
) -> str | None:
    """Returns why a layer does not fit, or None."""
    if saved is None:
        return "there is none of this name"
    if saved.keys() != own.keys():
        return f"{len(saved)} variables there, {len(own)} here"
    for place, array in own.items():
        sides = [(list(each.shape), each.attrs.get("dtype")) for each in (saved[place], array)]
        if sides[0] != sides[1]:
            there, here = (shape if kind is None else f"{shape} {kind}" for shape, kind in sides)
            return f"{there} there, {here} here"
    return None


def _layers_of(file: h5py.File) -> _Layers:
    """Returns the arrays of the networks of a weights file, layer by layer."""
    found: _Layers = {}

    def note(place: str, item: h5py.Group | h5py.Dataset) -> None:
        parts = place.split("/")
        # How a layer draws is decided anew in every update.
        if parts[0] in _NETWORKS and hasattr(item, "shape") and "seed_generator" not in parts:
            end = _end_of_layer(parts)
            found.setdefault(_names(file, parts[:end]), {})["/".join(parts[end:])] = item

    file.visititems(note)
    return found


def _end_of_layer(parts: list[str]) -> int:
    """Returns how many parts name a layer of a network: a wrapper is one with what it wraps."""
    lists = [number for number, part in enumerate(parts) if part == "layers"]
    return lists[-1] + 2 if lists else parts.index("vars")


def _names(file: h5py.File, parts: list[str]) -> _Layer:
    names = [parts[0]]
    for number in range(1, len(parts)):
        part, variables = parts[number], file.get("/".join([*parts[: number + 1], "vars"]))
        if part == "layers":
            continue
        name = None if variables is None else variables.attrs.get("name")
        kind = re.sub(r"_\d+$", "", part)
        own = name is not None and not re.fullmatch(rf"{re.escape(kind)}(_\d+)?", str(name))
        # A number of Keras' own is another in every process; the part says which of its kind it is.
        names.append(str(name) if own else part)
    return tuple(names)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[h5py.File]:
    import h5py

    try:
        with contextlib.ExitStack() as stack:
            opened: h5py.File
            if file.name.endswith(".keras"):
                content = zipfile.ZipFile(file).read(_WEIGHTS)
                opened = stack.enter_context(h5py.File(io.BytesIO(content), "r"))
            else:
                checkpoint_files.check_whole(file)
                opened = stack.enter_context(h5py.File(file, "r"))
            if not {"generator", "discriminator"} <= opened.keys():
                raise ValueError(_refusal(file, "weights of something that is no GAN"))
            yield opened
    except (OSError, RuntimeError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(_refusal(file, f"it cannot be read: {error}")) from error


def _state_of(directory: RunDirectory) -> str:
    if directory.checkpoint_files():
        return "none of its checkpoints is whole"
    if (directory.path / "saved_model.pb").exists():
        return f"an exported generator. Did you mean {directory.path.parent}?"
    if directory.was_begun():
        return f"a run without a checkpoint: it holds {', '.join(directory.results()) or 'nothing'}"
    return "a directory that holds no run"


def _refusal(path: Path, state: str) -> str:
    return (
        "Expected the directory of a run with a checkpoint, a checkpoint (.weights.h5), or a saved "
        f"GAN (.keras) to start from. Received: init_from={str(path)!r}: {state}"
    )
