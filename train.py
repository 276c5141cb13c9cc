"""Trains a GAN and leaves a directory with its samples, curves, checkpoints and generator.

python train.py --gan_type=wgan-gp
python train.py --gan_type=sngan --dataset=folder:photos --image_size=64 --steps=50000
python train.py --flagfile=flags/presets/mnist.flags
"""

import os
import shlex
import sys
from pathlib import Path

from absl import app, flags as absl_flags, logging
from tfgan_losses.flags import definitions

FLAGS = absl_flags.FLAGS


def main(argv):
    """From flags to a trained and exported generator."""
    if len(argv) > 1:
        sys.exit(f"train.py: Expected flags only, each with two dashes. Received: {argv[1:]}")
    # Imported here, so that --help and a mistyped flag answer at once.
    # TensorFlow reports a missing GPU as an error, and tells of every file of an export.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Without oneDNN, which TensorFlow leaves off on CPUs that have no AVX512, the gradients of
    # convolutions take several times as long.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    logging.set_verbosity(logging.WARNING)
    from tfgan_losses.flags import report

    if FLAGS.list_gan_types:
        print(report.table_of_gan_types())
        return
    try:
        gan, source, run = set_up()
        if FLAGS.dry_run:
            return
        finished = run.train(
            gan,
            source,
            steps=FLAGS.steps,
            batch_size=FLAGS.batch_size,
            sample_every=FLAGS.sample_every,
            checkpoint_every=FLAGS.checkpoint_every,
            log_every=FLAGS.log_every,
            keep=FLAGS.keep_checkpoints,
            monitor=FLAGS.monitor,
            mode=FLAGS.monitor_mode,
            callbacks=callbacks(gan, source),
        )
    except (ValueError, OSError, FloatingPointError) as error:
        if os.environ.get("TFGAN_LOSSES_DEBUG"):
            raise
        sys.exit(f"train.py: {error}\n(TFGAN_LOSSES_DEBUG=1 shows where.)")
    sys.exit(0 if finished else 3)


def set_up():
    """Everything that can go wrong before training: recipe, directory, data, networks."""
    from tfgan_losses.flags import machine, report, setting

    import tfgan_losses
    from tfgan_losses import workers

    recipe = setting.resolve_recipe()
    directory = setting.output_directory()
    if FLAGS.resume:
        setting.check_same_setting(directory / "flags.txt")
    strategy = machine.prepare()
    with workers.noticing_losses(strategy):
        with workers.chief_first(strategy):
            source = tfgan_losses.datasets.load(
                FLAGS.dataset,
                image_size=FLAGS.image_size,
                data_dir=FLAGS.data_dir,
                split=FLAGS.split,
                skip_bad_images=FLAGS.skip_bad_images,
            )
        with strategy.scope():
            gan = setting.build_gan(recipe, source.example_shape, source.num_classes)
    setting.check_monitor(gan)
    if workers.is_chief(strategy):
        print(report.resolved_setting(recipe, gan, source, directory))
    if FLAGS.dry_run:
        return gan, source, None
    flagfile = shlex.quote(str(directory / "flags.txt"))
    hint = f"python train.py --flagfile={flagfile} --resume"
    run = tfgan_losses.Run(directory, resume=FLAGS.resume, resume_hint=hint)
    FLAGS.output_dir = str(directory)
    return gan, source, run


def callbacks(gan, source):
    """What a run does beside its reports, pictures and checkpoints."""
    from keras.callbacks import LambdaCallback

    from tfgan_losses import workers
    from tfgan_losses.callbacks import DiscriminatorHeadStart
    from tfgan_losses.run_files.atomic import atomic_path

    def write_flags(logs):
        if workers.is_chief(gan.distribute_strategy):
            with atomic_path(Path(FLAGS.output_dir, "flags.txt")) as path:
                path.write_text(definitions.flagfile_text())

    # When training begins, since by then a checkpoint to resume from has been accepted.
    chosen = [LambdaCallback(on_train_begin=write_flags)]
    if FLAGS.d_head_start:
        chosen.append(DiscriminatorHeadStart(source, FLAGS.batch_size))
    return chosen


def parse(argv):
    """Parses flags; --help shows them in their groups."""
    if {"--help", "-h", "-help"} & set(argv[1:]):
        print(f"{__doc__}\n{definitions.help_text()}")
        sys.exit(0)
    return app.parse_flags_with_usage(argv)


if __name__ == "__main__":
    app.run(main, flags_parser=parse)
