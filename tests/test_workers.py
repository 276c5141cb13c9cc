"""Several processes that train in step, as on several machines.

`python tests/test_workers.py RECIPE KIND` is one of the processes that are compared.
"""

import hashlib
import json
import os
import signal
import socket
import sys
import time

import commands
import numpy as np
import pytest

COUNT = 2
FLAGS = (
    "--strategy=multi_worker",
    "--deterministic",
    "--gan_type=wgan-gp",
    "--output_dir=run",
    "--batch_size=8",
    "--width=8",
    "--steps=30",
    "--log_every=7",
    "--checkpoint_every=5",
    "--sample_every=20",
    "--sync_batch_norm",
)


def free_ports():
    """Neighbouring ports that nobody uses."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return [port, port + 1]


def tf_config(index, ports):
    addresses = [f"127.0.0.1:{port}" for port in ports]
    task = {"type": "worker", "index": index}
    return json.dumps({"cluster": {"worker": addresses}, "task": task})


def start_workers(directory, *flags):
    ports = free_ports()
    return [
        commands.start(directory, *FLAGS, *flags, TF_CONFIG=tf_config(index, ports))
        for index in range(COUNT)
    ]


def checkpoints(directory):
    return sorted((directory / "run" / "checkpoints").glob("*.h5"))


def train(directory, *flags):
    ended = [commands.finish(worker) for worker in start_workers(directory, *flags)]
    assert [result.code for result in ended] == [0] * COUNT, [result.err for result in ended]
    return directory


def table(directory):
    return np.loadtxt(directory / "run" / "metrics.csv", delimiter=",", skiprows=1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What two workers leave that nothing disturbs."""
    return train(tmp_path_factory.mktemp("whole"))


@pytest.mark.slow
def test_two_workers_leave_what_one_process_does(whole, tmp_path):
    """Batch statistics, means of each row and data included, up to the rounding of sums."""
    result = commands.train(tmp_path, *FLAGS, "--strategy=one_device")
    assert result.code == 0, result.err
    np.testing.assert_allclose(table(whole), table(tmp_path), rtol=1e-3, atol=1e-3)
    assert table(whole)[:, 0].tolist() == [7, 14, 21, 28, 30]


@pytest.mark.slow
def test_a_killed_worker_is_noticed_and_all_go_on_exactly(whole, tmp_path):
    broken = tmp_path / "broken"
    workers = start_workers(broken)
    while not checkpoints(broken):
        assert all(worker.poll() is None for worker in workers), commands.finish(workers[0]).err
        time.sleep(0.1)
    workers[1].send_signal(signal.SIGKILL)
    # It raises an error if the chief has not ended within a minute.
    chief = commands.finish(workers[0], timeout=60)
    commands.finish(workers[1])
    assert chief.code == 1
    assert "Another worker was lost. Start all workers again" in chief.err
    assert "Traceback" not in chief.err
    assert int(checkpoints(broken)[-1].name[5:13]) < 30, "Nothing was left to train."
    train(broken, "--resume=run")
    for a, b in zip(checkpoints(whole), checkpoints(broken), strict=True):
        first, second = commands.arrays(a), commands.arrays(b)
        assert first.keys() == second.keys()
        for key, array in first.items():
            np.testing.assert_array_equal(array, second[key], err_msg=key)
    rows = [(directory / "run" / "metrics.csv").read_bytes() for directory in (whole, broken)]
    assert rows[0] == rows[1]


@pytest.mark.slow
def test_a_signal_to_one_stops_all(tmp_path):
    workers = start_workers(tmp_path, "--steps=100000")
    while not checkpoints(tmp_path):
        assert all(worker.poll() is None for worker in workers), commands.finish(workers[0]).err
        time.sleep(0.1)
    workers[1].send_signal(signal.SIGTERM)
    ended = [commands.finish(worker, timeout=60) for worker in workers]
    assert [result.code for result in ended] == [3, 3], ended
    step = int(checkpoints(tmp_path)[-1].name[5:13])
    assert f"Stopped at step {step} of 100000" in ended[0].out
    assert step % 10 == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wgan-gp", "began"])
def test_two_workers_are_one_process_with_two_replicas(name, tmp_path):
    """To the bit: weights, both optimisers, the average, k and the logs."""
    ports = free_ports()
    places = [("worker", {"TF_CONFIG": tf_config(index, ports)}) for index in range(COUNT)]
    places.append(("replicas", {}))
    processes = [
        commands.start_script(__file__, name, kind, directory=tmp_path, **variables)
        for kind, variables in places
    ]
    ended = [commands.finish(process) for process in processes]
    for result in ended:
        assert result.code == 0, result.err
    digests = [result.out.splitlines()[-1] for result in ended]
    assert len(digests[0]) > 64
    assert len(set(digests)) == 1, digests


def test_the_others_write_nothing(tmp_path, monkeypatch):
    import networks
    import tensorflow as tf

    from tfgan_losses import Keeping, Run, workers

    class Source:
        example_shape, size, name = (4, 4, 1), 32, "noise"

        def batches(self, batch_size, *, seed, start):
            examples = tf.data.Dataset.from_tensor_slices(networks.examples(32)).repeat()
            return examples.batch(batch_size, drop_remainder=True)

    monkeypatch.setattr(workers, "is_chief", lambda strategy: False)
    gan = networks.recipe_gan("gan")
    run = Run(tmp_path / "run")
    keeping = Keeping(checkpoint_every=1, log_every=1)
    assert run.train(gan, Source(), steps=2, batch_size=4, keeping=keeping)
    assert gan.step.numpy() == 2
    assert not list((tmp_path / "run").iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '["host:1"]',
        '{"cluster": {"worker": ["a:1", "b:1"]}}',
        '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}}',
        '{"cluster": {"worker": ["a:1"], "ps": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
    ],
)
def test_tf_config_that_names_no_workers(text, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TF_CONFIG", text)
    message = commands.call("--strategy=multi_worker", "--output_dir=run")
    assert "TF_CONFIG to name all workers and this one" in message
    assert (f"Received: TF_CONFIG={text!r}" if text else "Received: no TF_CONFIG") in message
    assert not list(tmp_path.iterdir())


def test_several_workers_need_one_directory(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "Expected --output_dir, a directory that" in commands.call("--strategy=multi_worker")


@pytest.mark.slow
def test_a_signal_while_waiting_for_workers(tmp_path):
    process = commands.start(tmp_path, *FLAGS, TF_CONFIG=tf_config(0, free_ports()))
    while not process.stderr.readline().startswith("Waiting for all 2 workers"):
        assert process.poll() is None
    time.sleep(1.0)  # TensorFlow begins to wait.
    process.send_signal(signal.SIGINT)
    assert commands.finish(process, timeout=60).code == -signal.SIGINT
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_worker_that_does_not_come(tmp_path):
    flags = (*FLAGS, "--worker_timeout=2")
    process = commands.start(tmp_path, *flags, TF_CONFIG=tf_config(0, free_ports()))
    ended = commands.finish(process, timeout=120)
    assert ended.code == 1
    assert "Waiting for all 2 workers of TF_CONFIG (ends after 2 s without)" in ended.err
    assert not (tmp_path / "run").exists()


def compared(name, kind):
    import keras
    import networks
    import tensorflow as tf

    if kind == "worker":
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    else:
        cpu = tf.config.list_physical_devices("CPU")[0]
        two = [tf.config.LogicalDeviceConfiguration()] * COUNT
        tf.config.set_logical_device_configuration(cpu, two)
        strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    keras.utils.set_random_seed(3)
    with strategy.scope():
        gan = networks.recipe_gan(name, d_steps=2, ema_decay=0.9)
    x = networks.examples(32 * 5)
    data = tf.data.Dataset.from_tensor_slices(x).batch(32, drop_remainder=True)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    history = gan.fit(data.with_options(options), epochs=2, verbose=0).history
    assert gan.step.numpy() == 10
    state = [*networks.all_state(gan), *(np.float32(x) for x in history.values())]
    digest = hashlib.sha256(b"".join(np.asarray(array).tobytes() for array in state))
    return f"{digest.hexdigest()} after {len(state)} arrays"


if __name__ == "__main__":
    print(compared(sys.argv[1], sys.argv[2]))
    sys.stdout.flush()
    # The other worker may be gone already, which an orderly end would wait for.
    os._exit(0)
