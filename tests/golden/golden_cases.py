"""What the library and the reference start from: networks, weights, data and draws of every case.

`RandomState` is the one generator of NumPy whose numbers never change (NEP 19), so that neither
weights nor data have to be kept in a file.
"""

import dataclasses
import functools
import zlib

import keras
import numpy as np
from tfgan_losses.models import of_recipes

from tfgan_losses import GAN, gan_types, random, regularizers

SEED, LATENT_DIM, WIDTH, CODE_SIZE, CLASSES = 5, 3, 6, 3, 3
EXAMPLE_SHAPE = (5,)
BATCH, STEPS = 8, 3
# So few that schedules are well on their way after three steps.
RUN_STEPS = 6
MOST_UPDATES, MOST_OF_G = 15, 9
RMSPROP_EPSILON = 1e-7

# So large that some outputs are beyond the margin of the hinge, which spectral normalisation would
# prevent, and that BEGAN's k, which starts at 0, soon counts.
_EXAMPLE_SCALES = {
    **dict.fromkeys(("projection", "biggan", "biggan-deep", "rahinge"), 4.0),
    "sagan": 6.0,
    "began": 10.0,
}


def _variant(name: str, **changes) -> gan_types.GANType:
    return dataclasses.replace(gan_types.get(name), **changes)


def _with(name: str, **changes) -> tuple[str, dict]:
    """The optimiser of a recipe with other arguments."""
    optimizer, arguments = gan_types.get(name).optimizer
    return optimizer, {**arguments, **changes}


RECIPES = (
    {name: gan_types.get(name) for name in gan_types.names()}
    # Clipped to 0.01, a batch normalisation is all but constant, and its generator learns nothing.
    # By the recipe's epsilon of 1e-16, weights whose gradients cancel move by rounding errors.
    | {
        "wgan": _variant(
            "wgan", d_normalization="none", optimizer=_with("wgan", epsilon=RMSPROP_EPSILON)
        )
    }
    | {name: _variant(name, d_normalization="none") for name in ("wgan-gp", "wgan-lp", "dragan")}
    | {
        "wgan-gp with layer normalization": gan_types.get("wgan-gp"),
        # Examples here are no images, which alone can be augmented.
        "r3gan": _variant("r3gan", augmentation=()),
        # The rule for gamma is one for images, too. In three steps more than one is lazy here.
        "stylegan2": _variant("stylegan2", penalties=("r1(weight=10, every=16)",)),
        "stylegan2-ada": _variant(
            "stylegan2-ada",
            penalties=("r1(weight=0.5, every=2)",),
            auxiliary=("path_length(weight=2, every=2)",),
            augmentation=(),
        ),
        # In the one recipe with schedules D has as many updates as G: along whose updates they go
        # shows only here.
        "r3gan with two updates of D": _variant("r3gan", augmentation=(), d_steps=2),
        # With an average, as all cases have one. Its normalisations are over the pixels of an
        # image: one over a batch of equal latents leaves nothing of them. The rate drops within
        # three steps.
        "singan": _variant(
            "singan",
            ema_decay=0.999,
            g_normalization="none",
            d_normalization="none",
            optimizer=_with("singan", learning_rate="drop(start=5e-4, factor=0.1, at=0.3)"),
        ),
    }
)


def make_gan(name: str, **options) -> GAN:
    """The compiled GAN of a case, with the initial weights of the case."""
    recipe = RECIPES[name]
    generator, discriminator = make_networks(recipe)
    gan = GAN(
        generator,
        discriminator,
        latent_dim=LATENT_DIM,
        condition=recipe.make_condition(CLASSES),
        ema_decay=recipe.ema_decay,
        seed=SEED,
    )
    gan.compile(**recipe.compile_arguments(steps=RUN_STEPS), **options)
    return gan


def make_networks(recipe: gan_types.GANType) -> tuple[keras.Model, keras.Model]:
    kind, options = recipe.discriminator
    if kind == "autoencoder":
        small = (kind, {**options, "code_size": CODE_SIZE})
        recipe = dataclasses.replace(recipe, discriminator=small)
    build = functools.partial(
        of_recipes.build_networks,
        recipe,
        EXAMPLE_SHAPE,
        condition=recipe.make_condition(CLASSES),
        latent_dim=LATENT_DIM,
        model="mlp",
        g_normalization=recipe.g_normalization,
        d_normalization=recipe.d_normalization,
    )
    generator, discriminator = build(width=WIDTH)
    clipped = recipe.constraint is not None
    if clipped:
        # Wide, since weights of 0.01 leave the generator next to no gradient.
        discriminator = build(width=4 * WIDTH)[1]
    for network in (generator, discriminator):
        for name, variable in named(network).items():
            value = initial_value(name, variable.shape)
            if clipped and network is discriminator:
                # Inside and outside of where they are clipped, at either end.
                value = 0.02 * value + 0.005
            variable.assign(value)
    if recipe.g_regularizer is not None:
        regularizers.apply(generator, recipe.g_regularizer)
    return generator, discriminator


def named(network: keras.Model) -> dict[str, keras.Variable]:
    """All variables by layer and name."""
    variables = {}
    for variable in network.variables:
        # A layer within another has the same name or is the only one there.
        first, *_, last = variable.path.split("/")
        name = f"{first}/{last}"
        # The decoder of an autoencoder has the layers of a generator.
        variables[f"decoder/{name}" if name in variables else name] = variable
    return variables


def initial_value(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Nothing is zero or one, so that nothing can be left out."""
    numbers = np.random.RandomState(zlib.crc32(name.encode()))
    kind = name.split("/")[-1]
    if kind in ("kernel_left", "kernel_right"):
        vector = numbers.normal(size=shape)
        return vector / np.linalg.norm(vector)
    if kind == "kernel":
        return numbers.normal(size=shape) / np.sqrt(shape[0])
    center = 1.0 if kind in ("gamma", "moving_variance") else 0.0
    return center + numbers.uniform(-0.4, 0.4, size=shape)


def make_data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Float32 examples, whose mean is not zero, and labels, for all steps."""
    numbers = np.random.RandomState(1)
    count = STEPS * RECIPES[name].d_steps * BATCH
    examples = numbers.uniform(-0.5, 2.0, size=(count, *EXAMPLE_SHAPE))
    scaled = _EXAMPLE_SCALES.get(name, 1.0) * examples
    return scaled.astype("float32"), numbers.randint(CLASSES, size=count)


def make_draws() -> dict[str, np.ndarray]:
    """What the library draws, [updates, batch, ...], by purpose; the same for all cases."""

    def seeds(purpose, updates):
        return [random.step_seed(SEED, update, purpose) for update in range(updates)]

    def together(draws):
        return np.stack([np.asarray(draw) for draw in draws])

    found, codes = {}, gan_types.get("infogan").make_condition()
    for who, updates in (("critic", MOST_UPDATES), ("generator", MOST_OF_G)):
        found[f"{who} latents"] = together(
            random.normal(BATCH, [LATENT_DIM], seed) for seed in seeds(f"{who} latents", updates)
        )
        found[f"{who} codes"] = together(
            random.uniform(BATCH, [codes.factors], seed) for seed in seeds(f"{who} codes", updates)
        )
    fixed = random.sample_latents(1, LATENT_DIM, SEED)
    found["generator fixed latents"] = together([fixed] * MOST_OF_G)
    found["generator path length"] = together(
        random.normal(BATCH, EXAMPLE_SHAPE, seed) for seed in seeds("generator path length", STEPS)
    )
    for penalty in ("gradient_penalty", "lipschitz_penalty", "pixel_gradient_penalty"):
        found[penalty] = together(
            random.uniform(BATCH, [1], seed) for seed in seeds(penalty, MOST_UPDATES)
        )
    noise, alpha = zip(
        *(random.split(seed, 2) for seed in seeds("dragan", MOST_UPDATES)), strict=True
    )
    found["dragan noise"] = together(random.uniform(BATCH, EXAMPLE_SHAPE, seed) for seed in noise)
    found["dragan alpha"] = together(random.uniform(BATCH, [1], seed, -1.0) for seed in alpha)
    return found


def values_of(network: keras.Model) -> dict[str, np.ndarray]:
    """All variables as float64 arrays, a copy."""
    return {name: np.array(variable, "float64") for name, variable in named(network).items()}


def trainable_names(network: keras.Model) -> list[str]:
    return [name for name, variable in named(network).items() if variable.trainable]


def prefixed(prefix: str, values: dict) -> dict:
    return {f"{prefix} {key}": value for key, value in values.items()}


def with_sign(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Singular vectors of averaged kernels have any sign: here their largest entry is above 0."""

    def signed(vector: np.ndarray) -> np.ndarray:
        return vector * np.sign(vector[np.argmax(np.abs(vector))])

    ends = ("kernel_left", "kernel_right")
    return {name: signed(x) if name.endswith(ends) else x for name, x in values.items()}


def differences(after: dict, before: dict) -> dict:
    return {key: after[key] - before[key] for key in after}


def to_vector(values: dict[str, np.ndarray]) -> np.ndarray:
    """All numbers as one float32 vector, in the order of their names."""
    return np.concatenate([np.ravel(values[key]) for key in sorted(values)]).astype("float32")


def from_vector(vector: np.ndarray, like: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What `to_vector` was given, with the names and shapes of another dict."""
    ends = np.cumsum([np.size(like[key]) for key in sorted(like)])
    assert len(vector) == ends[-1], "other variables or logs than when the numbers were written"
    parts = np.split(vector.astype("float64"), ends[:-1])
    return {
        key: part.reshape(np.shape(like[key]))
        for key, part in zip(sorted(like), parts, strict=True)
    }
