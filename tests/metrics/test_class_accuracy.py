import numpy as np
import pytest

from tfgan_losses import metrics
from tfgan_losses.metrics import FeatureSet, class_accuracy

CLASSES = np.arange(40) % 4
# Right for the first 30 of 40.
LOGITS = np.eye(4)[np.where(np.arange(40) < 30, CLASSES, (CLASSES + 1) % 4)]


def test_share_and_standard_error():
    found = class_accuracy(LOGITS, CLASSES)
    assert found.value == 0.75
    assert found.standard_error == pytest.approx(np.sqrt(0.75 * 0.25 / 40), rel=1e-12)
    assert class_accuracy(LOGITS - 7.0, CLASSES) == found  # Logits have no origin.


def test_metric_looks_at_generated_examples_alone():
    features = np.zeros([40, 2])
    metric = metrics.get("class_accuracy")
    real = FeatureSet(features)
    generated = FeatureSet(features, logits=LOGITS, labels=CLASSES)
    assert metric.measure(real, generated) == {"class_accuracy": class_accuracy(LOGITS, CLASSES)}
    with pytest.raises(ValueError, match=r"Expected labels for class_accuracy.*labels=None"):
        metric.measure(real, FeatureSet(features, logits=LOGITS))
    with pytest.raises(ValueError, match=r"Expected logits for class_accuracy.*logits=None"):
        metric.measure(real, FeatureSet(features, labels=CLASSES))


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (CLASSES + 1, "Expected classes below 4, the number of logits. Received: 4 in classes"),
        (CLASSES[:39], "Expected 40 classes. Received: 39"),
        (CLASSES - 1, "Expected classes from 0 on. Received: -1 in classes"),
    ],
)
def test_bad_classes(classes, message):
    with pytest.raises(ValueError, match=message):
        class_accuracy(LOGITS, classes)
