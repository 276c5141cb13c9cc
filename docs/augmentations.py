"""Draws docs/augmentations.png: what each augmentation makes of one photograph.

    python docs/augmentations.py

Rows are transforms, pipes and other augmentations, columns are draws; the first column is the
photograph as it is.
"""

from pathlib import Path

import matplotlib
import numpy as np
import sklearn.datasets
from PIL import Image

from tfgan_losses import augmentations

SIZE, DRAWS = 64, 8
TRANSFORMS = (
    *("x_flip", "quarter_turn", "integer_translation"),
    *("scale", "rotation", "stretch", "fractional_translation"),
    *("brightness", "contrast", "luma_flip", "hue", "saturation"),
    *("filter", "noise", "cutout"),
)
ROWS = {
    **{name: f"fixed(p=1, pipe={{'{name}': 1}})" for name in TRANSFORMS},
    **{f'"{pipe}", p = 1': f"fixed(p=1, pipe='{pipe}')" for pipe in ("b", "bg", "bgc", "bgcfnc")},
    **{f'"bgc", p = {p}': f"fixed(p={p}, pipe='bgc')" for p in (0.5, 0.2)},
    "instance_noise": "instance_noise(stddev=0.2)",
}
if "diff_augment" in augmentations.names():
    ROWS["diff_augment"] = "diff_augment"


def main() -> None:
    """Draws all rows and writes the picture."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    image = photograph()
    figure, axes = pyplot.subplots(
        len(ROWS), 1, figsize=(6.4, 0.54 * len(ROWS)), layout="constrained"
    )
    figure.get_layout_engine().set(h_pad=0.01, hspace=0)
    for axis, (name, spec) in zip(axes, ROWS.items(), strict=True):
        axis.imshow(strip(image, spec), interpolation="nearest")
        axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=7.5)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    path = Path(__file__).with_suffix(".png")
    figure.savefig(path, dpi=100, bbox_inches="tight", pad_inches=0.05)
    # As many colours as make no difference that can be seen.
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)


def photograph() -> np.ndarray:
    """A square of scikit-learn's photograph of a temple, in [-1, 1]."""
    image = Image.fromarray(sklearn.datasets.load_sample_image("china.jpg"))
    height = image.height
    square = image.crop((60, 0, 60 + height, height))
    small = square.resize((SIZE, SIZE), Image.Resampling.BOX)
    return np.asarray(small, "float32") / 127.5 - 1


def strip(image: np.ndarray, spec: str) -> np.ndarray:
    """The photograph and some draws beside each other, in [0, 1], white between them."""
    batch = np.repeat(image[None], DRAWS, axis=0)
    changed = np.asarray(augmentations.get(spec)(batch, seed=1))
    shown = np.concatenate([image[None], np.clip(changed, -1, 1)]) * 0.5 + 0.5
    shown = np.pad(shown, [(0, 0), (0, 0), (0, 4), (0, 0)], constant_values=1)
    return np.concatenate(shown, axis=1)


if __name__ == "__main__":
    main()
