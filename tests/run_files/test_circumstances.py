import datetime
import platform

import keras
import pytest
import tensorflow as tf

from tfgan_losses.run_files import circumstances as module
from tfgan_losses.run_files.circumstances import circumstances

VERSIONS = (
    f"TensorFlow {tf.__version__}, Keras {keras.__version__}, Python {platform.python_version()}"
)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Two cores of a processor that says its name, and two GPUs."""
    processor = tmp_path / "cpuinfo"
    core = "processor : {}\nmodel name\t: Fast CPU @ 2.20GHz\nflags\t\t: fpu\n\n"
    processor.write_text(core.format(0) + core.format(1))
    monkeypatch.setattr(module, "_PROCESSOR", processor)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    names = {"gpu:0": "Fast GPU", "gpu:1": "Slow GPU"}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: list(names))
    details = {device: {"device_name": name} for device, name in names.items()}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", details.get)
    return processor


def test_the_line_is_complete_and_in_order(machine):
    line = circumstances("NumPy 2.4.6", "XLA off", days="2026-01-02 to 2026-01-03")
    assert line == (
        f"2026-01-02 to 2026-01-03, {VERSIONS}, NumPy 2.4.6, XLA off, Fast CPU @ 2.20GHz, 2 cores, "
        "Fast GPU, Slow GPU"
    )


def test_today_and_nothing_more(machine):
    before, line, after = datetime.date.today(), circumstances(), datetime.date.today()
    assert line.split(", ")[0] in {str(before), str(after)}
    assert f"{VERSIONS}, Fast CPU" in line


@pytest.mark.parametrize("text", [None, "processor : 0\nBogoMIPS : 243.75\n"])
def test_a_processor_without_a_name(machine, monkeypatch, text):
    # Other systems have no such file, and ARM's says no model name.
    machine.unlink() if text is None else machine.write_text(text)
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert ", aarch64, 2 cores, Fast GPU" in circumstances()
