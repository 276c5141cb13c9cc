"""Archives that are damaged or made to do harm: read, or refused by name with one clear error."""

import io
import pickle
import re
import struct
import zipfile

import numpy as np
import pytest

from tfgan_losses import datasets
from tfgan_losses.datasets import array_files


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def with_header(header, values=b""):
    """An .npy file with any header."""
    text = header.encode("latin1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


def described(shape, dtype="'|u1'"):
    return f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}}}"


def archive(path, *members, method=zipfile.ZIP_DEFLATED):
    """An archive with (name, content) pairs as they are."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def load(path):
    return datasets.load(f"npz:{path}")


def refused(path, message):
    with pytest.raises(ValueError, match=rf"(?s)^\S*{re.escape(path.name)}.*{message}"):
        load(path)


IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), np.uint8)


@pytest.mark.parametrize("method", ["savez", "savez_compressed", "save"])
def test_damaged_archives_are_read_or_refused(tmp_path, method):
    path = tmp_path / "a.npz"
    whole = io.BytesIO()
    (np.save if method == "save" else getattr(np, method))(whole, IMAGES)
    whole, random = whole.getvalue(), np.random.default_rng(0)
    count = 0
    for number in range(200):
        damaged = bytearray(whole)
        if number % 4 == 0:
            del damaged[random.integers(len(whole)) :]
        else:
            reach = len(whole) if number % 2 else min(len(whole), 200)
            damaged[random.integers(reach)] = random.integers(256)
        path.write_bytes(damaged)
        try:
            source = load(path)
        except ValueError as error:
            assert str(error).startswith(str(path))
            count += 1
            continue
        # The checksum of an archive covers all that matters; an .npy file has none.
        assert method == "save" or (source.examples == IMAGES).all()
    assert count > 50


class Harm:
    def __reduce__(self):
        return exec, ("raise SystemExit('unpickled')",)


def test_pickles_are_never_loaded(tmp_path):
    pickled = npy(np.array([Harm(), Harm()], object))
    refused(archive(tmp_path / "a.npz", ("x.npy", pickled)), "holds objects.*pickles are refused")
    (tmp_path / "b.npz").write_bytes(pickled)
    refused(tmp_path / "b.npz", "holds objects")
    (tmp_path / "c.npz").write_bytes(pickle.dumps(Harm()))
    refused(tmp_path / "c.npz", "begins neither")
    # Beside the images it does no harm, as it is not read.
    path = archive(tmp_path / "d.npz", ("x.npy", npy(IMAGES)), ("note.npy", pickled), ("a.txt", ""))
    assert load(path).size == 5
    refused(archive(tmp_path / "e.npz", ("x.npy", npy(IMAGES)), ("y.npy", pickled)), "'y'.*objects")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (with_header(described((2**40, 4, 4))), "promises 17592186044416 bytes; the file holds 0"),
        (with_header(described((2**62, 2**62, 4))), "promises"),
        (with_header(described((-1, 4)), bytes(8)), r"its shape is \(-1, 4\)"),
        (with_header(described((2, 2, 2)), bytes(9)), "after its end"),
        (with_header(described((2, 2, 2), "[('a', '|u1')]"), bytes(8)), "dtype="),
        (with_header(described((2, 2, 2), "'<U1'"), bytes(32)), "dtype=<U1"),
        (with_header(described((2, 2, 2), "'<c8'"), bytes(64)), "dtype=complex64"),
        (with_header(described((2, 2, 2), "'|S99999999999'")), "cannot be read"),
        (with_header(described((0, 4, 4))), "not empty"),
        (with_header(described(()), bytes(1)), r"shape=\(\)"),
        (with_header(described((1,) * 70), bytes(1)), "shape"),
        (with_header("{'descr': __import__('os')}"), "cannot be read"),
        (with_header("-" * 9000 + "1"), "cannot be read"),
        (with_header("(" * 9000), "cannot be read"),
        (with_header("'" + "a" * 20_000 + "'"), "cannot be read"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "cannot be read"),
        (b"\x93NUMPY\x09\x00", "cannot be read"),
        (b"", "cannot be read|neither"),
    ],
)
def test_headers_that_lie(tmp_path, content, message):
    refused(archive(tmp_path / "a.npz", ("x.npy", content)), message)
    (tmp_path / "b.npz").write_bytes(content)
    refused(tmp_path / "b.npz", message)


def test_what_does_not_fit_in_memory_is_not_read(tmp_path, monkeypatch):
    zeros = np.zeros((2000, 32, 32), np.uint8)
    path = archive(tmp_path / "a.npz", ("x.npy", npy(zeros)))
    assert path.stat().st_size < 10_000 and load(path).size == 2000
    monkeypatch.setattr(array_files, "memory_available", lambda: 2**20)
    refused(path, "needs 2048000 bytes of memory; 1048576 are available")
    refused(archive(tmp_path / "b.npz", ("x.npy", npy(zeros.astype(">f8")))), "needs 32768000")
    # Ten terabytes that take no room on the disk.
    with open(tmp_path / "c.npz", "wb") as file:
        file.write(with_header(described((10**9, 100, 100))))
        file.truncate(file.tell() + 10**13)
    refused(tmp_path / "c.npz", "needs 10000000000000 bytes")


def test_archives_that_numpy_does_not_write(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = archive(tmp_path / "twice.npz", *[("x.npy", npy(IMAGES))] * 2)
    refused(twice, "'x.npy' is in it 2 times")
    lzma = archive(tmp_path / "lzma.npz", ("x.npy", npy(IMAGES)), method=zipfile.ZIP_LZMA)
    refused(lzma, "compressed in another way")
    refused(archive(tmp_path / "none.npz"), r"arrays \[\]")
    refused(archive(tmp_path / "text.npz", ("x", "no array")), r"arrays \[\]")
    locked = archive(tmp_path / "locked.npz", ("x.npy", npy(IMAGES)))
    content = bytearray(locked.read_bytes())
    # Bit 0 of the flags, here and in the directory: encrypted.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(content)
    refused(locked, "'x' cannot be read.*encrypted")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(FileNotFoundError, match=r"folder\.npz"):
        load(tmp_path / "folder.npz")


@pytest.mark.parametrize("dtype", ["|u1", "<f2", ">f2", ">f4", "<f8", ">f8"])
def test_orders_of_bytes_and_axes(tmp_path, dtype):
    values = IMAGES if dtype == "|u1" else (IMAGES / 255).astype(dtype)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        with file.open("x.npy", "w", force_zip64=True) as member:
            np.save(member, np.asfortranarray(values))
        with file.open("y.npy", "w") as member:
            np.save(member, np.arange(5, dtype=">i8"))
    source = load(tmp_path / "a.npz")
    assert source.examples.flags.c_contiguous and source.examples.dtype.isnative
    np.testing.assert_allclose(source.take(5)[0], IMAGES / 127.5 - 1, atol=2e-3)
    assert source.take(5)[1].tolist() == [0, 1, 2, 3, 4]


def test_numbers_that_would_overflow(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.full((2, 3), 1e300))
    refused(tmp_path / "a.npz", "float32 can hold")
    np.savez(tmp_path / "b.npz", x=IMAGES, y=np.full(5, 2**40))
    refused(tmp_path / "b.npz", "31 bits")
