"""Every flag, one row for each, in groups of which a command picks its own.

A value that a recipe or a data set decides is None here until somebody gives it. The flags that
only commands beside training have stand in files of their own.
"""

from __future__ import annotations

from tfgan_losses.flags import checks
from tfgan_losses.flags.comparing import COMPARING
from tfgan_losses.flags.exporting import EXPORTING
from tfgan_losses.flags.flag import Flag
from tfgan_losses.flags.measuring import MEASURING
from tfgan_losses.flags.pyramid import PYRAMID
from tfgan_losses.flags.sampling import EVALUATION, INTERPOLATION, SAMPLING
from tfgan_losses.flags.using_pyramids import (
    ANIMATION,
    INJECTION,
    MASKED_INJECTION,
    SUPER_RESOLUTION,
)

from tfgan_losses import image_sizes

# fmt: off
_OBJECTIVE = (
    Flag("gan_type", str, "wgan-gp",
         "Recipe of a paper: loss, penalties, optimisers and d_steps in one name. "
         "--list_gan_types shows them all.",
         check=checks.gan_type),
    Flag("loss", str, None, "Another loss than the recipe's, such as 'hinge(margin=0.5)'.",
         check=checks.loss),
    Flag("penalties", str, None,
         "Other penalties on the discriminator than the recipe's, such as "
         "'r1(weight=1, every=16), r2'. An empty string means none.",
         check=checks.specs_of("penalty", "penalties")),
    Flag("auxiliary", str, None,
         "Other auxiliary objectives of both networks than the recipe's, such as "
         "'classification(classify_fake=False)'. An empty string means none.",
         check=checks.specs_of("auxiliary objective", "auxiliary")),
    Flag("augmentation", str, None,
         "Other changes of what the discriminator sees than the recipe's, such as 'diff_augment' "
         "or 'adaptive(target=0.6)'. An empty string means none.",
         check=checks.specs_of("augmentation", "augmentations")),
    Flag("condition", str, None,
         "What the networks are conditioned on, if not the recipe's: 'labels' of the data, or "
         "codes such as 'codes(categorical=(10,), continuous=2)'. An empty string means none, for "
         "recipes that can do without, such as projection and cgan.",
         check=checks.specs_of("condition", "conditioning")),
    Flag("constraint", str, None,
         "Another constraint on the discriminator's weights than the recipe's, such as "
         "'weight_clipping(limit=0.01)'. An empty string means none.",
         check=checks.specs_of("constraint", "constraints.py")),
    Flag("top_k", str, "1",
         "Share of the generated examples, the most real ones, that count in the generator's loss, "
         "a number in (0, 1] or 'exponential(start=1, end=0.5)'.",
         check=checks.number_in("top_k", 0.0, 1.0, above=True)),
    Flag("label_flipping", str, "0",
         "Probability that the discriminator is told the opposite of a pair, a number in [0, 0.5] "
         "or a schedule.",
         check=checks.number_in("label_flipping", 0.0, 0.5)),
    Flag("g_regularizer", str, None,
         "Regulariser of the generator's kernels, such as 'orthogonal(weight=1e-4)' or "
         "'l2(l2=1e-4)'. Default: the recipe's. An empty string means none.",
         check=checks.specs_of("regulariser", "regularizers.py")),
    Flag("d_regularizer", str, None, "The same of the discriminator's kernels.",
         check=checks.specs_of("regulariser", "regularizers.py")),
)
_NETWORKS = (
    Flag("model", str, "auto",
         "Networks: mlp and deep_mlp (points in the plane); dcgan, resnet, sagan, biggan, "
         "biggan_deep, stylegan2 and r3gan (images of any height and width from 8 pixels on); "
         "patch (from 11 on; latents are the noise of all pixels). auto: mlp for points, the "
         "recipe's own or dcgan for images. docs/networks.md says more.",
         check=checks.one_of("network", checks.MODELS)),
    Flag("latent_dim", int, 128, "Number of random inputs of the generator.", at_least=1),
    Flag("width", int, None,
         "Channels (units in an mlp) of the networks; more is slower and stronger. Default: mlp "
         "256, deep_mlp 64, biggan 96, biggan_deep 128, dcgan and r3gan 64 (32 below 16 pixels), "
         "resnet and sagan 64 (up to 32 pixels 256 in the generator and 128 in the discriminator), "
         "stylegan2 64 (32 below 64 pixels).", at_least=1),
    Flag("g_normalization", str, "auto",
         "Normalisation in the generator: none, batch, conditional_batch, layer, instance, "
         "spectral, or both of these kinds as spectral+batch. auto: what the recipe's paper uses; "
         "none for points.",
         check=checks.one_of("normalisation", checks.G_NORMALIZATIONS)),
    Flag("d_normalization", str, "auto",
         "Normalisation in the discriminator: none, batch, layer, instance, spectral or, for "
         "example, spectral+batch. "
         "auto: what the recipe's paper uses; for points none, or spectral if the recipe "
         "is spectral.",
         check=checks.one_of("normalisation", checks.D_NORMALIZATIONS)),
)
_DATA = (
    Flag("dataset", str, "digits",
         "digits (8x8 handwritten digits, no download), ring8 or grid25 (points in the plane), "
         "folder:<path> or zip:<file> of images, npz:<file> or hdf5:<file> of an array, "
         "tfrecord:<folder> of TensorFlow Datasets, image:<file> of one image (for "
         "--gan_type=singan), or any TensorFlow Datasets name such as mnist, fashion_mnist, "
         "cifar10 or celeb_a. docs/your-data.md.",
         check=checks.data_set),
    Flag("data_dir", str, None,
         "Where TensorFlow Datasets keeps its files. Default: ~/tensorflow_datasets.",
         free_on_resume=True),
    Flag("split", str, "train",
         "Split of a TensorFlow Datasets set, such as 'train' or 'train+test'."),
    Flag("image_size", str, None,
         "Pixels of square images, such as 64: their centre squares are resized to it; or height "
         "x width, such as 64x96: so are their centre 2:3 parts. Default: as they are, if they are "
         "of one size.", check=checks.image_size),
    Flag("fit", str, "crop",
         "How images of another aspect ratio than that of --image_size get there: crop takes the "
         "largest centred part that has it; pad keeps all of an image, with borders in "
         "--background; stretch gives its aspect ratio up.",
         choices=image_sizes.FITS),
    Flag("channels", int, None,
         "1 (grey), 3 (RGB) or 4 (RGB and transparency). Default: those of the data, transparent "
         "parts of files on --background.", check=checks.channels),
    Flag("white_level", float, None,
         "The value of a pixel that is white, such as 4095 for 12 bits kept in 16, or 1 for masks. "
         "Default: the largest of the type."),
    Flag("background", str, None,
         "Colour behind transparent parts of images, and of the borders of --fit=pad, such as "
         "black or #20ff00. Default: white."),
    Flag("mirror", bool, False,
         "Count the mirror images of the data, left to right, as data. Not for what has a right "
         "way round, such as digits and writing."),
    Flag("skip_bad_images", bool, False,
         "Leave out files of a folder or zip that cannot be read, and count them, instead of "
         "stopping."),
)
_TRAINING = (
    Flag("steps", int, 2500,
         "Steps of the whole run, each of one generator update unless --g_steps says otherwise.",
         at_least=1, free_on_resume=True),
    Flag("batch_size", int, 64, "Real images for each update of the discriminator.", at_least=1),
    Flag("accumulate", int, 1,
         "Divide the batch of an update into so many parts, one after the other: less memory, the "
         "same update.", at_least=1),
    Flag("pack", int, 1,
         "Let the discriminator see so many examples of one kind as one, side by side (PacGAN): "
         "samples that are all alike give themselves away. --batch_size is a multiple of it.",
         at_least=1),
    Flag("d_steps", int, None,
         "Discriminator updates in a step. Default: the recipe's.", at_least=1),
    Flag("g_steps", int, None,
         "Generator updates in a step, after those of the discriminator. Default: the recipe's, "
         "which is 1 in all but singan.", at_least=1),
    Flag("freeze_d", int, 0,
         "So many blocks of the discriminator, from the image on, stay as they are: for a start "
         "from another run with few images, see --init_from.", at_least=0),
    Flag("d_head_start", bool, False,
         "100 discriminator updates before each of the first 25 steps and before "
         "every 500th, as in the script of the WGAN authors."),
    Flag("g_learning_rate", float, None,
         "Learning rate of the generator; where the recipe has a schedule, the one that it starts "
         "from, in proportion. Default: the recipe's.", at_least=0.0, check=checks.finite,
         free_on_resume=True),
    Flag("d_learning_rate", float, None,
         "Learning rate of the discriminator, likewise. Default: the recipe's.", at_least=0.0,
         check=checks.finite, free_on_resume=True),
    Flag("learning_rate_decay", str, "none",
         "How both learning rates change: none, or linear or along half a cosine to 0 at the last "
         "step.",
         choices=("none", "linear", "cosine")),
    Flag("learning_rate_warmup", int, 0,
         "Both learning rates rise linearly from 0 during so many steps.", at_least=0),
    Flag("global_clipnorm", float, None,
         "The norm that all gradients of a network together are clipped at. Default: none.",
         check=checks.above_zero),
    Flag("ema_decay", str, None,
         "Samples and export use a moving average of the generator with this decay, a number or "
         "'half_life(start=0, end=0.25)'; 0 for none. Default: the recipe's, mostly 0.999.",
         check=checks.decay),
    Flag("seed", int, 0,
         "Decides the initial weights, the order of the data and every random draw.",
         at_least=0, at_most=2**32 - 1),
)
_MACHINE = (
    Flag("deterministic", bool, False,
         "Refuse operations that can differ between two runs; slower on a GPU.",
         free_on_resume=True),
    Flag("mixed_precision", str, "none",
         "Compute in 16 bits where it is safe: mixed_bfloat16 or mixed_float16.",
         choices=("none", "mixed_bfloat16", "mixed_float16")),
    Flag("jit_compile", bool, None,
         "Compile the training step with XLA. Default: on a GPU, if there is one and not more.",
         free_on_resume=True),
    Flag("strategy", str, "auto",
         "Devices: one_device; mirrored (all GPUs of this machine); multi_worker (all machines "
         "that the environment variable TF_CONFIG names, see docs/distributed.md); or auto: "
         "mirrored if there is more than one GPU.",
         choices=("auto", "one_device", "mirrored", "multi_worker"), free_on_resume=True),
    Flag("sync_batch_norm", bool, False,
         "Batch statistics over all devices instead of over each; slower."),
    Flag("worker_timeout", int, 600,
         "Seconds to wait at the start until all workers are there.",
         at_least=1, free_on_resume=True),
)
_RUN = (
    Flag("output_dir", str, None,
         "New or empty directory for all results. Default: runs/<dataset>-<gan_type>-<number>.",
         of_one_call=True),
    Flag("log_every", int, 50, "Steps between two rows of metrics.csv.",
         at_least=1, free_on_resume=True),
    Flag("sample_every", int, 250, "Steps between two pictures of samples.",
         at_least=1, free_on_resume=True),
    Flag("checkpoint_every", int, 500, "Steps between two checkpoints.",
         at_least=1, free_on_resume=True),
    Flag("checkpoint_minutes", int, 10,
         "Where steps are slow: a checkpoint, a picture and a row come after so many minutes "
         "without, too.", at_least=1, free_on_resume=True),
    Flag("keep_checkpoints", int, 3, "So many of the newest checkpoints stay.",
         at_least=1, free_on_resume=True),
    Flag("monitor", str, None,
         "A column of metrics.csv, such as w_distance, or frechet for frechet[pixels]: the "
         "checkpoint with its best value stays, and its generator goes to best_generator/.",
         free_on_resume=True, check=checks.monitor),
    Flag("monitor_mode", str, None,
         "Whether a lower or a higher value of --monitor is better. Default: what is better of a "
         "metric, and min of anything else.",
         choices=("min", "max"), free_on_resume=True),
    Flag("health", bool, True,
         "Say in one line what goes wrong, such as a generator that makes few different images, "
         "and what to try; docs/my-gan-fails.md.", free_on_resume=True),
    Flag("callbacks", str, None,
         "Callbacks of your own, such as those of trackers: <module>:<function>, with commas "
         "between several. The function is called with the run and returns a "
         "keras.callbacks.Callback or a list; docs/trackers.md. An empty string means none.",
         free_on_resume=True, check=checks.callbacks),
    Flag("init_from", str, None,
         "A run, a checkpoint or a saved GAN (.keras) whose networks a new run starts from, with "
         "other data, labels, sizes or another objective; what does not fit starts fresh. See "
         "docs/fine-tuning.md."),
    Flag("resume", str, None,
         "Directory of a run that goes on from its newest checkpoint, with its own flags; --steps, "
         "learning rates and others that change no earlier step may be given. Together with "
         "--output_dir of the same name, a run is begun if there is none yet, for scripts that are "
         "started again.",
         of_one_call=True),
    Flag("dry_run", bool, False,
         "Load the data, build the networks, print the resolved setting, and stop.",
         of_one_call=True),
    Flag("list_gan_types", bool, False, "Print the table of recipes, and stop.",
         of_one_call=True),
)
# fmt: on

# Those of training, in the order of the help text and of flags.txt.
GROUPS: dict[str, tuple[Flag, ...]] = {
    "objective": _OBJECTIVE,
    "networks": _NETWORKS,
    "data": _DATA,
    "training": _TRAINING,
    "pyramid": PYRAMID,
    "machine": _MACHINE,
    "measuring": MEASURING,
    "run": _RUN,
}
# Names of flags may come again in these: no command has two groups with the same one.
OF_OTHER_COMMANDS: dict[str, tuple[Flag, ...]] = {
    "sampling": SAMPLING,
    "interpolation": INTERPOLATION,
    "evaluation": EVALUATION,
    "exporting": EXPORTING,
    "super_resolution": SUPER_RESOLUTION,
    "injection": INJECTION,
    "masked_injection": MASKED_INJECTION,
    "animation": ANIMATION,
    "comparison": COMPARING,
    # Each training of a comparison has a seed of its own.
    "trainings": tuple(flag for flag in _TRAINING if flag.name != "seed"),
}


def rows_of(group: str) -> tuple[Flag, ...]:
    """Returns the flags of a group, of whatever command."""
    return (GROUPS | OF_OTHER_COMMANDS)[group]


def all_names() -> list[str]:
    """Returns the names of all flags, each once, those of training first."""
    tables = (*GROUPS.values(), *OF_OTHER_COMMANDS.values())
    return list(dict.fromkeys(flag.name for rows in tables for flag in rows))
