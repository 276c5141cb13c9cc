"""What a notebook does not show of the start of TensorFlow. That it imports so: tests/docs/."""

import logging
import os
import sys

from tfgan_losses import notebook

NOTICE = b"I0000 00:00:1795718863.464659   24217 port.cc:153] oneDNN is on.\n"


def test_notices_are_held_back_and_nothing_else(capfd):
    with notebook._without_notices():
        os.write(2, NOTICE + b"E0000 00:00:1741714131.99   98 gpu.cc:8] out of memory\n")
        os.write(2, NOTICE + b"last words")
    os.write(2, b" and more")
    err = capfd.readouterr().err
    assert err == "E0000 00:00:1741714131.99   98 gpu.cc:8] out of memory\nlast words and more"


def test_elsewhere_nothing_is_changed(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    level = logging.getLogger("tensorflow").level
    notebook.import_tensorflow()  # No notebook.
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    notebook.import_tensorflow()  # TensorFlow is there already.
    assert "TF_CPP_MIN_LOG_LEVEL" not in os.environ
    assert logging.getLogger("tensorflow").level == level
