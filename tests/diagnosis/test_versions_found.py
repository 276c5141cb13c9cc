"""Packages beside the bounds of setup.py."""

import importlib.metadata

import pytest

from tfgan_losses.diagnosis import versions


def of(name, version):
    """The finding for a package if it had this version, and all others were fine."""
    found = versions.findings(lambda asked: version if asked == name else "999")
    return next(each for each in found if each.name == name)


def test_nothing_is_said_of_what_is_installed_here():
    found = versions.findings()
    assert [each for each in found if each.note or each.problem] == []
    values = {each.name: each.value for each in found}
    assert values["numpy"] == importlib.metadata.version("numpy")
    assert values["tfgan_losses"] == importlib.metadata.version("tfgan_losses")
    assert "mkdocs" not in values and "keras" in values


@pytest.mark.parametrize("old", ["3.9.0", "2.15.0", "3.14.0rc1"])
def test_too_old_is_named_with_what_to_type(old):
    assert of("keras", old).value == old
    assert f"keras {old} is outside of what was tested, >=3.14" in of("keras", old).note
    assert of("keras", old).note.endswith('python -m pip install "keras>=3.14"')


def test_a_pre_release_of_a_newer_version_is_inside():
    assert of("tensorflow", "2.99.0rc0").note == ""


def test_missing_packages():
    assert of("matplotlib", None).problem.startswith("matplotlib is not installed: python -m pip")
    none = {each.name: each for each in versions.findings(lambda name: None)}
    # The import decides, and says more.
    assert none["tensorflow"].problem == ""
    assert "tensorflow is not installed" in none["tensorflow"].note


def test_other_builds_stand_in():
    found = versions.findings({"tensorflow-cpu": "2.20", "keras-nightly": "3.16.dev0"}.get)
    values = {each.name: (each.value, each.note) for each in found}
    assert values["tensorflow"] == values["keras"] == ("by another name", "")


def test_a_copy_that_is_not_installed(monkeypatch):
    def requires(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    (found,) = versions.findings()
    assert "tfgan_losses is not installed, only found" in found.problem


def test_too_old_is_refused_before_anything_is_imported(monkeypatch):
    old = {"keras": "3.9.0", "tensorflow": "2.99.0"}
    with pytest.raises(ValueError, match=r"^Expected keras>=3\.14: .*Received: keras 3\.9\.0$"):
        versions.check(old.get)
    monkeypatch.setattr(versions, "_required", lambda: {"keras": "<4,>=3.14", "tensorflow": ""})
    versions.check({"keras": "4.0"}.get)  # Newer is not refused, and may have another name.
    with pytest.raises(ValueError, match=r'pip install "keras<4,>=3\.14"'):
        versions.check(old.get)
