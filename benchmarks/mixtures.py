"""Mode coverage of every unconditional gan_type on two-dimensional mixtures, one network for all.

    python benchmarks/mixtures.py
    python benchmarks/mixtures.py --gan_types=gan,wgan-gp --datasets=grid25 --seeds=0
    python benchmarks/mixtures.py --table_only

Protocol of VEEGAN (Srivastava et al., 2017) and PacGAN (Lin et al., 2018): 2500 samples; modes,
percentage of samples within 3 sigma of a mode, reverse KL in nats. See `mixture_coverage`.

Every result is a line of OUTPUT_DIR/results.jsonl as soon as it is there; a second call trains only
what is missing. A change of the setting, or of a recipe, trains anew. OUTPUT_DIR/samples
keeps the 2500 points of every training; --table_only makes table.md and the pictures of what there
is. --jobs=N are N processes which share the cores.

The setting of the table is one for all: models "deep_mlp", latents N(0, I_2), points divided by
their root mean square coordinate, 3000 steps of batches of 128, Adam(2e-3, 0, 0.99) for both
networks with the learning rate going to 0 along half a cosine, the average of the generator with
a decay of 0.995. Of a recipe the table takes the objective, d_steps, the kind of discriminator,
the constraint, and of normalisations only the spectral one. Zero-centred penalties have a gamma
of 0.1: the papers' are for images. It is what all gan_types, three seeds and both mixtures can
have in about half an hour on two cores, not what any of them needs: PacGAN trains for 400 k
steps.

--recipe=long is the same with 10 000 steps of batches of 256. --recipe=converged is for r3gan:
what it takes to draw narrow modes. docs/results.md says what was tried.
"""

from __future__ import annotations

import argparse
import functools

import numpy as np
from parts import command_line, sheets, tables
from parts.mixture_training import SAMPLES, SETTINGS, Setting, train
from parts.result_files import Key, ResultFile, plain, read_samples
from parts.trainings import train_missing

from tfgan_losses import datasets, gan_types

_COLUMNS = {"modes": 1, "high_quality": 1, "reverse_kl": 2}  # and digits after the point


def main(arguments: list[str] | None = None) -> None:
    args = parse_arguments(arguments)
    setting = tables.changed(SETTINGS[args.recipe], args)
    keys = all_keys(args, setting)
    file = ResultFile(args.output_dir / "results.jsonl")
    if not args.table_only:
        one = functools.partial(train, directory=args.output_dir)
        train_missing(file, keys, one, args.jobs)
    tables.write(args.output_dir / "table.md", table(args, setting, keys, file))
    for dataset in args.datasets:
        write_picture(args, keys, file, dataset)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = command_line.make_parser(__doc__)
    names = [name for name in gan_types.names() if is_unconditional(name)]
    tables.add_arguments(parser, names, seeds=[0, 1, 2], output_dir="runs/benchmark_mixtures")
    parser.add_argument("--datasets", type=command_line.names, default=["ring8", "grid25"])
    parser.add_argument("--recipe", choices=SETTINGS, default="table", help="setting for all")
    return parser.parse_args(arguments)


def is_unconditional(name: str) -> bool:
    return gan_types.get(name).condition is None


def all_keys(args: argparse.Namespace, setting: Setting) -> list[Key]:
    """Returns one key per training; what is in it, names included, says what is trained anew.

    Seed after seed, so that an unfinished table shows every gan_type.
    """
    return [
        {
            "gan_type": name,
            "dataset": dataset,
            "seed": seed,
            "recipe": plain(setting),
            "row": plain(gan_types.get(name)),
        }
        for seed in args.seeds
        for dataset in args.datasets
        for name in args.gan_types
    ]


def table(args: argparse.Namespace, setting: Setting, keys: list[Key], file: ResultFile) -> str:
    """Returns Markdown: mean ± standard error over the seeds."""
    titles = [f"{d}: {c}" for d in args.datasets for c in ("modes", "% HQ", "reverse KL")]
    settings = {"recipe": args.recipe, **plain(setting), "seeds": args.seeds, "jobs": args.jobs}
    lines = [
        tables.header(settings, keys, file),
        f"Mean ± standard error over {len(args.seeds)} seeds, {SAMPLES} samples each.\n",
        f"| gan_type | {' | '.join(titles)} | s per run |",
        f"|:--|{'--:|' * (len(titles) + 1)}",
    ]
    for name in args.gan_types:
        results = {
            dataset: [
                file.get(key)
                for key in keys
                if (key["gan_type"], key["dataset"]) == (name, dataset)
            ]
            for dataset in args.datasets
        }
        cells = [
            cell for dataset in args.datasets for cell in tables.cells(results[dataset], _COLUMNS)
        ]
        seconds = [result["seconds"] for found in results.values() for result in found if result]
        time = f"{np.mean(seconds):.0f}" if seconds else "-"
        lines.append(f"| {name} | {' | '.join(cells)} | {time} |")
    return "\n".join(lines) + "\n"


def write_picture(
    args: argparse.Namespace, keys: list[Key], file: ResultFile, dataset: str
) -> None:
    """Draws the samples of the first seed, whatever they are."""
    mixture = datasets.load(dataset).mixture
    panels: dict[str, np.ndarray | None] = {}
    for key in keys:
        if (key["dataset"], key["seed"]) != (dataset, args.seeds[0]):
            continue
        result = file.get(key)
        samples = read_samples(args.output_dir, key) if file.outcome(key) == "trained" else None
        note = file.outcome(key)
        if result and samples is not None:
            note = f"{result['modes']} modes, {result['high_quality']:.0f} % HQ"
        panels[f"{key['gan_type']}\n{note}"] = samples
    path = args.output_dir / f"{dataset}.png"
    sheets.write_points(path, panels, mixture.centers)
    print(f"Picture: {path}")


if __name__ == "__main__":
    main()
