"""Measures a generator beside data: what a run does while it trains, and commands afterwards."""

from tfgan_losses.measuring.columns import as_columns as as_columns, error_column as error_column
from tfgan_losses.measuring.evaluation import Evaluation as Evaluation
from tfgan_losses.measuring.measurement import Measurement as Measurement
from tfgan_losses.measuring.opening import (
    Opened as Opened,
    open_export as open_export,
    open_run as open_run,
)
from tfgan_losses.measuring.samplers import (
    GANSampler as GANSampler,
    Sampler as Sampler,
    SourceSampler as SourceSampler,
)
from tfgan_losses.measuring.saved_generator import SavedGenerator as SavedGenerator
