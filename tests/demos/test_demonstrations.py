"""All demonstrations: one for each claim, plain text that fits the terminal, a picture, and the command."""

import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.process import PROGRAM, environment
from tests.viz.inside import Chart, Curve
from tinygrad_rnn.lab.demos import DEMONSTRATIONS, Shown
from tinygrad_rnn.lab.demos.shown import Diagram

ROOT = Path(__file__).parents[2]


def test_every_claim_has_one() -> None:
    assert [each.claim for each in DEMONSTRATIONS.values()] == list(range(1, 25))


@pytest.mark.parametrize("name", DEMONSTRATIONS)
def test_a_demonstration_shows_something(name: str, tmp_path: Path) -> None:
    demonstration = DEMONSTRATIONS[name]
    shown: Shown = demonstration.show(quick=True) if demonstration.full else demonstration.show()
    assert shown.text.startswith(f"Claim {demonstration.claim}") and shown.text.isascii()
    assert max(map(len, shown.text.splitlines())) <= 110
    if shown.picture is not None:
        path = shown.picture.save(tmp_path / "picture.svg")
        assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_the_command(tmp_path: Path) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [*PROGRAM, "demo", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)

    done = run("vanishing")
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("Claim 14")
    assert "Picture: vanishing.svg" in done.stdout and (tmp_path / "vanishing.svg").exists()
    for option in ("--quick", "--full"):
        refused = run("order", option)
        assert refused.returncode == 2 and f"takes no {option}" in refused.stderr and refused.stderr.count("\n") == 1
    quick = run("forgetting", "--picture", "none")
    assert quick.returncode == 0 and quick.stdout == run("forgetting", "--quick", "--picture", "none").stdout
    wrong = run("vanishing", "--picture", "curve.png")
    assert wrong.returncode == 2 and "has to end in .svg" in wrong.stderr


def test_a_chart() -> None:
    curves = [Curve("a & b", [0, 1, 2], [1e-3, 0.0, 10.0]), Curve("none", [], [])]
    root = ET.fromstring(Chart("T < 3", "t", "size", curves, logarithmic=True).svg)
    name = "{http://www.w3.org/2000/svg}"
    lines = root.findall(f"{name}polyline")
    assert len(lines) == 4 and len(lines[0].attrib["points"].split()) == 2  # zero has no logarithm
    texts = [each.text for each in root.iter(f"{name}text")]
    assert {"T < 3", "a & b", "none", "1e-3", "1e1"} <= set(texts)


def test_a_name_with_another_ending(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has to end in \.svg"):
        Chart("", "", "", []).save(tmp_path / "chart.png")
    with pytest.raises(ValueError, match=r"has to end in \.svg, \.png"):
        Diagram("digraph {}").save(tmp_path / "diagram.txt")
    assert Diagram("digraph {}").save(tmp_path / "diagram.dot").read_text() == "digraph {}"
