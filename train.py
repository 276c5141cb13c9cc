"""A door to tfgan_losses/commands/train.py: this is `python -m tfgan_losses train`."""

import sys

# See tfgan_losses/__init__.py: `--help` and a mistyped flag answer without TensorFlow.
READS_FLAGS_FIRST = True

if __name__ == "__main__":
    from tfgan_losses.commands.train import COMMAND

    sys.exit(COMMAND.call(sys.argv[1:], typed="python train.py"))
