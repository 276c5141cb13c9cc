"""Images in a zip archive: what a folder of the same files is, and what only archives can have."""

import zipfile

import numpy as np
import pytest
from image_bytes import encoded, noise

from tfgan_losses import datasets

PNG = encoded(noise(6, 8, 3), "PNG")


def pack(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return f"zip:{path}"


def images(count, kind="PNG", shape=(6, 8, 3)):
    draw = np.random.default_rng(count)
    return [encoded(draw.integers(0, 256, shape, np.uint8), kind) for _ in range(count)]


@pytest.fixture
def both(tmp_path):
    """The names of a folder and of an archive with the same files."""
    files = {f"{('owl', 'cat')[i % 2]}/{i}.png": content for i, content in enumerate(images(11))}
    deep = np.random.default_rng(1).integers(0, 2**16, (6, 8), np.uint16)
    files |= {"cat/deep.png": encoded(deep, "PNG"), "cat/notes.txt": b"x"}
    for name, content in files.items():
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return f"folder:{tmp_path / 'photos'}", pack(tmp_path / "photos.zip", files)


@pytest.mark.parametrize(
    "limit, options",
    [(None, {}), (0, {"image_size": 4, "channels": 1, "mirror": True}), (0, {"fit": "crop"})],
)
def test_an_archive_is_what_its_folder_is(both, draw, limit, options):
    folder, archive = (datasets.load(name, memory_limit=limit, **options) for name in both)
    for attribute in ("size", "num_classes", "class_names", "counts", "left_out", "preparation"):
        assert getattr(folder, attribute) == getattr(archive, attribute)
    for one, other in zip(
        draw(folder, 5, 3, seed=2, start=1), draw(archive, 5, 3, seed=2, start=1), strict=True
    ):
        for values, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(values, same)


def test_the_only_folder_around_everything_is_no_class(tmp_path):
    files = {f"My photos/all/{name}": PNG for name in ("a/1.png", "b/1.png", "b/2.png")}
    files["__MACOSX/My photos/all/a/._1.png"] = b"x"
    files["__MACOSX/icon.png"] = files["My photos/.DS_Store"] = b"x"
    source = datasets.load(pack(tmp_path / "a.zip", files))
    assert source.class_names == ("a", "b") and source.left_out == {}
    loose = datasets.load(pack(tmp_path / "b.zip", {"photos/": b"", "photos/1.png": PNG}))
    assert loose.class_names is None and loose.size == 1


def test_separators_of_windows(tmp_path):
    source = datasets.load(pack(tmp_path / "a.zip", {r"cat\1.png": PNG, r"dog\1.png": PNG}))
    assert source.class_names == ("cat", "dog")


def test_paths_that_lead_out_are_counted_and_write_nothing(tmp_path):
    files = {"../../out.png": PNG, "/root.png": PNG, "cat/../../x.png": PNG, "a.png": PNG}
    before = set(tmp_path.parent.iterdir())
    source = datasets.load(pack(tmp_path / "a.zip", files))
    assert source.size == 2 and source.left_out == {"path with ..": 2}
    assert set(tmp_path.parent.iterdir()) == before


def test_what_is_damaged_huge_or_misnamed(tmp_path, monkeypatch):
    from tfgan_losses.datasets import image_files

    monkeypatch.setattr(image_files, "_MAX_BYTES", 3000)
    files = {
        "good.png": PNG,
        "misnamed.png": encoded(noise(6, 8, 3), "BMP"),
        "text.png": b"no image",
        "empty.png": b"",
        "huge.png": bytes(3001),
    }
    name = pack(tmp_path / "a.zip", files)
    with pytest.raises(ValueError, match=r"3 of 5 files cannot be read as images: .*a\.zip/") as e:
        datasets.load(name)
    for wrong in ("it is no PNG", "the file is empty", "3001 bytes; expected at most 3000"):
        assert wrong in str(e.value)
    source = datasets.load(name, skip_bad_images=True)
    assert source.size == 2 and source.left_out == {"unreadable": 3}


def test_a_damaged_member_is_named(tmp_path):
    pack(tmp_path / "a.zip", {"good.png": PNG, "bad.png": PNG}, zipfile.ZIP_STORED)
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[content.rindex(PNG) + 40] ^= 255
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ValueError, match=r"1 of 2 .*a\.zip/bad\.png' \(Bad CRC-32"):
        datasets.load(f"zip:{tmp_path / 'a.zip'}")


def encrypted(path):
    """Sets the flag that says so, in both headers."""
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "files, match",
    [
        ({"train/a.png": PNG, "test/a.png": PNG}, r"test, train is what parts.*Pack train alone"),
        ({"a.txt": b"x"}, r"The archive has no images \(1 \.txt\)"),
        ({}, r"The archive has no images\. Expected"),
        ({"a.png": PNG, "cat/b.png": PNG}, r"either in the archive or in one.*'a\.png' is in no"),
        ({"cat/a.png": PNG, "dog/": b""}, r"of which 'dog' has none"),
    ],
)
def test_what_is_refused_as_in_a_folder(tmp_path, files, match):
    with pytest.raises(ValueError, match=match):
        datasets.load(pack(tmp_path / "a.zip", files))


def test_what_only_archives_can_be(tmp_path):
    pack(tmp_path / "a.zip", {"a.png": PNG})
    encrypted(tmp_path / "a.zip")
    with pytest.raises(ValueError, match=r"without a password\. Received: .*a\.png and 0 more"):
        datasets.load(f"zip:{tmp_path / 'a.zip'}")
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(tmp_path / "b.zip", "w") as archive,
    ):
        archive.writestr("a.png", PNG)
        archive.writestr("a.png", PNG)
    with pytest.raises(ValueError, match=r"names that differ\. Received: .* with two a\.png"):
        datasets.load(f"zip:{tmp_path / 'b.zip'}")
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(ValueError, match=r"Expected a zip archive\. Received: zip:.*c\.zip"):
        datasets.load(f"zip:{tmp_path / 'c.zip'}")
    with pytest.raises(FileNotFoundError, match="No such file"):
        datasets.load(f"zip:{tmp_path / 'd.zip'}")
    with pytest.raises(FileNotFoundError, match=r"Did you mean folder:"):
        datasets.load(f"zip:{tmp_path}")


def test_another_content_is_another_fingerprint(tmp_path):
    first, second = images(2)
    prints = []
    for number, content in enumerate((first, first, second)):
        folder = tmp_path / str(number)
        folder.mkdir()
        prints.append(datasets.load(pack(folder / "a.zip", {"a.png": content})).fingerprint)
    assert prints[0] == prints[1] != prints[2]
    assert datasets.describe_change(prints[0], prints[2]).startswith("content was")
