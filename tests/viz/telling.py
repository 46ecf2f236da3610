"""Pictures in words: a line for a table, all that is told of one, its looks, and what changed in each of these."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

from tests.viz.facts import Part, parts_of

#: Looks that golden/looks.txt lists, and what they are called there; all others are in the hash of looks alone.
LOOKS = {
    "TABLE BGCOLOR": "fill",
    "TD BGCOLOR": "fill of a cell",
    "TABLE COLOR": "border",
    "TABLE BORDER": "width of the border",
    "TABLE STYLE": "dash of the border",
    "FONT COLOR": "ink",
    "FONT POINT-SIZE": "size of text",
    "FONT FACE": "font",
    "bgcolor": "fill",
    "fillcolor": "fill",
    "color": "colour",
    "penwidth": "width",
    "style": "dash",
    "arrowsize": "size of the arrow",
    "fontname": "font",
    "fontsize": "size of text",
    "fontcolor": "ink",
}
Lines = dict[str, str]
#: How often a kind of part ("parameter card") has in a look ("fill") a value.
Looks = Counter[tuple[str, str, str]]


def row(parts: Iterable[Part]) -> str:
    """What a line of golden/pictures.txt says of a picture: how many of what, how large, and three hashes.

    The hash of structure is over names, classes, groups and words; that of looks over everything that is neither words
    nor place; that of places over where and how large everything is and in which order it is drawn.
    """
    parts = list(parts)
    count = Counter(part.kind for part in parts)
    classes = Counter(part.css.split()[0] for part in parts if part.css and part.kind in ("node", "edge"))
    hashes = (
        _hash(sorted((part.kind, part.name, part.css, part.group, part.says) for part in parts)),
        _hash(sorted((part.kind, part.name, part.looks) for part in parts)),
        _hash([(part.kind, part.name, part.place) for part in parts]),
    )
    return (
        f"{count['node']:5} {count['edge']:5} {count['group']:6}  {_size(parts):12} {'  '.join(hashes)}  "
        + " ".join(f"{css}={number}" for css, number in sorted(classes.items()))
    )


def _hash(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:8]


def _size(parts: Iterable[Part]) -> str:
    """Width x height of all that has a place of its own in the text; graphviz places the rest."""
    xs, ys = [], []
    for part in parts:
        for found in re.findall(r"(?:pos|bb)=[se,]*(-?[\d.]+),(-?[\d.]+)(?:,(-?[\d.]+),(-?[\d.]+))?", str(part.place)):
            numbers = [float(number) for number in found if number]
            xs += numbers[::2]
            ys += numbers[1::2]
    return f"{max(xs) - min(xs):.0f}x{max(ys) - min(ys):.0f}" if xs else "-"


def told(parts: Iterable[Part]) -> Lines:
    """A picture in words: who is there, what is joined, what it says; the marks of the legend are one line."""
    lines: Lines = {}
    legend: list[str] = []
    for part in parts:
        if part.group == "legend":
            legend += part.says
        elif part.css or part.says:
            where = f" in {part.group}" if part.group else ""
            words = " | ".join(word for word in part.says if word != part.name)
            lines[f"{part.kind} {part.name}"] = f"[{part.css}]{where} {words}".rstrip()
    return dict(sorted(lines.items())) | {"legend": " | ".join(legend)}


def looks(parts: Iterable[Part]) -> Looks:
    """How parts look, by kind of part."""
    found = Looks()
    for part in parts:
        noun = {"node": "card" if part.css in CARDS else "mark", "edge": "line"}.get(part.kind, part.kind)
        what = "legend" if part.group == "legend" else part.css.partition(" ")[0]
        if not what and part.kind == "node":
            what = re.sub(r"[\d_]+e?( \(\d+\))?$", "", part.name)
        kind = (
            f"{what} {noun}"
            if what and part.kind in ("node", "edge")
            else what or part.name
            if noun == "picture"
            else noun
        )
        found.update((kind, LOOKS[look], value) for look, value in part.looks if look in LOOKS)
    return found


#: Classes of nodes that stand for values of the graph; other nodes are marks and words.
CARDS = {"parameter", "input", "state", "op", "loss", "constant", "module", "delay"}


def changed_lines(old: Lines, new: Lines) -> list[str]:
    """What became of a picture that was told in full."""
    found = [f"lost: {key} {old[key]}" for key in old if key not in new]
    found += [f"new: {key} {new[key]}" for key in new if key not in old]
    for key in old:
        if key in new and old[key] != new[key]:
            found.append(f"changed: {key} {old[key]}\n      -> {new[key]}")
    return found


def changed_looks(old: Looks, new: Looks) -> list[str]:
    """What a restyle changed, a sentence for each look of each kind of part."""
    found = []
    for kind, look in dict.fromkeys((kind, look) for kind, look, _ in sorted(old | new)):
        gone, came = (
            {value: n for (*about, value), n in sorted((one - other).items()) if about == [kind, look]}
            for one, other in ((old, new), (new, old))
        )
        if len(gone) == len(came) == 1 and [*gone.values()] == [*came.values()]:
            ((before, n),), (after,) = gone.items(), came
            found.append(f"{look} of {n} {kind}{'s' * (n > 1)}: {before} -> {after}")
        elif gone or came:
            words = [f"{n} less with {value}" for value, n in gone.items()]
            words += [f"{n} more with {value}" for value, n in came.items()]
            found.append(f"{look} of {kind}s: {', '.join(words)}")
    return found


def changed_rows(old: Lines, new: Lines) -> list[str]:
    """What became of the lines of the table."""
    pictures: dict[str, list[str]] = {}
    for name in {**old, **new}:
        if name not in old or name not in new:
            words = ["a new picture" if name in new else "a picture less"]
        else:
            before, after = old[name].split(), new[name].split()
            words = [
                f"{what} {a} -> {b}" if what in COLUMNS[:4] else what
                for what, a, b in zip(COLUMNS, before, after, strict=False)
                if a != b
            ]
            words += [f"classes {' '.join(before[7:])} -> {' '.join(after[7:])}"] * (before[7:] != after[7:])
        if words:
            pictures.setdefault(", ".join(words), []).append(name)
    return [f"{words}: {', '.join(names)}" for words, names in pictures.items()]


COLUMNS = ("nodes", "edges", "groups", "size", "structure", "looks", "places")


def compared(old: str, new: str) -> list[str]:
    """What is different between two texts of one picture, in sentences."""
    before, after = parts_of(old), parts_of(new)
    found = changed_lines(told(before), told(after)) + changed_looks(looks(before), looks(after))
    mine, yours = ({(part.kind, part.name): part for part in parts} for parts in (before, after))
    for (kind, name), part in mine.items():
        other = yours.get((kind, name))
        if other is not None and part.looks != other.looks and not found:
            gone, came = (Counter(a.looks) - Counter(b.looks) for a, b in ((part, other), (other, part)))
            words = [" ".join(look) for one in (gone, came) for look in one.elements()]
            found.append(f"looks of {kind} {name}: {', '.join(words) or 'their order'}")
    moved = [name for key, part in mine.items() if key in yours and part.place != yours[key].place for name in key[1:]]
    found += [f"moved: {len(moved)} parts, {', '.join(moved[:5])}"] * bool(moved)
    order = [key for key in mine if key in yours] != [key for key in yours if key in mine]
    return found + ["drawn in another order"] * order
