"""The kinds of discriminators, made from the features of any family."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import keras
from keras import KerasTensor, layers
from tfgan_losses.models.activations import activation
from tfgan_losses.models.checks import check_positive
from tfgan_losses.models.family import Family, sum_pool
from tfgan_losses.models.normalization import Normalization
from tfgan_losses.models.precision import output_dtype

from tfgan_losses.layers import ReconstructionError, SpectralNormalization

# The inputs and the outputs of a model.
Ends: TypeAlias = tuple[
    KerasTensor | list[KerasTensor],
    KerasTensor | dict[str, KerasTensor],
]


@dataclass(frozen=True)
class Parts:
    """A family at one size: what the kinds put together.

    Args:
        family: The family.
        width: Its width, `None` for the default.
        normalization: Of all layers.
        heads_on: What heads were applied to so far; no argument.
    """

    family: Family
    width: int | None
    normalization: Normalization
    heads_on: list[KerasTensor] = field(default_factory=list, init=False)

    def features(self, example: KerasTensor) -> KerasTensor:
        """See `Family.features`."""
        return self.family.features(example, width=self.width, normalization=self.normalization)

    def vector(self, example: KerasTensor) -> KerasTensor:
        """Returns the features as the family pools them, `[batch, n]`."""
        return self.family.pool(self.features(example))

    def head(self, vector: KerasTensor, units: int, name: str) -> KerasTensor:
        """Applies a new dense layer, `[batch, n]` -> `[batch, units]` in full precision."""
        self.heads_on.append(vector)
        return self.normalization.linear(self.family.head(units, name))(vector)


def plain(parts: Parts, example: KerasTensor) -> Ends:
    """Example -> logits."""
    return example, parts.head(parts.vector(example), 1, "logits")


def conditional(parts: Parts, example: KerasTensor, *, condition_size: int) -> Ends:
    """Example and condition -> logits: the condition joins the input (CGAN).

    References:
        Mirza & Osindero 2014, Conditional Generative Adversarial Nets, arXiv:1411.1784.
    """
    condition = condition_input(condition_size)
    repeated = condition
    if len(example.shape) == 4:
        height, width = example.shape[1:3]
        repeated = layers.RepeatVector(height * width, name="repeat_condition")(condition)
        repeated = layers.Reshape((height, width, condition_size), name="condition_map")(repeated)
    joined = layers.Concatenate(name="example_and_condition")([example, repeated])
    return [example, condition], parts.head(parts.vector(joined), 1, "logits")


def projection(parts: Parts, example: KerasTensor, *, condition_size: int) -> Ends:
    """Example and condition -> logits psi(phi) + <V y, phi>, phi summed over positions.

    The matrix V is spectrally normalised always, whatever the normalisation of the rest.

    References:
        Miyato & Koyama 2018, cGANs with Projection Discriminator, arXiv:1802.05637.
    """
    condition = condition_input(condition_size)
    phi = parts.features(example)
    if len(phi.shape) == 4:
        phi = sum_pool(phi)
    dtype = output_dtype()
    embedding = layers.Dense(phi.shape[-1], use_bias=False, name="embedding", dtype=dtype)
    embedded = SpectralNormalization(embedding, name=embedding.name)(condition)
    product = layers.Dot(axes=1, name="projection", dtype=dtype)([embedded, phi])
    logits = layers.Add(name="logits", dtype=dtype)([parts.head(phi, 1, "psi"), product])
    return [example, condition], logits


def classifier(parts: Parts, example: KerasTensor, *, condition_size: int) -> Ends:
    """Example -> logits, and raw logits of the classes from a second dense layer (ACGAN).

    References:
        Odena, Olah & Shlens 2017, Conditional Image Synthesis with Auxiliary Classifier GANs,
        arXiv:1610.09585.
    """
    vector = parts.vector(example)
    return example, {
        "logits": parts.head(vector, 1, "logits"),
        "classes": parts.head(vector, check_positive("condition_size", condition_size), "classes"),
    }


def posterior(parts: Parts, example: KerasTensor, *, condition_size: int) -> Ends:
    """Example -> logits, and the parameters of Q(condition | example) (InfoGAN).

    As in the paper's appendix the second head has one hidden layer of 128 units, with batch
    normalisation only where the rest has it.

    References:
        Chen et al. 2016, InfoGAN, arXiv:1606.03657.
    """
    check_positive("condition_size", condition_size)
    normalization, vector = parts.normalization, parts.vector(example)
    is_batch = normalization.of_features == "batch"
    dense = layers.Dense(128, use_bias=not is_batch, name="posterior_dense")
    hidden = normalization.linear(dense)(vector)
    if is_batch:
        hidden = normalization(hidden, "posterior_norm")
    hidden = activation(0.2, name="posterior_activation")(hidden)
    return example, {
        "logits": parts.head(vector, 1, "logits"),
        "posterior": parts.head(hidden, condition_size, "posterior"),
    }


def autoencoder(
    parts: Parts,
    example: KerasTensor,
    *,
    code_size: int = 32,
    error: str = "absolute",
    reduction: str = "mean",
) -> Ends:
    """Example -> logits = minus the reconstruction error, encoding, reconstruction.

    The encoder is the family's features with a dense layer, the decoder its generator. The error
    has a gradient to the example too, by both ways. The defaults are BEGAN's mean absolute error;
    EBGAN's margins are for a summed one, `reduction="sum"`.

    References:
        Zhao, Mathieu & LeCun 2017, Energy-based Generative Adversarial Network, arXiv:1609.03126.
        Berthelot, Schumm & Metz 2017, BEGAN, arXiv:1703.10717.
    """
    code = keras.Input((check_positive("code_size", code_size),), name="code")
    # Built first, since its checks name the example's shape; a model of its own, since families
    # use the same names for layers of both of their networks.
    decoded = parts.family.generate(
        code,
        example_shape=example.shape[1:],
        width=parts.width,
        normalization=parts.normalization,
    )
    decoder = keras.Model(code, decoded, name="decoder")
    encoding = parts.head(parts.vector(example), code_size, "encoding")
    reconstruction = decoder(encoding)
    errors = ReconstructionError(error=error, reduction=reduction, name="error")
    minus = layers.Rescaling(-1.0, name="logits", dtype=output_dtype())
    return example, {
        "logits": minus(errors([example, reconstruction])),
        "encoding": encoding,
        "reconstruction": reconstruction,
    }


# A kind takes the parts and the example, and what it must or may be told as keywords. It returns
# the model's inputs and outputs.
_KINDS: dict[str, Callable[..., Ends]] = {
    kind.__name__: kind
    for kind in (plain, conditional, projection, classifier, posterior, autoencoder)
}


def names() -> list[str]:
    """Lists the kinds that `connect` knows."""
    return sorted(_KINDS)


def connect(
    kind: str,
    parts: Parts,
    example: KerasTensor,
    *,
    condition_size: int = 0,
    features: bool = False,
    **options: int | str,
) -> Ends:
    """Returns the inputs and outputs of a discriminator of that kind.

    Args:
        kind: One of `names()`.
        parts: The family at its size.
        example: `[batch, *example_shape]`, symbolic.
        condition_size: Length of the condition, 0 for the kinds that know none.
        features: Whether what its first head is applied to is an output, "features", too.
        **options: Of the kind.

    Raises:
        ValueError: If the kind or an option is unknown, or a value is out of its range.
    """
    if kind not in _KINDS:
        raise ValueError(
            f"Unknown kind of discriminator. Expected kind to be one of {names()}. "
            f"Received: kind={kind!r}"
        )
    parameters = inspect.signature(_KINDS[kind]).parameters.values()
    known = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    if condition_size or "condition_size" in known:
        options["condition_size"] = condition_size
    unknown = {name: value for name, value in options.items() if name not in known}
    if unknown:
        received = ", ".join(f"{name}={value!r}" for name, value in unknown.items())
        raise ValueError(
            f"Unknown options of a discriminator of kind {kind!r}. Expected options among {known}. "
            f"Received: {received}"
        )
    inputs, outputs = _KINDS[kind](parts, example, **options)
    if not features:
        return inputs, outputs
    outputs = outputs if isinstance(outputs, dict) else {"logits": outputs}
    return inputs, {**outputs, "features": parts.heads_on[0]}


def condition_input(condition_size: int) -> KerasTensor:
    """Returns the input for conditions.

    Raises:
        ValueError: If the size is no positive integer.
    """
    return keras.Input((check_positive("condition_size", condition_size),), name="condition")
