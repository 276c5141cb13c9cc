"""The lock of a directory: between processes, after their deaths, and from other machines."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tfgan_losses.run_files import holder as holder_of, lock
from tfgan_losses.run_files.lock import RunLock

# A process that takes a lock, says so and waits. It needs no TensorFlow.
HOLDER = """
import sys
READS_FLAGS_FIRST = True
from tfgan_losses.run_files.lock import RunLock
sys.stdin.readline()
try:
    RunLock(sys.argv[1]).acquire(new="new" in sys.argv)
except (FileExistsError, ValueError) as error:
    print("refused", error, flush=True)
else:
    print("held", flush=True)
sys.stdin.read()
"""


class Holder:
    def __init__(self, path, *more):
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path), *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def hear(self):
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def holders(tmp_path):
    started = []

    def start(count, *more, path=tmp_path / "run"):
        new = [Holder(path, *more) for _ in range(count)]
        started.extend(new)
        for holder in new:
            holder.tell()
        return new, sorted((holder.hear() for holder in new), reverse=True)

    yield start
    for holder in started:
        holder.kill()


def refusal(path):
    with pytest.raises(ValueError, match="that no other process works in") as error:
        RunLock(path).acquire()
    return str(error.value)


def test_another_process_is_refused_until_the_first_is_dead(tmp_path, holders):
    (holder,), heard = holders(1)
    assert heard == ["held"]
    message = refusal(tmp_path / "run")
    assert f"process {holder.process.pid} on {os.uname().nodename} has held since 20" in message
    # A zombie, which nobody has asked for its exit code, is dead.
    holder.process.send_signal(signal.SIGKILL)
    while holder_of.start_of(holder.process.pid) is not None:
        time.sleep(0.01)
    with RunLock(tmp_path / "run") as own:
        assert json.loads(own.path.read_text())["pid"] == os.getpid()
        holder.kill()
    assert not own.path.exists()


def test_a_number_that_now_belongs_to_another_process(tmp_path):
    with RunLock(tmp_path / "run") as own:
        record = json.loads(own.path.read_text())
    for started, alive in ((record["started"], True), ("1", False), (None, True)):
        (tmp_path / "lock").write_text(json.dumps({**record, "started": started}))
        if alive:
            assert "which this process has held since" in refusal(tmp_path)
    (tmp_path / "lock").write_text(json.dumps({**record, "started": "1"}))
    with RunLock(tmp_path):
        pass


@pytest.mark.parametrize("stale", [False, True])
def test_of_several_at_once_one_gets_it(tmp_path, holders, stale):
    if stale:
        (dead,), _ = holders(1)
        dead.kill()
        assert (tmp_path / "run" / "lock").exists()
    _, heard = holders(4)
    assert [line.split()[0] for line in heard] == ["refused"] * 3 + ["held"]


def test_of_several_that_want_a_new_directory_one_gets_it(tmp_path, holders):
    _, heard = holders(4, "new")
    assert [line.split()[0] for line in heard] == ["refused"] * 3 + ["held"]


@pytest.mark.parametrize("torn", [False, True])
def test_a_process_of_another_machine_lives_by_its_signs(tmp_path, monkeypatch, capsys, torn):
    with RunLock(tmp_path) as own:
        record = json.loads(own.path.read_text())
    other = json.dumps({**record, "machine": ["elsewhere"], "host": "elsewhere"})
    path = tmp_path / "lock"
    path.write_text("torn" if torn else other)
    now = time.time()
    os.utime(path, (0, now))
    signs = iter([now, now, now + 1])
    # Whoever waits sees nothing, nothing, and a sign of life.
    monkeypatch.setattr(lock, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(lock.time, "sleep", lambda _: os.utime(path, (0, next(signs))))
    message = refusal(tmp_path)
    assert ("somebody has held" if torn else "on elsewhere has held since 20") in message
    assert next(signs, None) is None
    # It is silent from now on, and counts as dead in the end.
    signs = iter([now + 1, now - lock.DEAD_AFTER - 60])
    with RunLock(tmp_path):
        assert json.loads(path.read_text())["machine"] == record["machine"]
    assert capsys.readouterr().err.count("Waiting for a sign of life of who has locked") == 2


def test_who_was_taken_for_dead_does_not_go_on(tmp_path):
    with RunLock(tmp_path) as own:
        own.path.write_text("other")
        with pytest.raises(ValueError, match=r"another one took .* over"):
            own.acquire()
    assert own.path.read_text() == "other"


def test_it_gives_signs_of_life(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "HEARTBEAT", 0.01)
    with RunLock(tmp_path) as own:
        os.utime(own.path, (0, 0))
        end = time.monotonic() + 60
        while own.path.stat().st_mtime < 1e9:
            assert time.monotonic() < end
            time.sleep(0.01)
        # That of another process, which has taken over, is none of its business.
        own.path.unlink()
        own.path.write_text("other")
        os.utime(own.path, (0, 0))
        time.sleep(0.1)
        assert own.path.stat().st_mtime == 0
    assert own.path.read_text() == "other"


def test_what_it_makes_is_gone_if_nothing_came_of_it(tmp_path):
    directory = tmp_path / "a" / "b"
    with RunLock(directory) as own:
        with own:  # Its holder may take it again.
            assert directory.is_dir()
        assert own.path.exists()
    assert not list(tmp_path.iterdir())
    with RunLock(directory):
        (directory / "result").touch()
    assert [path.name for path in directory.iterdir()] == ["result"]
    with pytest.raises(FileExistsError):
        RunLock(directory).acquire(new=True)
    with pytest.raises(ValueError, match=r"can be made and written to\. Received: directory="):
        RunLock(directory / "result").acquire()
