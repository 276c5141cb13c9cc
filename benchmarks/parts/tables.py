"""What the tables of all gan_types have in common: their options, header and cells."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from parts import command_line
from parts.result_files import Key, Result, ResultFile, outcome_of
from tfgan_losses.run_files.atomic import atomic_path

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Setting = TypeVar("Setting", bound="DataclassInstance")


def add_arguments(
    parser: argparse.ArgumentParser, names: list[str], *, seeds: list[int], output_dir: str
) -> None:
    """Adds the options of every table of recipes; None for what a setting decides.

    Args:
        parser: Of the command.
        names: gan_types of the whole table.
        seeds: Default of `--seeds`.
        output_dir: Default of `--output_dir`.
    """
    parser.add_argument(
        "--gan_types", type=command_line.names, default=names, help="with commas; default: all"
    )
    add_options(parser, seeds=seeds, output_dir=output_dir)


def add_options(parser: argparse.ArgumentParser, *, seeds: list[int], output_dir: str) -> None:
    """Adds the options of every table, whatever its rows are; as `add_arguments`."""
    parser.add_argument("--seeds", type=lambda x: [int(y) for y in x.split(",")], default=seeds)
    parser.add_argument("--steps", type=int, help="generator updates")
    parser.add_argument("--batch_size", type=int, help="per discriminator update")
    parser.add_argument("--width", type=int, help="units or channels of both networks")
    parser.add_argument("--jit_compile", action=argparse.BooleanOptionalAction, help="XLA")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--table_only", action="store_true", help="train nothing")
    parser.add_argument("--quick", action="store_true", help="20 steps: only to see that it runs")
    parser.add_argument("--output_dir", type=Path, default=Path(output_dir))


def changed(setting: Setting, args: argparse.Namespace) -> Setting:
    """Returns the setting with what the options of `add_arguments` change in it."""
    names = ("steps", "batch_size", "width", "jit_compile")
    given = {key: getattr(args, key) for key in names if getattr(args, key) is not None}
    quick = {"steps": 20, "width": 8, "batch_size": 16, "jit_compile": False}
    return dataclasses.replace(setting, **{**(quick if args.quick else {}), **given})


def header(settings: Mapping[str, object], keys: Iterable[Key], file: ResultFile) -> str:
    """Returns the header of a command with the days of the trainings, first and last."""
    dates = sorted({result["date"] for result in map(file.get, keys) if result})
    days = " to ".join(dict.fromkeys([dates[0], dates[-1]])) if dates else "nothing trained"
    return command_line.header(settings, days)


def cells(results: list[Result | None], columns: Mapping[str, int]) -> list[str]:
    """Returns the means of some trainings that differ in their seed.

    Trainings that gave no samples are named in the first cell, not counted as zeros.

    Args:
        results: Of the trainings.
        columns: Measure -> digits after the point.
    """
    outcomes = [outcome_of(result) for result in results]
    good = [result for result in results if result and result["outcome"] == "trained"]
    made = [with_error([x[name] for x in good], digits) for name, digits in columns.items()]
    for outcome in sorted(set(outcomes) - {"trained"}):
        made[0] += f" ({outcomes.count(outcome)} of {len(outcomes)} {outcome})"
    return made


def with_error(values: list[float], digits: int) -> str:
    """Returns mean ± standard error of the mean; of one value, the value."""
    values = [value for value in values if np.isfinite(value)]
    if not values:
        return "-"
    mean = f"{np.mean(values):.{digits}f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {np.std(values, ddof=1) / np.sqrt(len(values)):.{digits}f}"


def write(path: Path, text: str) -> None:
    """Prints a table, and writes it into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(text)
