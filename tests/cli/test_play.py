"""`tinygrad-rnn play`: the page is written where it was asked for, and whole."""

from pathlib import Path

from tests.cli.process import Run


def test_the_playground_is_one_page_that_fetches_nothing(run: Run, tmp_path: Path) -> None:
    done = run("play", "--closed")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "playground.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>") and "default-src 'none'" in page and 'src="http' not in page


def test_a_file_that_is_there_stays(here: Run, tmp_path: Path) -> None:
    (tmp_path / "playground.html").write_text("mine")
    assert here("play", "--closed").returncode == 0
    assert (tmp_path / "playground.html").read_text("utf-8") == "mine"
    assert (tmp_path / "playground-2.html").is_file()


def test_a_playground_that_is_written_nowhere(here: Run) -> None:
    done = here("play", "--page", "none")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "--page none leaves nothing" in done.stderr
