"""Figures can be read on paper, on a dark screen, and without colour vision."""

import itertools

import numpy as np
import pytest

BACKGROUNDS = {"paper": "#ffffff", "dark screen": "#0d1117"}
# Machado et al., 2009, A Physiologically-based Model for Simulation of Color Vision Deficiency,
# severity 1; of linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color):
    values = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    """WCAG 2.1."""
    luminances = sorted(linear(x) @ [0.2126, 0.7152, 0.0722] + 0.05 for x in (first, second))
    return luminances[1] / luminances[0]


def lab(rgb):
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ rgb / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_contrast(experiment, background):
    style = experiment("figure_style")
    for color in style.COLORS:
        assert contrast(color, BACKGROUNDS[background]) >= 3
    assert contrast(style.GREY, BACKGROUNDS[background]) >= 4


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colours_differ(experiment, deficiency):
    style = experiment("figure_style")
    matrix = np.array(DEFICIENCIES[deficiency])
    seen = [lab(np.clip(matrix @ linear(color), 0, 1)) for color in style.COLORS]
    # 2.3 is a difference that is just noticed.
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 10
    assert len(set(style.DASHES)) == len(style.COLORS)
