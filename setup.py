"""Installs `tfgan_losses`, with the folders models/ and flags/ as parts of it."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (ROOT / "tfgan_losses/__init__.py").read_text())[1]

ADDRESS = "https://github.com/tfgan-losses/tfgan_losses"

TEST = ["pytest>=9", "pytest-xdist>=3.8"]
# What `export` writes ONNX with, and what it checks ONNX and TFLite by. The oldest onnxruntime that
# adds unsigned integers, as the noise of StyleGAN2 does.
EXPORT = ["ai-edge-litert>=1.2", "onnx>=1.17", "onnxruntime>=1.22", "tf2onnx>=1.17"]
# What `mkdocs build` makes the site of docs/ with, and what runs the notebook there.
DOCS = [
    "griffe-public-redundant-aliases>=0.3",
    "ipykernel>=7",
    "l2m4m>=1.0.4",
    "mkdocs>=1.6,<2",
    "mkdocs-material>=9.7",
    "mkdocstrings-python>=2",
    "nbclient>=0.11",
    "nbconvert>=7.17",
    "nbformat>=5.10",
]

setup(
    name="tfgan_losses",
    version=VERSION,
    description="GAN objectives for TensorFlow 2 and Keras 3",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    url=ADDRESS,
    project_urls={
        "Documentation": f"{ADDRESS}/tree/main/docs",
        "Source": ADDRESS,
        "Issues": f"{ADDRESS}/issues",
        "Changelog": f"{ADDRESS}/blob/main/CHANGELOG.md",
    },
    python_requires=">=3.11",
    keywords=[
        "deep learning",
        "gan",
        "generative adversarial network",
        "generative model",
        "keras",
        "loss functions",
        "tensorflow",
    ],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Processing",
        "Typing :: Typed",
    ],
    # Under names of their own models/ and flags/ would be too common for site-packages.
    packages=[
        *find_packages(include=["tfgan_losses", "tfgan_losses.*"]),
        "tfgan_losses.models",
        "tfgan_losses.flags",
    ],
    package_dir={"tfgan_losses.models": "models", "tfgan_losses.flags": "flags"},
    package_data={"tfgan_losses": ["py.typed"], "tfgan_losses.flags": ["presets/*.flags"]},
    # The lower bounds are those of .ci/lowest.txt, which .ci/run tests together. An upper bound
    # stands where something is known to break.
    install_requires=[
        "absl-py>=2.1",
        "h5py>=3.12.1",
        "importlib_resources>=6.4.5",  # tensorflow-datasets needs it and does not say so.
        "keras>=3.14",  # The first that divides regularisers of activity by the batch.
        "matplotlib>=3.10",
        "numpy>=1.26.4",
        "packaging>=24.2",
        "pillow>=11.3",  # The first that reads AVIF.
        "scikit-learn>=1.6",
        "scipy>=1.14.1",
        "tensorboard>=2.19",
        "tensorflow>=2.19",
        "tensorflow-datasets>=4.9.9",
    ],
    extras_require={
        "test": TEST,
        "export": EXPORT,
        "docs": DOCS,
        # All that .ci/run runs.
        "dev": [*TEST, *EXPORT, *DOCS, "ruff>=0.17", "mypy>=2.4", "build>=1.3"],
        # What benchmarks/train_step.py --torch and benchmarks/metrics.py compare with.
        "bench": ["torch>=2.13", "torch-fidelity>=0.4", "prdc>=0.2"],
        # What tests of docs/trackers.md run.
        "trackers": ["wandb>=0.31", "mlflow>=3.17"],
        "gpu": ["tensorflow[and-cuda]>=2.19"],
    },
)
