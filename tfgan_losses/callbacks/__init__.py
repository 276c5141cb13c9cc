"""Callbacks that count steps: reports, pictures, checkpoints, safe ends.

They work in any order; put `StopOnNonFinite` first, and `GeneratorEvaluation` before what shall see
its numbers.
"""

from tfgan_losses.callbacks.checkpoints import Checkpoints as Checkpoints
from tfgan_losses.callbacks.discriminator_head_start import (
    DiscriminatorHeadStart as DiscriminatorHeadStart,
)
from tfgan_losses.callbacks.gan_health import GANHealth as GANHealth
from tfgan_losses.callbacks.generator_evaluation import (
    GeneratorEvaluation as GeneratorEvaluation,
)
from tfgan_losses.callbacks.listeners import Listener as Listener, Listeners as Listeners
from tfgan_losses.callbacks.metrics_log import MetricsLog as MetricsLog
from tfgan_losses.callbacks.progress_bar import ProgressBar as ProgressBar
from tfgan_losses.callbacks.real_picture import RealPicture as RealPicture
from tfgan_losses.callbacks.sample_writer import SampleWriter as SampleWriter
from tfgan_losses.callbacks.step_callback import StepCallback as StepCallback
from tfgan_losses.callbacks.stop_on_non_finite import StopOnNonFinite as StopOnNonFinite
from tfgan_losses.callbacks.stop_on_signal import StopOnSignal as StopOnSignal
from tfgan_losses.callbacks.tensorboard_log import TensorBoardLog as TensorBoardLog
from tfgan_losses.run_files.checkpoint_files import (
    all_checkpoints as all_checkpoints,
    best_checkpoint as best_checkpoint,
    checkpoint_step as checkpoint_step,
    latest_checkpoint as latest_checkpoint,
    restore as restore,
)
