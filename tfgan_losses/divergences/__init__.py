"""What the losses minimise: divergences of distributions, pure functions in float64 and nats.

A distribution is a `Density` (probabilities on a grid), a `Gaussian` (closed forms), or, for
`wasserstein_1d`, an array of samples. `divergence_of` finds the divergence behind a loss from the
loss itself. Training imports nothing of this.
"""

from tfgan_losses.divergences.closed_forms import (
    ClosedForm as ClosedForm,
    closed_form_of as closed_form_of,
)
from tfgan_losses.divergences.density import Density as Density, mixture as mixture
from tfgan_losses.divergences.f_divergences import (
    hellinger as hellinger,
    jensen_shannon as jensen_shannon,
    kl as kl,
    pearson_chi2 as pearson_chi2,
    reverse_kl as reverse_kl,
    total_variation as total_variation,
)
from tfgan_losses.divergences.game import (
    optimal_discriminator as optimal_discriminator,
    value as value,
)
from tfgan_losses.divergences.gaussian import Gaussian as Gaussian
from tfgan_losses.divergences.of_losses import (
    LossDivergence as LossDivergence,
    divergence_of as divergence_of,
)
from tfgan_losses.divergences.wasserstein import wasserstein_1d as wasserstein_1d
