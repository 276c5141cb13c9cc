"""What is known of formats before TensorFlow is there."""

import pytest
from tfgan_losses.flags import command_line

from tfgan_losses.exporting import formats


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.tflite", "tflite"),
        ("b/c.onnx", "onnx"),
        ("my.onnx/generator.keras", "keras"),
        ("generator.ONNX", "onnx"),
        ("my.onnx/generator", "savedmodel"),
        ("generator.v2", "savedmodel"),
    ],
)
def test_the_ending_of_a_path_says_which_format(path, name):
    assert formats.of_path(path) is formats.get(name)


def test_each_format_has_an_ending_of_its_own():
    assert {formats.of_path(each.file_name) for each in formats.FORMATS} == {*formats.FORMATS}


@pytest.fixture
def lacking(monkeypatch):
    """As if two packages were not installed."""
    found = formats.importlib.util.find_spec
    missing = ("tf2onnx", "onnxruntime")
    monkeypatch.setattr(
        formats.importlib.util, "find_spec", lambda name: None if name in missing else found(name)
    )


def test_a_missing_package_is_named_with_what_installs_it(lacking):
    said = r"pip install 'tfgan_losses\[export\]' installs. Received: no tf2onnx, onnxruntime"
    with pytest.raises(ValueError, match=said):
        formats.get("onnx").check_installed()
    with pytest.raises(ValueError, match=said):
        command_line.parse(("exporting",), ["--format=keras,onnx"])
    assert command_line.parse(("exporting",), ["--format=keras,savedmodel"]).format


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("tflit", "Did you mean 'tflite'"),
        ("onnx,", "Unknown format"),
        ("keras, keras", "each format once"),
    ],
)
def test_what_is_no_list_of_formats(typed, said):
    with pytest.raises(ValueError, match=f"--format: .*{said}"):
        command_line.parse(("exporting",), [f"--format={typed}"])
