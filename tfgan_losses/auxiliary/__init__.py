"""Auxiliary objectives: terms of both losses beside the adversarial one."""

from tfgan_losses.auxiliary.base import (
    Auxiliary as Auxiliary,
    outputs_of as outputs_of,
    registry as registry,
)
from tfgan_losses.auxiliary.classification import (
    Classification as Classification,
    class_loss as class_loss,
)
from tfgan_losses.auxiliary.feature_matching import (
    FeatureMatching as FeatureMatching,
    feature_matching_term as feature_matching_term,
)
from tfgan_losses.auxiliary.latent_consistency import LatentConsistency as LatentConsistency
from tfgan_losses.auxiliary.mutual_information import (
    MutualInformation as MutualInformation,
    categorical_log_likelihood as categorical_log_likelihood,
    gaussian_log_likelihood as gaussian_log_likelihood,
)
from tfgan_losses.auxiliary.path_length import PathLength as PathLength
from tfgan_losses.auxiliary.pull_away import (
    PullAway as PullAway,
    pull_away_term as pull_away_term,
)
from tfgan_losses.auxiliary.reconstruction import Reconstruction as Reconstruction

register = registry.register
names = registry.names
get = registry.get
get_all = registry.get_all
