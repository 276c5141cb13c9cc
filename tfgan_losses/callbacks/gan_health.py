"""Warnings of trainings that go wrong in one of the ways in which GANs do."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from absl import logging

from tfgan_losses import workers
from tfgan_losses.callbacks.listeners import Listeners
from tfgan_losses.callbacks.step_callback import StepCallback
from tfgan_losses.health import real_examples
from tfgan_losses.health.held_out import Mean, Scores, position
from tfgan_losses.health.look import Look
from tfgan_losses.health.probe import Probe
from tfgan_losses.health.record import read_findings, write_findings
from tfgan_losses.health.signs import all_signs
from tfgan_losses.health.watch import Finding, Watch
from tfgan_losses.progress import write
from tfgan_losses.training.checks import check_positive
from tfgan_losses.training.finiteness import first_non_finite_variable
from tfgan_losses.types import Logs


class GANHealth(StepCallback):
    """Says in one line what goes wrong, by which numbers, and what to try; else nothing.

    Every so many steps it compares a batch of generated examples with real ones, and asks the
    discriminator about both. A sign is told when several looks in a row have shown it, and again
    only if it has gone away and come back. No number of the training depends on it: it draws with
    seeds of its own and leaves no trace in the networks. What it cannot find out, it leaves out.

    Args:
        examples: What is trained on: real examples, a pair of these and their labels, or a
            `Source`.
        held_out: Real examples that are not trained on, likewise; without them, those of
            `validation_data` are used if there are any.
        size: Number of examples that are trained on, if `examples` is a part of them.
        batch_size: Real examples for each update of the discriminator, if known.
        every: Steps between two looks.
        path: The file for what is told, such as `runs/x/health.csv`; None for none.
        listeners: Get what is told, too.

    Attributes:
        findings: What has been told, the earliest first, that of before a resume included.

    Raises:
        ValueError: If a number is not an integer >= 1.

    References:
        docs/my-gan-fails.md has a section for each sign.
    """

    def __init__(
        self,
        examples: real_examples.Real,
        *,
        held_out: real_examples.Real | None = None,
        size: int | None = None,
        batch_size: int | None = None,
        every: int = 100,
        path: str | os.PathLike | None = None,
        listeners: Listeners | None = None,
    ):
        super().__init__()
        given = {"every": every, "size": size, "batch_size": batch_size}
        check_positive(**{name: value for name, value in given.items() if value is not None})
        self.examples, self.held_out = examples, held_out
        self.size = size if size is not None else real_examples.size_of(examples)
        self.batch_size, self.every, self.path = batch_size, every, path
        self.listeners = listeners or Listeners()
        self.findings: list[Finding] = []
        self._watch: Watch | None = None
        self._epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Goes on with what a resumed run had told by this step."""
        super().on_train_begin(logs)
        self._watch = self._position = None
        if not workers.is_chief(self.model.distribute_strategy):
            return
        if self.path is not None:
            told = read_findings(self.path)
            self.findings = [finding for finding in told if finding.step <= self.step]
            if len(self.findings) < len(told):
                write_findings(self.path, self.findings)
        else:
            self.findings = []
        self._watch = Watch(all_signs(), every=self.every, told=self.findings)
        self._probe = _Part(self._make_probe)
        self._of_held_out = _Part(self._make_of_held_out)

    def steps_until_due(self) -> float:
        """Returns the steps to the next look."""
        return self.steps_until(self.every)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Counts the passes over the data."""
        super().on_epoch_begin(epoch, logs)
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Looks if it is time."""
        super().on_train_batch_end(batch, logs)
        if self._watch is not None and self.due(self.every):
            for finding in self._watch.findings(self.look()):
                self._tell(finding)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Takes over what `validation_data` has given."""
        values = logs or {}
        if self._watch is None or self.held_out is not None or "val_d_real" not in values:
            return
        found = Mean(float(values["val_d_real"])), float(values["val_d_fake"])
        self._position = self._of_held_out(lambda part: part(*found))

    def look(self) -> Look:
        """Returns what can be said of the training now."""
        numbers = self._probe(lambda probe: probe()) or {}
        # A sum that is finite has no part that is not; and one that is not asks for the name.
        is_finite = math.isfinite(numbers.pop("sum_of_weights", math.nan))
        if self.held_out is not None:
            self._position = self._of_held_out(lambda part: part())
        held_out, self._position = self._position, None
        return Look(
            step=self.step,
            held_out=held_out,
            size=self.size,
            passes=self._passes(),
            bad_weight=None if is_finite else first_non_finite_variable(self.model),
            **numbers,
        )

    def _passes(self) -> float | None:
        if not self.size:
            return None
        seen = self.step * self.model.d_steps * (self.batch_size or 1) / self.size
        return max(seen, float(self._epoch))

    def _chosen(self, given: real_examples.Real) -> tuple[np.ndarray, np.ndarray | None]:
        count = real_examples.how_many(self.model.example_shape, self.batch_size)
        return real_examples.choose(given, count, seed=self.model.seed)

    def _make_probe(self) -> Probe:
        return Probe(self.model, *self._chosen(self.examples))

    def _make_of_held_out(self) -> Callable[..., float | None]:
        scores, trained_on = Scores(self.model), self._chosen(self.examples)
        others = None if self.held_out is None else self._chosen(self.held_out)

        def found(held_out: Mean | None = None, fake: float = math.nan) -> float | None:
            ours = scores.of(*trained_on)
            if others is not None:
                held_out, fake = scores.of(*others), scores.of_generated(len(trained_on[0]))
            if ours is None or held_out is None:
                return None
            return position(ours, held_out, fake)

        return found

    def _tell(self, finding: Finding) -> None:
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            write(sys.stderr, "\r\x1b[K")  # In place of the line of progress.
        logging.warning("%s", finding.text)
        self.findings.append(finding)
        if self.path is not None:
            write_findings(self.path, self.findings)
        self.listeners.scalars(finding.step, {f"health_{finding.sign}": 1.0})


class _Part:
    """Something that is made when it is first needed, and not asked again once it has failed.

    No training ends because nobody can say how it goes.
    """

    def __init__(self, make: Callable[[], Any]):
        self._make = make
        self._made: Any = None
        self._has_failed = False

    def __call__(self, ask: Callable[[Any], Any]) -> Any:
        if self._has_failed:
            return None
        try:
            if self._made is None:
                self._made = self._make()
            return ask(self._made)
        except Exception as error:
            self._has_failed = True
            logging.debug("GANHealth leaves out what it cannot find out: %s", error)
            return None
