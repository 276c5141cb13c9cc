"""What is installed, beside what the library asks for."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable

from tfgan_losses.diagnosis.finding import Finding

_LIBRARY = "tfgan_losses"
# Builds of other names stand in for them; whether they work is seen by importing them.
_IMPORTED_LATER = {
    "keras": ("keras-nightly",),
    "tensorflow": ("tensorflow-cpu", "tf-nightly", "tensorflow-macos", "tensorflow-rocm"),
}
# Not asked for, but telling: other builds, and what comes with `[gpu]`.
_BESIDE = re.compile(r"(keras|tensorflow|tf)[-_](nightly|cpu|macos|metal|rocm|keras)|nvidia[-_].*")

VersionOf = Callable[[str], str | None]


def installed(name: str) -> str | None:
    """Returns the version of an installed package, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def findings(version_of: VersionOf = installed) -> list[Finding]:
    """Returns the library, one finding for each package that it needs, and builds beside them.

    Args:
        version_of: From the name of a package to its version, None for none.
    """
    required = _required()
    if required is None:
        problem = f"{_LIBRARY} is not installed, only found: python -m pip install -e ."
        return [Finding(_LIBRARY, "not installed", problem=problem)]
    library = Finding(_LIBRARY, installed(_LIBRARY) or "unknown")
    found = [_of_package(name, asked, version_of) for name, asked in required.items()]
    return [library, *found, *_beside()]


def check(version_of: VersionOf = installed) -> None:
    """Raises ValueError if TensorFlow or Keras is older than the library needs.

    Args:
        version_of: As for `findings`.
    """
    for name in _IMPORTED_LATER:
        asked, version = (_required() or {}).get(name, ""), version_of(name)
        at_least = ",".join(bound for bound in asked.split(",") if bound.startswith(">="))
        if version is not None and not _is_within(version, at_least):
            raise ValueError(
                f'Expected {name}{at_least}: python -m pip install "{name}{asked}". '
                f"Received: {name} {version}"
            )


def _required() -> dict[str, str] | None:
    """Returns the bounds of the packages that are asked for, by name; None if nobody knows."""
    try:
        lines = importlib.metadata.requires(_LIBRARY) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return dict(_name_and_bounds(line) for line in lines if "extra ==" not in line)


def _of_package(name: str, asked: str, version_of: VersionOf) -> Finding:
    """Returns the finding for a package and its bounds."""
    version = version_of(name)
    if version is None:
        if any(version_of(other) for other in _IMPORTED_LATER.get(name, ())):
            return Finding(name, "by another name")
        text = f'{name} is not installed: python -m pip install "{name}{asked}"'
        kind = "note" if name in _IMPORTED_LATER else "problem"
        return Finding(name, "not installed", **{kind: text})
    if _is_within(version, asked):
        return Finding(name, version)
    outside = f"{name} {version} is outside of what was tested, {asked}"
    return Finding(name, version, note=f'{outside}: python -m pip install "{name}{asked}"')


def _name_and_bounds(line: str) -> tuple[str, str]:
    match = re.match(r"([\w.-]+)\s*([^;\s]*)", line)
    return (match[1], match[2]) if match else (line, "")


def _is_within(version: str, bounds: str) -> bool:
    """Returns whether a version is one that was asked for; a pre-release counts as its release."""
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:  # Found as a missing package of its own.
        return True
    return SpecifierSet(bounds).contains(version, prereleases=True)


def _beside() -> list[Finding]:
    names = {each.metadata["Name"] or "" for each in importlib.metadata.distributions()}
    found = sorted(name for name in names if _BESIDE.fullmatch(name.lower()))
    return [Finding(name, installed(name) or "unknown") for name in found]
