"""The pictures that must not change unseen, and what they said when they were last looked at.

    python -m tests.viz.goldens                 what has changed since the files of golden/ were written
    python -m tests.viz.goldens --write         write them anew
    python -m tests.viz.goldens --keep FOLDER   keep every text whole, before a change ...
    python -m tests.viz.goldens --since FOLDER  ... and say of every picture what it changed

golden/pictures.txt has a line for each picture, golden/looks.txt its colours, fonts and pens, and ten pictures are told
in full, each in a file.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import tinygrad_rnn as tg
from docs.graphs import GRAPHS
from docs.make_gallery import blocks, picture_of, run
from tests.viz.facts import parts_of
from tests.viz.telling import (
    Lines,
    Looks,
    changed_lines,
    changed_looks,
    changed_rows,
    compared,
    looks,
    row,
    told,
)

GOLDEN = Path(__file__).parent / "golden"
#: One for each view and kind of graph: these are told in full.
TOLD = (
    "square",
    "one-tanh",
    "broken",
    "truncated",
    "view-mlp-full",
    "view-rnn-chain",
    "view-both-directions-cells",
    "view-lstm-rolled",
    "view-attention-modules",
    "view-double-backward-modules",
)


def square() -> tg.Tensor:
    """No time steps: 2 sum(x)."""
    x = tg.tensor([3.0, -2.0], dtype=tg.float64, requires_grad=True)
    x.name = "x"
    return (x + x).sum()


def one_tanh() -> tg.Tensor:
    """Two steps of h = tanh(w h)."""
    w = tg.tensor([0.5], dtype=tg.float64, requires_grad=True)
    w.name = "w"
    h = tg.tensor([1.0], dtype=tg.float64)
    for t in (1, 2):
        with tg.step(t):
            h = tg.tanh(w * h)
    return h.sum()


@cache
def texts() -> Mapping[str, str]:
    """Every picture by name: the two small ones, those of docs/gallery.md, those of docs/views.md."""
    made = {"square": tg.draw(square()).dot, "one-tanh": tg.draw(one_tanh()).dot}
    with tempfile.TemporaryDirectory() as folder:
        run(blocks("dot"), Path(folder))
        made |= {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.dot"))}
    for graph in GRAPHS:
        made |= {f"view-{graph.file}-{view}": picture_of(graph, view).dot for view in graph.views}
    return made


def files(drawn: Mapping[str, str]) -> dict[str, str]:
    """What the files of golden/ have to say of drawn pictures, by name."""
    pictures = {name: parts_of(text) for name, text in drawn.items()}
    wide = max(map(len, pictures))
    head = f"{'picture':{wide}} nodes edges groups  size         structure looks   places    nodes and edges by class"
    table = [head, *(f"{name:{wide}} {row(parts)}" for name, parts in pictures.items())]
    seen = looks(part for parts in pictures.values() for part in parts)
    rows = [f"{kind:24} {look:20} {value:28} {n:6}" for (kind, look, value), n in sorted(seen.items())]
    made = {"pictures.txt": table, "looks.txt": rows}
    made |= {f"{name}.txt": [f"{key}: {line}" for key, line in told(pictures[name]).items()] for name in TOLD}
    return {name: "\n".join(line.rstrip() for line in lines) + "\n" for name, lines in made.items()}


def kept(name: str) -> str:
    """A file of golden/."""
    return (GOLDEN / name).read_text(encoding="utf-8")


def rows_in(text: str) -> Lines:
    """The lines of golden/pictures.txt by picture."""
    return {line.split()[0]: line.partition(" ")[2] for line in text.splitlines()[1:]}


def lines_in(text: str) -> Lines:
    """The lines of a picture told in full."""
    return {key: line for key, _, line in (line.partition(": ") for line in text.splitlines())}


def looks_in(text: str) -> Looks:
    """The lines of golden/looks.txt."""
    split = (re.split(r" {2,}", line) for line in text.splitlines())
    return Looks({(kind, look, value): int(n) for kind, look, value, n in split})


def changes(name: str, old: str, new: str) -> list[str]:
    """What is different between two texts of a file of golden/, in sentences."""
    if name == "looks.txt":
        return changed_looks(looks_in(old), looks_in(new))
    if name == "pictures.txt":
        return changed_rows(rows_in(old), rows_in(new))
    return changed_lines(lines_in(old), lines_in(new))


def main() -> None:
    """Compare, write or keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    do = parser.add_mutually_exclusive_group()
    do.add_argument("--write", action="store_true")
    do.add_argument("--keep", metavar="FOLDER", type=Path)
    do.add_argument("--since", metavar="FOLDER", type=Path)
    options = parser.parse_args()
    if options.keep or options.since:
        folder: Path = options.keep or options.since
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts().items():
            path = folder / f"{name}.txt"
            if options.keep:
                path.write_text(text, encoding="utf-8")
            else:
                found = compared(path.read_text(encoding="utf-8"), text) if path.exists() else ["a new picture"]
                print(*[f"{name}: {words}" for words in found], sep="\n", end="\n" * bool(found))
        return
    made = files(texts())
    if options.write:
        GOLDEN.mkdir(exist_ok=True)
        for path in GOLDEN.iterdir():
            path.unlink()
    for name, text in made.items():
        if options.write:
            (GOLDEN / name).write_text(text, encoding="utf-8")
        elif text != kept(name):
            print(f"{name}:", *changes(name, kept(name), text), sep="\n  ")


if __name__ == "__main__":
    main()
