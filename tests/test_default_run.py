"""The command of the README, letter by letter: minutes on a laptop, and digits come out."""

import commands
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

GIGABYTE = 2**30
# A process that has no other child: of the test's own, the largest may be that of another test.
MEASURED = """
import resource, subprocess, sys
code = subprocess.call([sys.executable, "train.py", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


@pytest.mark.slow
def test_the_default_run_makes_digits(tmp_path):
    flags = ("--gan_type=wgan-gp", "--output_dir=out", f"--data_dir={commands.data_dir()}")
    result = commands.python(MEASURED, *flags, directory=commands.workplace(tmp_path))
    assert result.code == 0, result.err
    # Kilobytes on Linux.
    assert int(result.out.splitlines()[-1]) * 1024 < 1.5 * GIGABYTE

    images, labels = load_digits(return_X_y=True)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=0.3, random_state=0, stratify=labels
    )
    classifier = SVC(gamma=0.001).fit(train_images, train_labels)
    assert classifier.score(test_images, test_labels) >= 0.97

    generator = tf.saved_model.load(tmp_path / "out" / "generator")
    samples = np.asarray(generator.sample(2000, seed=0)).reshape(2000, 64)
    found = classifier.predict((samples + 1.0) * 8.0)
    shares = np.bincount(found, minlength=10) / len(found)
    assert shares.min() >= 0.03 and shares.max() <= 0.25, shares
    # The shares say something: to the classifier, noise is nearly always the same digit.
    noise = classifier.predict(np.random.default_rng(0).uniform(0, 16, [2000, 64]))
    assert np.bincount(noise, minlength=10).max() / 2000 > shares.max()
