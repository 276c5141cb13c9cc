"""What the two networks minimise: losses, penalties and the rest of one `GAN.compile`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_losses import constraints, losses, replicas, schedules
from tfgan_losses.augmentations.base import Augmentation
from tfgan_losses.conditioning import Condition
from tfgan_losses.registry import Identifier, name_of
from tfgan_losses.training import label_flipping as flipping, top_k as top
from tfgan_losses.training.terms import Network, Seen, Term
from tfgan_losses.types import Logits, Report, Scalar, Tensor, TensorLike

# The scalar to differentiate, and what to report. All are this replica's shares: their sums over
# the replicas are the means over all examples.
Total = tuple[Tensor, Report]


class Objective:
    """The losses of both networks, and what is added to them.

    Args:
        loss: The adversarial loss; see `GAN.compile` for all arguments.
        d_loss: The discriminator's loss if it is another one.
        g_loss: The generator's loss if it is another one.
        penalties: Penalties on the discriminator.
        auxiliary: Auxiliary objectives of both networks.
        augmentations: What changes the examples that the discriminator sees.
        constraint: Constraint on the discriminator's variables.
        top_k: Share of the generated examples that count in the generator's loss.
        label_flipping: Probability that the discriminator's loss takes a pair the wrong way round.
        condition: What the networks are conditioned on.
        updates: Updates of each network in the whole run, for schedules that are open; None if
            they are unknown.

    Raises:
        ValueError: If a name or option is unknown, a loss is missing, or a schedule does not know
            its length.
    """

    def __init__(
        self,
        loss: Identifier = None,
        *,
        d_loss: Identifier = None,
        g_loss: Identifier = None,
        penalties: Sequence[Term] = (),
        auxiliary: Sequence[Term] = (),
        augmentations: Sequence[Augmentation] = (),
        constraint: Identifier = None,
        top_k: schedules.Number | str = 1.0,
        label_flipping: schedules.Number | str = 0.0,
        condition: Condition | None = None,
        updates: Mapping[Network, int] | None = None,
    ):
        self.d_loss, self.g_loss = _choose_losses(loss, d_loss, g_loss)
        # The Keras losses reduce, and divide by the number of replicas.
        self._d_half, self._g_half = self.d_loss.discriminator, self.g_loss.generator
        self.penalties, self.auxiliary = penalties, auxiliary
        self.augmentations = augmentations
        self.constraint = constraints.get(constraint)
        self.condition, self.updates = condition, updates or {}
        self.top_k = _number("top_k", top_k, lambda x: 0 < x <= 1, "(0, 1]")
        self.label_flipping = _number(
            "label_flipping", label_flipping, lambda x: 0 <= x <= 0.5, "[0, 0.5]"
        )
        for name, number in self.options.items() if updates is None else ():
            schedules.check_length(name, number)
        for term in self.terms if updates is None else ():
            for name, weight in term.weights.items():
                schedules.check_length(f"the {name} of {term.name}", weight)
        of_terms = [augmentation for term in self.terms for augmentation in term.augmentations]
        for augmentation in [*augmentations, *of_terms] if updates is None else ():
            for name, number in augmentation.numbers.items():
                schedules.check_length(f"the {name} of {augmentation.name}", number)

    def __repr__(self) -> str:
        constraint = [] if self.constraint is None else [self.constraint]
        parts = [*self._losses, *self.terms, *self.augmentations, *constraint]
        options = [f"{name}={number!r}" for name, number in self.options.items()]
        return " + ".join([*map(repr, parts), *options])

    @property
    def options(self) -> dict[str, schedules.Number]:
        """`top_k` and `label_flipping`, as far as they are on."""
        return {
            **({} if self.top_k == 1 else {"top_k": self.top_k}),
            **({} if self.label_flipping == 0 else {"label_flipping": self.label_flipping}),
        }

    @property
    def terms(self) -> list[Term]:
        """Penalties and auxiliary objectives."""
        return [*self.penalties, *self.auxiliary]

    def terms_of(self, network: Network) -> list[Term]:
        """Those of the loss of a network."""
        return [term for term in self.terms if network in term.networks]

    @property
    def state(self) -> dict[str, keras.Variable]:
        """What training changes, such as BEGAN's k, by the names it is saved under."""
        found: dict[str, keras.Variable] = {}
        owners: list[losses.AdversarialLoss | Term | Augmentation] = [
            *self._losses,
            *self.terms,
            *self.augmentations,
        ]
        for owner in owners:
            for variable in owner.variables:
                key = f"{name_of(owner)}_{variable.name}"
                found[f"{key}_of_g" if key in found else key] = variable
        return found

    @property
    def _losses(self) -> list[losses.AdversarialLoss]:
        return [self.d_loss] if self.g_loss is self.d_loss else [self.d_loss, self.g_loss]

    @property
    def gradients_at(self) -> frozenset[str]:
        """At which examples, `"real"` or `"fake"`, penalties take gradients in every update."""
        terms = self.terms_of("discriminator")
        return frozenset(term.at for term in terms if term.at is not None and term.every == 1)

    @property
    def generator_needs_real(self) -> bool:
        """Whether the generator's loss looks at outputs for real examples."""
        return self.g_loss.needs_real or any(t.needs_real for t in self.terms_of("generator"))

    @property
    def report_keys(self) -> list[str]:
        """What a step reports, in the order in which it is computed."""
        columns = {term: [term.column(network) for network in term.networks] for term in self.terms}
        measured = [
            key
            for term in self.terms
            for network in term.networks
            for key in term.report_keys(network, self.condition)
        ]
        keys = ["d_real", "d_fake", *(x for term in self.penalties for x in columns[term])]
        keys += ["d_loss", "g_loss", *(x for term in self.auxiliary for x in columns[term])]
        measured += [key for each in self.augmentations for key in each.report_keys]
        state = [key for loss in self._losses for key in loss.report_keys]
        distance = ["w_distance"] * self.d_loss.estimates_distance
        return list(dict.fromkeys([*keys, *measured, *state, *distance]))

    def discriminator_total(
        self, seen: Seen, *, regularisation: Iterable[Tensor] = (), lazily: bool = True
    ) -> Total:
        """The discriminator's loss and what to report of it.

        Args:
            seen: What there is to look at.
            regularisation: Losses that the network itself asks for.
            lazily: Whether `every` of the terms, top-k and flipped labels count; if not, all terms
                are evaluated, and all examples as what they are.
        """
        logits = seen.real_outputs["logits"], seen.fake_outputs["logits"]
        told = self._flipped(*logits, seen) if lazily and self.label_flipping != 0 else logits
        adversarial = _adversarial(self._d_half, *told)
        total, report = self._with_terms(adversarial, seen, regularisation, lazily)
        for augmentation in self.augmentations:
            report |= {key: _mean(x) for key, x in augmentation.report(logits[0]).items()}
        means = {"d_real": _mean(logits[0]), "d_fake": _mean(logits[1])}
        return total, {**means, **report, "d_loss": total}

    def generator_total(
        self, seen: Seen, *, regularisation: Iterable[Tensor] = (), lazily: bool = True
    ) -> Total:
        """The generator's loss and what to report of it; see `discriminator_total`."""
        fake_logits = seen.fake_outputs["logits"]
        real_logits = seen.real_outputs.get("logits", fake_logits)
        share = self._at(self.top_k, seen) if lazily and self.top_k != 1 else None
        adversarial = _adversarial(self._g_half, real_logits, fake_logits, share)
        total, report = self._with_terms(adversarial, seen, regularisation, lazily)
        return total, {**report, "g_loss": total, "g_fake": _mean(fake_logits)}

    def _flipped(
        self, real_logits: Logits, fake_logits: Logits, seen: Seen
    ) -> tuple[Logits, Logits]:
        probability = self._at(self.label_flipping, seen)
        return flipping.flip(real_logits, fake_logits, probability, seen.seed_for("flipped labels"))

    def _at(self, number: schedules.Number, seen: Seen) -> Scalar:
        return schedules.at(schedules.over(number, seen.updates), seen.update)

    def _with_terms(
        self, adversarial: Tensor, seen: Seen, regularisation: Iterable[Tensor], lazily: bool
    ) -> Total:
        report: Report = {}
        parts = [adversarial]
        for term in self.terms_of(seen.network):
            part, measured = self._evaluate(term, seen, lazily)
            parts.append(part)
            report |= {term.column(seen.network): part, **measured}
        parts += [tf.cast(loss, tf.float32) * replicas.fraction() for loss in regularisation]
        return tf.add_n(parts), report

    def _evaluate(self, term: Term, seen: Seen, lazily: bool) -> Total:
        """A term's part of the loss, and what it measures; zeros where `every` leaves it out."""
        keys = term.report_keys(seen.network, self.condition)
        times = term.every if lazily else 1

        def now() -> Total:
            measured = term.report(seen) if keys else {}
            # As the part is: so that means over many updates are those of the evaluated ones.
            return _mean(term.weighted(seen, times)), {k: times * _mean(measured[k]) for k in keys}

        if times == 1:
            return now()
        nothing = tf.zeros([]), {key: tf.zeros([]) for key in keys}
        return tf.cond(term.is_due(seen.update), now, lambda: nothing)

    def end_update(
        self, network: Network, report: Report, update: Scalar, *, examples: Scalar
    ) -> None:
        """Lets terms and augmentations that have state see what an update reported.

        Args:
            network: Whose update it was.
            report: This replica's shares of what it reported.
            update: Its number.
            examples: Real examples that this replica had of it.
        """
        terms = [term for term in self.terms_of(network) if term.variables]
        changing = self.augmentations if network == "discriminator" else ()
        changing = [augmentation for augmentation in changing if augmentation.variables]
        if not terms and not changing:
            return
        own = tf.cast(examples, tf.float32) * replicas.presence()
        sums = replicas.global_sums({**report, "examples": own})
        for augmentation in changing:
            augmentation.end_update(sums, update)
        for term in terms:
            own = {key: sums[key] / term.every for key in term.report_keys(network, self.condition)}
            term.end_update({**sums, **own}, update)

    def end_step(self, d_real: Tensor, g_fake: Tensor) -> Report:
        """Lets a loss with state see the mean outputs of a step's updates; what it reports.

        Both are means over all replicas.
        """
        report: Report = {}
        for loss in reversed(self._losses):  # Of two losses with one key, the discriminator's.
            report |= loss.end_step(d_real, g_fake) if loss.variables else {}
        return report

    def get_config(self) -> dict[str, Any]:
        """The keyword arguments that make an equal objective, but for condition and updates."""
        serialize = keras.saving.serialize_keras_object
        names = ["loss"] if self.g_loss is self.d_loss else ["d_loss", "g_loss"]
        return {
            **{name: serialize(loss) for name, loss in zip(names, self._losses, strict=True)},
            "penalties": [serialize(term) for term in self.penalties],
            "auxiliary": [serialize(term) for term in self.auxiliary],
            "augmentation": [serialize(augmentation) for augmentation in self.augmentations],
            "constraint": serialize(self.constraint),
            **{name: schedules.serialize(number) for name, number in self.options.items()},
        }


def _mean(values: TensorLike) -> Tensor:
    """This replica's share of a mean over all examples; a scalar is that mean itself."""
    values = tf.cast(values, tf.float32)
    return values / replicas.count() if values.shape.rank == 0 else replicas.share_of_mean(values)


def _number(
    name: str, value: schedules.Number | str, is_in_range: Callable[[float], bool], span: str
) -> schedules.Number:
    """An option that may be a schedule, all of whose values are in a range."""
    number = schedules.get(value, name=name)
    if not all(map(is_in_range, schedules.extremes(number))):
        raise ValueError(f"Expected {name} in {span}. Received: {name}={value}")
    return number


def _adversarial(
    half: keras.losses.Loss,
    real_logits: Logits,
    fake_logits: Logits,
    share: Scalar | None = None,
) -> Tensor:
    """This replica's share of an adversarial loss, as the Keras loss reduces it.

    Args:
        half: The loss of a network.
        real_logits: Of real examples.
        fake_logits: Of generated ones.
        share: Of the generated examples that count, those with the highest logits; None for all.
    """
    weights = None
    if share is not None and half.reduction == "sum":
        weights = top.alongside(top.choose(fake_logits, share).mask, fake_logits)
    elif share is not None:
        weights = top.weights(fake_logits, share)
    value = half(real_logits, fake_logits, weights)
    if replicas.count() == 1:
        return value
    if half.reduction == "sum":
        return value * replicas.presence()
    # Keras takes the shares of all replicas for equal.
    return value * replicas.count() * replicas.fraction()


def _choose_losses(
    loss: Identifier, d_loss: Identifier, g_loss: Identifier
) -> tuple[losses.AdversarialLoss, losses.AdversarialLoss]:
    """Both losses, one object if one was named."""
    if loss is not None and d_loss is not None and g_loss is not None:
        raise ValueError("Expected loss, or both d_loss and g_loss. Received: all three")
    d_chosen = loss if d_loss is None else d_loss
    g_chosen = loss if g_loss is None else g_loss
    if d_chosen is None or g_chosen is None:
        raise ValueError(
            f"Expected loss, or both d_loss and g_loss; the losses are {losses.names()} and all of "
            f"keras.losses. Received: loss={loss!r}, d_loss={d_loss!r}, g_loss={g_loss!r}"
        )
    first = losses.get(d_chosen)
    # Equal names and configs: two objects would have a state each, and one of them no end_step.
    same = d_chosen is g_chosen or (isinstance(d_chosen, str | dict) and d_chosen == g_chosen)
    return first, first if same else losses.get(g_chosen)
