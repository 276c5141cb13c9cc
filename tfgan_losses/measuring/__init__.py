"""Measures a generator beside data: what a run does while it trains, and commands afterwards."""

from tfgan_losses.measuring.columns import as_columns as as_columns, error_column as error_column
from tfgan_losses.measuring.measurement import Measurement as Measurement
from tfgan_losses.measuring.samplers import GANSampler as GANSampler, Sampler as Sampler
