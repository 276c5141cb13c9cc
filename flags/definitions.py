"""Every flag of train.py, in groups.

A value that a recipe or a data set decides is None here until somebody gives it.
"""

from absl import flags as absl_flags

# Group -> names of its flags, in the order of the help text and of flags.txt.
GROUPS: dict[str, list[str]] = {}


def _define(kind: str, group: str, name: str, default: object, help_line: str, *args, **kwargs):
    # absl prints the flags of each `module_name` under a heading of that name.
    define = getattr(absl_flags, f"DEFINE_{kind}")
    define(name, default, *args, help_line, module_name=group, **kwargs)
    GROUPS.setdefault(group, []).append(name)


def _objective() -> None:
    group = "objective"
    _define(
        "string",
        group,
        "gan_type",
        "wgan-gp",
        "Recipe of a paper: loss, penalties, optimisers and d_steps in one name. "
        "--list_gan_types shows them all.",
    )
    _define(
        "string",
        group,
        "loss",
        None,
        "Another loss than the recipe's, such as 'hinge(margin=0.5)'.",
    )
    _define(
        "string",
        group,
        "penalties",
        None,
        "Other penalties on the discriminator than the recipe's, such as "
        "'r1(weight=1, every=16), r2'. An empty string means none.",
    )
    _define(
        "string",
        group,
        "auxiliary",
        None,
        "Other auxiliary objectives of both networks than the recipe's, such as "
        "'classification(classify_fake=False)'. An empty string means none.",
    )
    _define(
        "string",
        group,
        "condition",
        None,
        "What the networks are conditioned on, if not the recipe's: 'labels' of the data, or "
        "codes such as 'codes(categorical=(10,), continuous=2)'.",
    )
    _define(
        "string",
        group,
        "constraint",
        None,
        "Another constraint on the discriminator's weights than the recipe's, such as "
        "'weight_clipping(limit=0.01)'. An empty string means none.",
    )


def _networks() -> None:
    group = "networks"
    _define(
        "string",
        group,
        "model",
        "auto",
        "Networks: mlp and deep_mlp (points in the plane), dcgan (images of 8 to 256 pixels), "
        "resnet (32 to 128 pixels), r3gan (8 to 256 pixels). auto: mlp for points, the recipe's "
        "own or dcgan for images.",
    )
    _define(
        "integer",
        group,
        "latent_dim",
        128,
        "Number of random inputs of the generator.",
        lower_bound=1,
    )
    _define(
        "integer",
        group,
        "width",
        None,
        "Channels (units in an mlp) of the networks; more is slower and stronger.",
        lower_bound=1,
    )
    _define(
        "string",
        group,
        "g_normalization",
        "auto",
        "Normalisation in the generator: none, batch, conditional_batch, layer, instance or "
        "spectral. auto: what the recipe's paper uses; none for points.",
    )
    _define(
        "string",
        group,
        "d_normalization",
        "auto",
        "Normalisation in the discriminator: none, batch, layer, instance or spectral. "
        "auto: what the recipe's paper uses; for points none, or spectral if the recipe "
        "is spectral.",
    )


def _data() -> None:
    group = "data"
    _define(
        "string",
        group,
        "dataset",
        "digits",
        "digits (8x8 handwritten digits, no download), ring8 or grid25 (points in the plane), "
        "folder:<path> of images, npz:<file> of an array, or any TensorFlow Datasets name such "
        "as mnist, fashion_mnist, cifar10 or celeb_a.",
    )
    _define(
        "string",
        group,
        "data_dir",
        None,
        "Where TensorFlow Datasets keeps its files. Default: ~/tensorflow_datasets.",
    )
    _define(
        "string",
        group,
        "split",
        "train",
        "Split of a TensorFlow Datasets set, such as 'train' or 'train+test'.",
    )
    _define(
        "integer",
        group,
        "image_size",
        None,
        "Height and width to resize images to. Default: as they are.",
        lower_bound=1,
    )
    _define(
        "bool",
        group,
        "skip_bad_images",
        False,
        "Leave out files of a folder that cannot be read, and count them, instead of stopping.",
    )


def _training() -> None:
    group = "training"
    _define("integer", group, "steps", 2500, "Generator updates of the whole run.", lower_bound=1)
    _define(
        "integer",
        group,
        "batch_size",
        64,
        "Real images for each update of the discriminator.",
        lower_bound=1,
    )
    _define(
        "integer",
        group,
        "accumulate",
        1,
        "Divide the batch of an update into so many parts, one after the other: less memory, the "
        "same update.",
        lower_bound=1,
    )
    _define(
        "integer",
        group,
        "d_steps",
        None,
        "Discriminator updates for each generator update. Default: the recipe's.",
        lower_bound=1,
    )
    _define(
        "bool",
        group,
        "d_head_start",
        False,
        "100 discriminator updates before each of the first 25 generator updates and before every "
        "500th, as in the script of the WGAN authors.",
    )
    _define(
        "float",
        group,
        "g_learning_rate",
        None,
        "Learning rate of the generator. Default: the recipe's.",
        lower_bound=0.0,
    )
    _define(
        "float",
        group,
        "d_learning_rate",
        None,
        "Learning rate of the discriminator. Default: the recipe's.",
        lower_bound=0.0,
    )
    _define(
        "enum",
        group,
        "learning_rate_decay",
        "none",
        "How both learning rates change: none, or linear to 0 at the last step.",
        ["none", "linear"],
    )
    _define(
        "string",
        group,
        "ema_decay",
        None,
        "Samples and export use a moving average of the generator with this decay, a number or "
        "'half_life(start=0, end=0.25)'; 0 for none. Default: the recipe's, mostly 0.999.",
    )
    _define(
        "integer",
        group,
        "seed",
        0,
        "Decides the initial weights, the order of the data and every random draw.",
    )


def _machine() -> None:
    group = "machine"
    _define(
        "bool",
        group,
        "deterministic",
        False,
        "Refuse operations that can differ between two runs; slower on a GPU.",
    )
    _define(
        "enum",
        group,
        "mixed_precision",
        "none",
        "Compute in 16 bits where it is safe: mixed_bfloat16 or mixed_float16.",
        ["none", "mixed_bfloat16", "mixed_float16"],
    )
    _define("bool", group, "jit_compile", False, "Compile the training step with XLA.")
    _define(
        "enum",
        group,
        "strategy",
        "auto",
        "Devices: one_device; mirrored (all GPUs of this machine); multi_worker (all machines that "
        "the environment variable TF_CONFIG names, see docs/distributed.md); or auto: mirrored if "
        "there is more than one GPU.",
        ["auto", "one_device", "mirrored", "multi_worker"],
    )
    _define(
        "bool",
        group,
        "sync_batch_norm",
        False,
        "Batch statistics over all devices instead of over each; slower.",
    )
    _define(
        "integer",
        group,
        "worker_timeout",
        600,
        "Seconds to wait at the start until all workers are there.",
        lower_bound=1,
    )


def _run() -> None:
    group = "run"
    _define(
        "string",
        group,
        "output_dir",
        None,
        "Directory for all results. Default: a new one, runs/<dataset>-<gan_type>-<number>.",
    )
    _define(
        "integer",
        group,
        "log_every",
        50,
        "Generator updates between two rows of metrics.csv.",
        lower_bound=1,
    )
    _define(
        "integer",
        group,
        "sample_every",
        250,
        "Generator updates between two pictures of samples.",
        lower_bound=1,
    )
    _define(
        "integer",
        group,
        "checkpoint_every",
        500,
        "Generator updates between two checkpoints.",
        lower_bound=1,
    )
    _define(
        "integer",
        group,
        "keep_checkpoints",
        3,
        "So many of the newest checkpoints stay.",
        lower_bound=1,
    )
    _define(
        "string",
        group,
        "monitor",
        None,
        "A column of metrics.csv, such as w_distance: the checkpoint with its best value stays.",
    )
    _define(
        "enum",
        group,
        "monitor_mode",
        "min",
        "Whether a lower or a higher value of --monitor is better.",
        ["min", "max"],
    )
    _define(
        "bool", group, "resume", False, "Go on from the newest checkpoint in the output directory."
    )
    _define(
        "bool",
        group,
        "dry_run",
        False,
        "Load the data, build the networks, print the resolved setting, and stop.",
    )
    _define("bool", group, "list_gan_types", False, "Print the table of recipes, and stop.")


for _define_group in (_objective, _networks, _data, _training, _machine, _run):
    _define_group()

# They say how to run once, not what was trained.
OF_ONE_CALL = ("resume", "dry_run", "list_gan_types")
# They may change when a run is resumed.
FREE_ON_RESUME = (
    "steps",
    "log_every",
    "sample_every",
    "checkpoint_every",
    "data_dir",
    "output_dir",
    "worker_timeout",
    "keep_checkpoints",
    "monitor",
    "monitor_mode",
)


def all_names() -> list[str]:
    """The names of all flags, group by group."""
    return [name for names in GROUPS.values() for name in names]


def help_text() -> str:
    """The help of all flags under the headings of their groups."""
    return "\n\n".join(absl_flags.FLAGS.module_help(group).strip() for group in GROUPS)


def flagfile_text() -> str:
    """The values of all flags as a flagfile; what a recipe decides stays open."""
    lines = []
    for group, names in GROUPS.items():
        kept = [absl_flags.FLAGS[name].serialize() for name in names if name not in OF_ONE_CALL]
        lines += [f"# {group}", *filter(None, kept)]
    return "\n".join(lines) + "\n"
