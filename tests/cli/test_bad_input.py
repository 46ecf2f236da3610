"""Bad input: one line on standard error that says what to do, exit status 2, and nothing written."""

import errno
import os
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cli.process import Run
from tinygrad_rnn.lab.cli import main
from tinygrad_rnn.lab.cli.showing import DEMOS

# From Python 3.13 on argparse hands "--" on as a value, and who reads a number says what is wanted.
NO_VALUE = "whole number from 1 to 4096" if sys.version_info >= (3, 13) else "value"

HEADER = "date,open,close\n"
ROWS = "".join(f"2024-01-{day:02d},{day},{day + 0.5}\n" for day in range(1, 21))

FILES: dict[str, bytes] = {
    "good.csv": (HEADER + ROWS).encode(),
    "two.csv": ("open,high\n" + "1,2\n" * 20).encode(),
    "none.csv": b"day,name\nx,y\n",
    "text.csv": (HEADER + ROWS + "2024-02-01,1,n/k\n").encode(),
    "nan.csv": (HEADER + ROWS + "2024-02-01,1,NaN\n").encode(),
    "inf.csv": (HEADER + ROWS + "2024-02-01,1,inf\n").encode(),
    "blank.csv": (HEADER + ROWS + "2024-02-01,1,\n").encode(),
    "short.csv": (HEADER + "2024-01-01,1,1\n2024-01-02,2,2\n").encode(),
    "one.csv": (HEADER + "2024-01-01,1,1\n").encode(),
    "header.csv": HEADER.encode(),
    "empty.csv": b"",
    "latin.csv": "date,café\n1,2\n".encode("latin-1"),
    "numbers.txt": (HEADER + ROWS).encode(),
    "good.txt": ("the cat sat on the mat and the dog sat on the log . " * 10).encode(),
    "empty.txt": b" \n",
    "short.txt": b"I love deep learning models",
    "latin.txt": "la leçon de français ".encode("latin-1") * 20,
    "zip.txt": b"PK\x03\x04rest",
}

# arguments -> the message; {here} is the folder the command runs in
CASES: list[tuple[str, str]] = [
    # scripts
    ("draw missing.py", "missing.py cannot be read: No such file or directory; check the path"),
    ("draw numbers --loss loss", "--loss does not go with a run, as numbers; leave it out"),
    ("draw a --beside b --program", "--program does not go with two runs, as a; leave it out"),
    # files
    ("train missing.csv", "there is no file missing.csv in {here}; check the path"),
    ("train .", ". is a folder; give the file in it"),
    ("train empty.csv", "empty.csv is empty; give a file with some text in it"),
    ("train empty.txt", "empty.txt is empty; give a file with some text in it"),
    ("train header.csv", "header.csv has a header (date, open, close) and no rows; give a file with values in it"),
    (
        "train latin.csv",
        "latin.csv is not UTF-8 (line 1 has the byte 0xe9): line 1 reads 'date,café' in cp1252, 'date,cafй' in cp1251; "
        "say which with --encoding",
    ),
    (
        "train latin.txt",
        "latin.txt is not UTF-8 (line 1 has the byte 0xe7): line 1 reads 'la leçon de franç' in cp1252, "
        "'la le鏾n de fran' in gb18030, 'la le輟n de fran' in shift_jis, 'la leзon de franз' in cp1251; say which with "
        "--encoding",
    ),
    (
        "train latin.txt --encoding utf-7x",
        "argument --encoding: 'utf-7x' is no encoding that Python knows; use one such as cp1252 or gb18030",
    ),
    (
        "train latin.txt --encoding utf-8",
        "latin.txt is not in utf-8 (line 1 has the byte 0xe7); give another --encoding",
    ),
    (
        "train numbers.txt",
        "numbers.txt is taken for a text, by its name, and looks like a table of date, open, close; give --column NAME "
        "to learn one of its columns, or --level word to learn it as a text",
    ),
    (
        "train good.csv --decimal ab",
        "argument --decimal: 'ab' is no single sign; use one, or a word: comma, semicolon, tab, bar, blank",
    ),
    (
        "train good.txt --sort",
        "--sort does not go with a text, which good.txt is taken for; leave it out, or give --column NAME",
    ),
    (
        "train zip.txt",
        "zip.txt is a zip archive or a spreadsheet workbook; save the sheet as CSV (UTF-8) and give that file",
    ),
    # columns
    (
        "train good.csv --column price",
        "good.csv has no column 'price'; its columns are date, open, close",
    ),
    (
        "train good.csv --column clse",
        "good.csv has no column 'clse'; its columns are date, open, close; did you mean 'close'?",
    ),
    ("train two.csv", "two.csv has 2 columns of numbers; choose one of open, high with --column"),
    ("train none.csv", "none.csv has no column of nothing but numbers; choose one of day, name with --column"),
    (
        "train good.csv --column date",
        "good.csv: line 2, column 'date': '2024-01-01' is not a number; correct it, or choose a column with --column",
    ),
    # cells
    (
        "train text.csv",
        "text.csv: line 22, column 'close': 'n/k' is not a number; correct it, or choose a column with --column",
    ),
    (
        "train nan.csv",
        "nan.csv: line 22, column 'close': 'NaN' stands for a missing value; fill it in or remove the row, or take "
        "--missing fill or --missing drop",
    ),
    ("train inf.csv", "inf.csv: line 22, column 'close': 'inf' is not finite; correct it or remove the row"),
    (
        "train blank.csv",
        "blank.csv: line 22, column 'close': the cell is blank; fill it in or remove the row, or take --missing "
        "fill or --missing drop",
    ),
    # too little
    (
        "train short.csv",
        "short.csv has 2 rows, too few for windows of 5, the value after each, and a part to be judged by; give at "
        "least 9 rows or a smaller --window",
    ),
    (
        "train one.csv --window 1",
        "one.csv has 1 row, too few for windows of 1, the value after each, and a part to be judged by; give at "
        "least 4 rows or a smaller --window",
    ),
    (
        "train good.csv --window 15",
        "good.csv has 20 rows, too few for windows of 15, the value after each, and a part to be judged by; give at "
        "least 21 rows or a smaller --window",
    ),
    (
        "train short.txt",
        "short.txt has 5 words, too few for 8 streams, windows of 16 and a part to be judged by; give at least 19, or "
        "a smaller --window or --batch",
    ),
    # options
    ("train good.csv --window 0", "argument --window: '0' is no whole number from 1 to 200"),
    ("train good.csv --hidden -1", "argument --hidden: '-1' is no whole number from 1 to 4096"),
    ("train good.csv --hidden 2.5", "argument --hidden: '2.5' is no whole number from 1 to 4096"),
    ("train good.csv --epochs 0", "argument --epochs: '0' is no whole number from 1 to 1000000"),
    ("train good.csv --batch none", "argument --batch: 'none' is no whole number from 1 to 1000000"),
    ("train good.csv --seed -3", "argument --seed: '-3' is no whole number from 0 to 4294967295"),
    ("train good.csv --lr nan", "argument --lr: 'nan' is no number above 0"),
    ("train good.csv --lr 0", "argument --lr: '0' is no number above 0"),
    ("train good.csv --lr inf", "argument --lr: 'inf' is no number above 0"),
    ("train good.csv --clip -1", "argument --clip: '-1' is neither a number above 0 nor none"),
    ("train good.csv --cell elman", "argument --cell: 'elman' is not known; use rnn, lstm or gru"),
    ("train good.txt --level sentence", "argument --level: 'sentence' is not known; use word or char"),
    ("train good.txt --temperature -1", "argument --temperature: '-1' is no number from 0 upwards"),
    ("train good.txt --sample many", "argument --sample: 'many' is no whole number from 0 to 100000"),
    ("train good.csv --colunm close", "unrecognized arguments: --colunm close; did you mean --column?"),
    ("evaluate a b --jsn", "unrecognized arguments: --jsn; did you mean --json?"),
    (
        "train good.csv --decimal =",
        "good.csv: line 2, column 'close': '1.5' is not written like the other numbers; write all of them in one way, "
        "such as 1234.5, or say which signs they have with --decimal and --thousands",
    ),
    ("train good.csv --lr 1 --lr 1", "argument --lr: is there twice; give it once"),
    ("draw a --json --json", "argument --json: is there twice; give it once"),
    ("train good.csv --hidden=--", f"argument --hidden: '--' is no {NO_VALUE}"),
    ("train good.csv --run a\0b", "'a\\x00b' has a character that no file and no text here can have; leave it out"),
    ("train", "say what to train on: train FILE, or go on with train --resume FOLDER"),
    ("demo vanish", f"argument NAME: 'vanish' is not known; use {', '.join([*DEMOS][:-1])} or {[*DEMOS][-1]}"),
    ("", "say what to do: train, sample, predict, evaluate, draw, export, demo, play, ops, exercise, doctor"),
    ("train good.csv --layers 0", "argument --layers: '0' is no whole number from 1 to 16"),
    ("train good.csv --dropout 1", "argument --dropout: '1' is no number from 0 up to, not including, 1"),
    ("train good.csv --forget-bias inf", "argument --forget-bias: 'inf' is no finite number"),
    (
        "train good.csv --optimizer lion",
        "argument --optimizer: 'lion' is not known; use adam, adamw, sgd, momentum, rmsprop, adagrad or nadam",
    ),
    (
        "train good.csv --schedule warm",
        "argument --schedule: 'warm' is not known; use none, cosine, linear, step, onecycle or plateau",
    ),
    ("train good.csv --patience 0", "argument --patience: '0' is no whole number from 1 to 1000000"),
    ("train good.csv --every 0.5", "argument --every: '0.5' is no whole number from 1 to 1000000"),
    # options that do not go together
    (
        "train good.txt --bidirectional",
        "--bidirectional does not go with text: a network that reads backwards sees the next token, which it is to "
        "tell; leave it out",
    ),
    (
        "train good.csv --forget-bias 1",
        "--forget-bias is for the forget gate of an lstm, and --cell is rnn; leave it out",
    ),
    ("train good.csv --flow 0 --run a", "argument --flow: '0' is no whole number from 1 to 1000000"),
    ("train good.csv --flow 5", "--flow keeps its record in the folder of a run; give it one with --run FOLDER"),
    (
        "train good.csv --flow 5 --window 1 --run a",
        "--flow shows the way back through time, and --window 1 has none; give a longer window",
    ),
    (
        "train good.csv --patience 2 --window 14",
        "good.csv has 20 rows, too few for windows of 14, the value after each, and parts to be validated and judged "
        "by; give at least 22 rows or a smaller --window",
    ),
    (
        "train good.csv --resume good.run --lr 1",
        "--lr was fixed when the run began; start another run with --run, or leave it out",
    ),
    # runs
    ("train good.csv --run nowhere/a", "--run nowhere/a: there is no folder nowhere; make it first"),
    ("train good.csv --run good.csv", "--run good.csv: it is a file; give the name of a folder"),
    ("train good.csv --run full", "--run full: the folder is not empty; give another name"),
    (
        "train good.csv --run broken",
        "--run broken: there is a run already; go on with --resume broken, or give another name",
    ),
    *(
        (arguments, "nothing holds no run (no config.json); give a folder that train --run made")
        for arguments in (
            "train --resume nothing",
            "sample nothing",
            "predict nothing",
            "evaluate nothing good.csv",
            "draw nothing --picture none",
            "export nothing a.onnx",
        )
    ),
    ("sample good.csv", "good.csv holds no run (no config.json); give a folder that train --run made"),
    ("draw a --beside ./a", "./a is the run it is to stand beside; give another one with --beside"),
    ("draw nothing --beside broken", "nothing holds no run (no config.json); give a folder that train --run made"),
    (
        "draw good.run --beside broken --picture a.svg",
        "--beside draws a page, and a.svg does not end in .html; give a name that does",
    ),
    ("predict broken", "broken: config.json is not that of a run, or of another version; start a new run"),
    (
        "draw garbled --picture none",
        "garbled: config.json is damaged (Expecting value: line 1 column 1 (char 0)); start a new run",
    ),
    ("evaluate lacking good.csv", "lacking: config.json is damaged (KeyError: 'file'); start a new run"),
    ("export broken a.txt", "a.txt does not end in .onnx, which is what is written; give a name that does"),
    ("ops tanh tank", "there is no operation 'tank'; tinygrad-rnn ops lists them all"),
    (
        "train good.csv --column close --level word",
        "--column is for numbers and --level for text; give one of them",
    ),
    (
        "train good.csv --prompt the",
        "--prompt does not go with a series of numbers, which good.csv is taken for; leave it out, or give "
        "--level word",
    ),
    # the prompt
    (
        "train good.txt --prompt zebra",
        "--prompt: the word 'zebra' is not among the 9 this vocabulary knows; use known ones",
    ),
    ("train good.txt --prompt ", "--prompt is empty; give words of the text, or leave it out"),
    # the picture
    (
        "train good.csv --picture nowhere/bptt.svg",
        "the picture cannot be written to nowhere/bptt.svg: there is no folder nowhere; make it first",
    ),
    (
        "train good.csv --picture folder.svg",
        "the picture cannot be written to folder.svg: it is a folder; give a file name in it",
    ),
    (
        "demo bptt --picture good.csv/bptt.svg",
        "the picture cannot be written to good.csv/bptt.svg: there is no folder good.csv; make it first",
    ),
    (
        "train good.csv --picture /dev/null",
        "the picture cannot be written to /dev/null: it is no ordinary file; give another name",
    ),
    (
        "demo bptt --picture bptt.txt",
        "cannot save a picture as 'bptt.txt': the name has to end in .svg, .png, .pdf, .html or .dot; the option "
        "--picture takes another name, or none",
    ),
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with these files and a folder in it."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.svg").mkdir()
    for name, file, text in (
        ("full", "a", ""),
        ("broken", "config.json", '{"version": 99}'),
        ("garbled", "config.json", "checkpoint"),
        ("lacking", "config.json", '{"version": 2, "kind": "series"}'),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def status_of(arguments: list[str]) -> int:
    """The exit status of the command, run here and not in a process of its own: there are many cases."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize(("arguments", "message"), CASES, ids=[case[0] or "nothing" for case in CASES])
def test_one_line_status_2_and_nothing_written(
    desk: Path, capsys: pytest.CaptureFixture[str], arguments: str, message: str
) -> None:
    before = sorted(desk.iterdir())
    status = status_of(arguments.split(" ") if arguments else [])
    done = capsys.readouterr()
    hint = "; see tinygrad-rnn"
    said = done.err.partition(hint)[0] + "\n" if hint in done.err else done.err
    assert said == f"tinygrad-rnn: {message.format(here=desk)}\n"
    assert done.err.count("\n") == 1
    assert (status, done.out) == (2, "")
    assert sorted(desk.iterdir()) == before


def test_the_same_in_a_process_of_its_own(desk: Path, run: Run) -> None:
    done = run("train", "good.csv", "--column", "price")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tinygrad-rnn: good.csv has no column 'price'; its columns are date, open, close\n"
    done = run("train", "good.csv", "--window", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "tinygrad-rnn: argument --window: '0' is no whole number from 1 to 200; see tinygrad-rnn train --help\n"
    )
    assert sorted(desk.glob("*.svg")) == [desk / "folder.svg"]


def test_a_folder_without_permission(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:  # whoever runs the tests may be allowed to write anywhere
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert main(["train", "good.csv", "--picture", "bptt.svg"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("tinygrad-rnn: the picture cannot be written to bptt.svg: Permission denied; give a path")
    assert not (desk / "bptt.svg").exists()


def test_a_file_without_permission(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "old.svg").write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert main(["demo", "bptt", "--picture", "old.svg"]) == 2
    said = capsys.readouterr().err
    assert said == "tinygrad-rnn: the picture cannot be written to old.svg: the file is read-only; give another name\n"
    assert (desk / "old.svg").read_text() == "old"


def test_resuming_in_a_folder_that_cannot_be_written_to(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["train", "good.csv", "--epochs", "1", "--picture", "none", "--quiet", "--run", "run"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert main(["train", "--resume", "run", "--epochs", "2"]) == 2
    said = capsys.readouterr().err
    assert said == (
        "tinygrad-rnn: run: the folder cannot be written to; copy it to a place that can, and resume that\n"
    )


def test_a_disk_that_refuses(desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for number, cure in (
        (errno.EACCES, "give a place that can be written to"),
        (errno.ENOSPC, "make room, or give an"),
    ):

        def refuse(*_: object, number: int = number) -> None:
            raise OSError(number, os.strerror(number), "checkpoint.safetensors")

        monkeypatch.setattr("tinygrad_rnn.lab.cli.run_folder.write", refuse)
        assert main(["train", "good.csv", "--epochs", "1", "--picture", "none", "--run", f"run{number}"]) == 2
        said = capsys.readouterr().err
        assert said.startswith("tinygrad-rnn: the disk refused 'checkpoint.safetensors': ") and cure in said


def test_a_picture_without_a_program_to_draw_it(desk: Path, here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYGRAD_RNN_DOT", "/no/such/dot")
    done = here("train", "good.csv")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "/no/such/dot" in done.stderr and "--picture" in done.stderr
    assert here("train", "good.csv", "--picture", "bptt.dot", "--epochs", "1").returncode == 0
    assert "digraph" in (desk / "bptt.dot").read_text()


def test_training_that_diverges(desk: Path, here: Run) -> None:
    done = here("train", "good.csv", "--lr", "1e30")
    assert done.returncode == 1
    assert done.stderr.startswith("tinygrad-rnn: training diverged: ") and done.stderr.count("\n") == 1
    assert done.stderr.endswith("; lower --lr (1e+30) or lower --clip (1), and see demo clipping\n")
    assert not (desk / "bptt.svg").exists()


def test_a_name_of_two_lines_is_shown_on_one(here: Run) -> None:
    done = here("train", "a\nb\x1b[31m.csv")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "a\\nb\\x1b[31m.csv" in done.stderr
