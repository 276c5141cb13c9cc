"""GAN objectives for TensorFlow 2 and Keras 3."""

import sys
from typing import TYPE_CHECKING

__version__ = "0.1.0"


def _reads_flags_first() -> bool:
    """Returns whether a command begins, whose help and refusals need no TensorFlow."""
    # While Python looks for the __main__ of a package, sys.argv[0] is "-m".
    started = zip(sys.orig_argv, sys.orig_argv[1:], strict=False)
    is_package = sys.argv[:1] == ["-m"] and ("-m", "tfgan_losses") in started
    return is_package or hasattr(sys.modules.get("__main__"), "READS_FLAGS_FIRST")


# For everybody else the import of the library is that of all its parts: Keras finds the classes of
# a saved GAN only if their modules have been imported, and does not import them itself.
# The commands import each part from where it is, once they have read their flags.
if TYPE_CHECKING or not _reads_flags_first():
    from tfgan_losses import environment, notebook

    environment.check()
    notebook.import_tensorflow()
    from tfgan_losses import (
        augmentations as augmentations,
        auxiliary as auxiliary,
        callbacks as callbacks,
        conditioning as conditioning,
        constraints as constraints,
        datasets as datasets,
        extractors as extractors,
        gan_types as gan_types,
        layers as layers,
        losses as losses,
        measuring as measuring,
        metrics as metrics,
        penalties as penalties,
        pyramid as pyramid,
        regularizers as regularizers,
        schedules as schedules,
    )
    from tfgan_losses.gan import GAN as GAN
    from tfgan_losses.keeping import Keeping as Keeping
    from tfgan_losses.run import Run as Run
    from tfgan_losses.run_files.directory import RunDirectory as RunDirectory
    from tfgan_losses.run_files.initial_weights import initialize_from as initialize_from
    from tfgan_losses.tf_gans_loss import (
        discriminator_loss as discriminator_loss,
        generator_loss as generator_loss,
        gradient_penalty as gradient_penalty,
    )
    from tfgan_losses.training import optimizers as optimizers
