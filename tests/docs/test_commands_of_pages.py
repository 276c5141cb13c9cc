"""Every command in README and docs is one: its flags exist, and training ones come to a report."""

import re
import shlex
from pathlib import Path

import pytest
from commands import call, data_dir
from pages_to_try import FILES, PAGES, SHELLS, blocks, name_of
from tfgan_losses.flags import command_line

from tfgan_losses import commands as package_commands


def _typed(page):
    """The commands of this project on a page, as lists of words, but for those that are not run."""
    for block in blocks(page):
        lines = [] if block.reason else block.code.replace("\\\n", " ").splitlines()
        if block.language not in SHELLS:  # What a program prints, below what was typed.
            lines = [line for line in lines if line.startswith("$ ")]
        for typed in (part for line in lines for part in line.removeprefix("$ ").split(" && ")):
            words = shlex.split(typed, comments=True) if typed.startswith("python ") else []
            if words[:2] == ["python", "train.py"]:
                yield ["train", *words[2:]]
            elif words[:3] == ["python", "-m", "tfgan_losses"] and not words[3].startswith("-"):
                yield words[3:]


COMMANDS = [(page, words) for page in PAGES for words in _typed(page)]
IDS = [f"{name_of(page)}: {' '.join(words)}" for page, words in COMMANDS]


def test_there_are_many():
    assert len(COMMANDS) > 60


@pytest.mark.parametrize("words", [words for _, words in COMMANDS], ids=IDS)
def test_its_flags_exist(words):
    command = package_commands.get(words[0])
    arguments = [word for word in words[1:] if word != "--help"]
    command_line.parse(command.groups, arguments)


# Data that is downloaded, machines and files that are not here.
ELSEWHERE = ("--dataset=mnist", "--dataset=cifar10", "--dataset=celeb_a", "--flagfile=")
HERE = [
    pytest.param(words[1:], id=name)
    for (_, words), name in zip(COMMANDS, IDS, strict=True)
    if words[0] == "train"
    and not any(word.startswith((*ELSEWHERE, "--resume", "--strategy=multi")) for word in words)
]


@pytest.mark.slow
@pytest.mark.parametrize("arguments", HERE)
def test_a_training_resolves(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, write in FILES.items():
        if any(name in word and not word.startswith("--output_dir") for word in arguments):
            write()
    assert call(*arguments, "--dry_run") == 0, arguments
    assert "gan_type:" in capsys.readouterr().out


_LESS = {
    "--checkpoint=500": "--checkpoint=2",
    "--count=10000": "--count=300",
    "--seeds=3": "--seeds=1",
    "--gan_types=gan,hinge,wgan-gp": "--gan_types=gan,hinge",
}


def _with_less_work(word):
    word = re.sub(r"^--(steps|frames)=\d+$", r"--\1=2", word)
    return _LESS.get(word, word)


OTHERS = {
    page: [list(map(_with_less_work, words)) for other, words in COMMANDS if other is page]
    for page in PAGES
    if page.name != "index.md"  # tests/docs/test_start_page.py
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [p for p, typed in OTHERS.items() if any(w[0] != "train" for w in typed)], ids=name_of
)
def test_other_commands_do_what_they_say(page, tmp_path, monkeypatch):
    """In their order, in one directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", data_dir())
    for name, *arguments in OTHERS[page]:
        if name == "train" or any(word.startswith("--inception=") for word in arguments):
            continue
        for file, write in FILES.items():
            wanted = any(file in word and "--output" not in word for word in arguments)
            if wanted and not Path(file.removeprefix("=")).exists():
                write()
        command = package_commands.get(name)
        assert command.call(arguments, typed=f"python -m tfgan_losses {name}") == 0, arguments
