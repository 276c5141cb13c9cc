"""The flags of what is measured about a generator, in a run and after it."""

from __future__ import annotations

from tfgan_losses.flags import checks
from tfgan_losses.flags.flag import Flag

# fmt: off
MEASURING: tuple[Flag, ...] = (
    Flag("metrics", str, "frechet",
         "What is measured about the averaged generator on the way, beside the data: frechet, or "
         "several such as 'frechet, precision_recall'. An empty string means nothing.",
         free_on_resume=True, check=checks.specs_of("metric", "metrics")),
    Flag("eval_every", int, None,
         "Steps between two evaluations, a multiple of --log_every. Default: so many "
         "that there are about ten. The last step has one in any case.",
         at_least=1, free_on_resume=True),
    Flag("eval_samples", int, 500,
         "Generated examples of an evaluation. Its numbers compare only with those of as many.",
         at_least=2),
    Flag("extractor", str, "auto",
         "What the metrics look at: pixels (of points the coordinates), which auto means, too; "
         "classifier, trained on the labels of the data; application:<name of keras.applications> "
         "or model:<file> with weights that you have.",
         free_on_resume=True, check=checks.extractor),
    Flag("inception", str, None,
         "The Inception network of 2015 that papers measure with, as a file that you have, "
         "inception-2015-12-05.tgz or .pb: short for the extractor of it.",
         free_on_resume=True, check=checks.inception),
)
# fmt: on
