"""The start page, typed as it stands: from a checkout to 100 samples, with fewer steps."""

import re

import pytest
from commands import ROOT, data_dir, finish, start_shell, workplace
from pages_to_try import SHELLS, blocks
from PIL import Image

PAGE = ROOT / "docs" / "index.md"


@pytest.mark.slow
def test_its_commands_lead_to_100_samples(tmp_path, monkeypatch):
    workplace(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TFDS_DATA_DIR", data_dir())
    typed = [block.code for block in blocks(PAGE) if block.language in SHELLS and not block.reason]
    # The first training is that of the README, which tests/test_default_run.py runs whole.
    assert typed.pop(0) == "python train.py --gan_type=wgan-gp\n"
    for code in typed:
        few = re.sub(r"--steps=\d+", "--steps=4", code)
        ended = finish(start_shell(tmp_path, f"bash -e <<'TYPED'\n{few}TYPED"))
        assert ended.code == 0, f"{code}\n{ended.out}\n{ended.err}"
    samples = sorted((tmp_path / "samples").glob("*.png"))
    assert len(samples) == 100
    with Image.open(samples[0]) as sample:
        assert sample.size == (32, 32)
    assert (tmp_path / "ways" / "interpolation.gif").exists()
    assert (tmp_path / "runs" / "photos" / "evaluation-001.json").exists()
