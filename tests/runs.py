"""Runs as they lie on the disk, of tiny networks and without a training."""

import networks

from tfgan_losses import RunDirectory
from tfgan_losses.run_files.checkpoint_files import best_name, checkpoint_name, write_checkpoint


def perturbed(gan, by=0.05):
    """The same GAN with other weights, a step later, as after a training."""
    for variable in gan.generator.trainable_variables:
        variable.assign(variable + by)
    gan.step.assign_add(1)
    return gan


def write(path, gan, *, exported=True, best=None):
    """Writes two checkpoints of a GAN, steps 1 and 2, and what a run ends with.

    Args:
        path: Of the run.
        gan: Ends up at step 2.
        exported: Whether the run has ended.
        best: A column by which the first checkpoint is the best.
    """
    directory = RunDirectory(path)
    directory.checkpoints.mkdir(parents=True)
    for step in (1, 2):
        perturbed(gan)
        write_checkpoint(gan, directory.checkpoints / checkpoint_name(step))
        if step == 1 and best:
            write_checkpoint(gan, directory.checkpoints / best_name(best, 0.5, step))
    if exported:
        gan.save(directory.gan)
        gan.export_generator(directory.generator)
    return directory


def labelled(**arguments):
    """A GAN of three classes with names."""
    return networks.recipe_gan("acgan", class_names=("cat", "dog", "owl"), **arguments)
