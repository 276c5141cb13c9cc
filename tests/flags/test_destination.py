"""Which directory a command gets, and what a resumed run says of the flags."""

import os

import pytest
from tfgan_losses.flags import command_line, destination
from tfgan_losses.flags.definitions import GROUPS

GROUP_NAMES = tuple(GROUPS)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def choose(*typed):
    flags = command_line.parse(GROUP_NAMES, typed)
    chosen = destination.Destination()
    try:
        chosen.choose(flags, GROUP_NAMES)
    except ValueError:
        chosen.leave()
        raise
    return flags, chosen


def begin(*typed, path="out"):
    """A run that was killed before its first checkpoint."""
    _, chosen = choose(*typed, f"--output_dir={path}")
    chosen.directory.lock.release()
    return chosen.directory


def refusal(*typed):
    with pytest.raises(ValueError) as error:
        choose(*typed)
    return str(error.value)


def everything(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


def test_a_new_directory_is_there_and_locked_at_once(here):
    _, first = choose("--dataset=folder:my photos", "--gan_type=gan", "--data_dir=data")
    _, second = choose("--dataset=folder:my photos", "--gan_type=gan")
    names = [str(chosen.directory.path) for chosen in (first, second)]
    assert names == ["runs/folder_my_photos-gan-001", "runs/folder_my_photos-gan-002"]
    assert everything(here / names[0]) == ["flags.txt", "lock"]
    # Paths are right from everywhere; where results go and what was resumed is of one call.
    settings = first.directory.settings()
    assert (
        f"--dataset=folder:{here}/my photos" in settings and f"--data_dir={here}/data" in settings
    )
    assert not [line for line in settings if line.startswith(("--output_dir", "--resume"))]
    first.leave()
    assert everything(here) == [
        "runs",
        names[1],
        *(f"{names[1]}/{n}" for n in ("flags.txt", "lock")),
    ]
    (second.directory.checkpoints).mkdir()
    second.leave()
    assert everything(here / names[1]) == ["checkpoints", "flags.txt"]


def test_a_dry_run_leaves_nothing_and_refuses_what_a_run_would(here):
    _, chosen = choose("--dry_run")
    assert (str(chosen.directory.path), chosen.writes) == ("runs/digits-wgan-gp-001", False)
    chosen.leave()
    assert everything(here) == []
    begin().checkpoints.mkdir()
    before = everything(here)
    assert "which holds checkpoints, flags.txt" in refusal("--dry_run", "--output_dir=out")
    choose("--dry_run", "--resume=out")
    assert everything(here) == before


def test_directories_that_cannot_be_one(here):
    assert choose("--output_dir=~/x")[1].directory.path == here / "home" / "x"
    (here / "photos").mkdir()
    (here / "photos" / "cat.png").touch()
    message = refusal("--output_dir=photos")
    assert message == (
        "Expected a new or empty directory. Received: --output_dir=photos, which holds cat.png"
    )
    begin("--seed=1")
    # Nothing came of it, so that nothing is lost.
    _, chosen = choose("--output_dir=out", "--seed=2")
    assert "--seed=2" in chosen.directory.settings()
    chosen.directory.lock.release()
    (here / "out" / "metrics.csv").touch()
    assert "or --resume=out to go on with the run in it" in refusal("--output_dir=out")
    assert "made and written to" in refusal("--output_dir=photos/cat.png")
    for name in ("output_dir", "resume"):
        assert refusal(f"--{name}=") == f"Expected --{name}=<directory>. Received: --{name}="
    assert not (here / "photos" / "lock").exists()


def test_a_directory_of_another_process_is_refused(here):
    _, chosen = choose("--output_dir=out")
    for typed in ("--output_dir=out", "--resume=out"):
        assert "this process has held since" in refusal(typed)
    chosen.leave()
    choose("--output_dir=out")


def test_resume_takes_the_flags_of_the_run(here):
    typed = ("--gan_type=hinge", "--seed=3", "--loss=", "--log_every=7", "--dataset=npz:a.npz")
    begin(*typed)
    (here / "out").rename(here / "moved")
    flags, chosen = choose("--resume=moved", "--steps=9", "--seed=3", "--jit_compile")
    assert chosen.resumed and str(chosen.directory.path) == "moved"
    assert (flags.gan_type, flags.seed, flags.loss, flags.log_every) == ("hinge", 3, "", 7)
    assert (flags.steps, flags.jit_compile, flags.output_dir) == (9, True, None)
    chosen.write_settings(flags)
    chosen.leave()
    assert "--steps=9" in chosen.directory.settings()
    assert everything(here) == ["moved", "moved/flags.txt"]
    # Data may have moved; what they are stands in run.json.
    flags, chosen = choose("--resume=moved", "--dataset=npz:b.npz")
    assert flags.dataset == "npz:b.npz" and flags.steps == 9
    chosen.leave()
    message = refusal("--resume=moved", "--seed=4", "--d_steps=2", "--dataset=digits")
    assert "There: --dataset=npz:" in message and "--d_steps by default --seed=3." in message
    assert "Received: --dataset=digits --d_steps=2 --seed=4." in message
    assert "--flagfile=moved/flags.txt with them begins a new run" in message


def test_flags_txt_repeats_a_run_in_a_new_directory(here):
    begin("--seed=3")
    flags, chosen = choose("--flagfile=out/flags.txt")
    assert str(chosen.directory.path) == "runs/digits-wgan-gp-001" and flags.seed == 3
    assert not chosen.resumed


def test_where_there_is_nothing_to_resume(here):
    (here / "empty").mkdir()
    for name, state in (("typo", "there is no such directory"), ("empty", "there is no such file")):
        message = refusal(f"--resume={name}")
        assert f"Looked for {here / name}/flags.txt: {state}" in message
        assert message.endswith("No run is near by")
    for number in range(7):
        begin(path=f"runs/digits-gan-{number:03d}")
        os.utime(f"runs/digits-gan-{number:03d}/flags.txt", (0, number))
    newest = "Runs near by, the newest first: runs/digits-gan-006, runs/digits-gan-005, "
    for name in ("typo", "runs/digits-gan-00", "runs"):
        message = refusal(f"--resume={name}")
        assert newest in message and message.endswith("runs/digits-gan-002, and 2 more")
    assert not (here / "typo").exists()


def test_a_script_that_is_started_again_names_the_directory_twice(here):
    _, chosen = choose("--output_dir=out", "--resume=out", "--seed=3")
    assert not chosen.resumed
    chosen.directory.lock.release()
    flags, chosen = choose(f"--output_dir={here}/out", "--resume=out", "--seed=3")
    assert chosen.resumed and flags.seed == 3
    assert "Expected --resume alone" in refusal("--output_dir=other", "--resume=out")


@pytest.mark.parametrize("content", [b"\x80\x81", b"--no_such_flag=1\n", b"--steps=many\n"])
def test_damaged_flags(here, content):
    begin()
    (here / "out" / "flags.txt").write_bytes(content)
    message = refusal("--resume=out")
    assert message.startswith("Expected the flags of a run. Received: out/flags.txt: ")
    assert "\n" not in message


def test_of_several_workers_only_the_first_writes(here, monkeypatch):
    workers = '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": %d}}'
    for index, writes in ((1, False), (0, True)):
        monkeypatch.setenv("TF_CONFIG", workers % index)
        flags, chosen = choose("--strategy=multi_worker", "--output_dir=out")
        assert not (here / "out").exists()  # Before all workers are there.
        chosen.open(flags)
        assert chosen.writes == (here / "out").exists() == writes
    assert "a directory that all workers see" in refusal("--strategy=multi_worker")


def test_a_resumed_run_takes_other_rates_and_no_other_origin(here):
    (here / "old.keras").touch()
    begin("--g_learning_rate=0.5", "--init_from=old.keras")
    flags, chosen = choose("--resume=out", "--d_learning_rate=0.25", "--init_from=./old.keras")
    chosen.leave()
    assert (flags.g_learning_rate, flags.d_learning_rate) == (0.5, 0.25)
    # It is not read again, and so it may be gone.
    (here / "old.keras").unlink()
    flags, chosen = choose("--resume=out")
    chosen.leave()
    assert flags.init_from == str(here / "old.keras")
    assert "There: --init_from=" in refusal("--resume=out", "--init_from=new.keras")
    assert "There: --freeze_d=0. Received: --freeze_d=1" in refusal("--resume=out", "--freeze_d=1")
    assert "directory. Runs near by, the newest first: out" in refusal("--init_from=old.keras")
    assert "Expected --init_from=" in refusal("--init_from=--resume")
