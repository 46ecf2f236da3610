"""What a picture says, read back from its DOT text part by part.

Nothing of the text is left out: what is not in `says`, `css` or `looks` is in `place`, so that two pictures whose parts
are equal are the same picture.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["picture", "group", "node", "edge"]
Attributes = dict[str, str]

#: Attributes that say where a part stands and how large it is, with the numbers by which the text refers to it.
PLACE = {"pos", "bb", "width", "height", "id"}
#: Attributes that are words to be read.
WORDS = {"label", "tooltip", "edgetooltip", "title"}
#: What statements about the whole picture are called.
WHOLE = {"//": "how to draw it", "graph": "picture", "node": "every node", "edge": "every edge"}


@dataclass(frozen=True)
class Part:
    """One node, edge or group, or the picture itself.

    name: "a1", for an edge "a1 -> s1", for a group its id; alike names get numbers. css: its class. group: the group
    that it stands in. says: its words in their order. looks: attribute and value in their order; those of a table in
    the label have their tag before them ("FONT COLOR"). place: where it stands, how large it is.
    """

    kind: Kind
    name: str
    css: str
    group: str
    says: tuple[str, ...]
    looks: tuple[tuple[str, str], ...]
    place: tuple[str, ...]


def parts_of(text: str) -> list[Part]:
    """The parts of a picture in the order of the text."""
    return _numbered(_of_dot(text))


def _numbered(parts: Iterator[Part]) -> list[Part]:
    """The parts, those of one kind and name told apart by a number: "x -> v1", "x -> v1 (2)"."""
    seen = Counter[tuple[str, str]]()
    found = []
    for part in parts:
        seen[part.kind, part.name] += 1
        count = seen[part.kind, part.name]
        name = part.name if count == 1 else f"{part.name} ({count})"
        found.append(Part(part.kind, name, part.css, part.group, part.says, part.looks, part.place))
    return found


def _part(kind: Kind, name: str, group: str, attributes: Attributes, number: str) -> Part:
    """A part of a DOT text, its attributes sorted by what they are about."""
    says: list[str] = []
    looks: list[tuple[str, str]] = []
    place = [number]
    for key, value in attributes.items():
        if value.startswith("<"):
            looks.append((key, "like HTML"))
            for tag, inner, words in _label(value):
                for each, what in inner.items():
                    if each.lower() in PLACE:
                        place.append(what)
                    elif each.lower() in WORDS:
                        says.append(what)
                    else:
                        looks.append((f"{tag} {each}", what))
                looks += [(tag, "")] * (not inner)
                says += [words] * bool(words)
        elif key in PLACE:
            place.append(f"{key}={value}")
        elif key in WORDS:
            says += [value] * bool(value)
            looks += [(key, "none")] * (not value)
        elif key != "class":
            looks.append((key, value))
    return Part(kind, name, attributes.get("class", ""), group, tuple(says), tuple(looks), tuple(place))


def _label(html: str) -> Iterator[tuple[str, Attributes, str]]:
    """The tags of a label like HTML: name, attributes, words."""
    root = ET.fromstring(f"<LABEL>{html[1:-1]}</LABEL>")
    for element in root.iter():
        if element is not root:
            yield element.tag, element.attrib, (element.text or "").strip()
        if (element.tail or "").strip():
            yield "tail", {}, (element.tail or "").strip()


def _of_dot(text: str) -> Iterator[Part]:
    statements = list(_statements(text))
    names = {number: _name(number, attributes) for _, _, number, attributes in statements if " -> " not in number}
    groups = {
        group: _group(group, attributes) for group, _, number, attributes in statements if group and number == "graph"
    }
    for group, opened, number, attributes in statements:
        within = groups.get(group, group)
        if opened:
            yield Part("picture", f"group {within}", "", "", (), (), (number,))
        elif number == "graph" and group:
            yield _part("group", within, "", attributes, group)
        elif number in WHOLE:
            yield _part("picture", WHOLE[number], "", attributes, "")
        elif " -> " in number:
            ends = " -> ".join(names.get(end, end) for end in number.split(" -> "))
            yield _part("edge", ends, within, attributes, number)
        else:
            yield _part("node", names[number], within, attributes, number)


def _name(number: str, attributes: Attributes) -> str:
    """What a node is called: "a1" of the tooltip "a1 = W_xh @ x1", else what the text calls it."""
    said = attributes.get("tooltip", "") if re.fullmatch(r"[nb]\d+", number) else ""
    return said.split(" = " if " = " in said else " (")[0] or number


def _group(number: str, attributes: Attributes) -> str:
    label = attributes.get("label", "")
    words = " ".join(words for _, _, words in _label(label) if words) if label.startswith("<") else label
    return attributes.get("id") or words or number


def _statements(text: str) -> Iterator[tuple[str, bool, str, Attributes]]:
    """The statements of a DOT text: the group it stands in, whether it opens one, whom it is about, its attributes."""
    tokens = _tokens(text)
    open_groups = [""]
    for token in tokens:
        if token.startswith("//"):
            yield "", False, "//", {"label": token}
        elif token == "}":
            open_groups.pop()
        elif token in ("digraph", "subgraph"):
            name = next(tokens)
            open_groups.append(name if token == "subgraph" else "")
            assert next(tokens) == "{", f"{token} {name} is not followed by what is in it"
            yield name, True, f"{token} {name}, within {open_groups[-2]!r}", {}
        else:
            following = next(tokens)
            if following == "->":
                token, following = f"{token} -> {next(tokens)}", next(tokens)
            assert following == "[", f"{token} is followed by {following!r}, not by its attributes"
            yield open_groups[-1], False, token, dict(_attributes(tokens))
    assert open_groups == [""], f"{open_groups} are not closed"


def _attributes(tokens: Iterator[str]) -> Iterator[tuple[str, str]]:
    for key in tokens:
        if key == "]":
            return
        assert next(tokens) == "=", f"{key} has no value"
        value = next(tokens)
        yield key, re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
    raise AssertionError("attributes without an end")


def _tokens(text: str) -> Iterator[str]:
    """Words, texts in quotes, labels like HTML (in their angle brackets), comments and signs."""
    at, token = 0, re.compile(r'\s*(//[^\n]*|"(?:[^"\\]|\\.)*"|->|[\[\]{}=]|[\w.+-]+|<|$)')
    while at < len(text):
        found = token.match(text, at)
        assert found is not None, f"no DOT: {text[at : at + 40]!r}"
        at = found.end()
        if found[1] == "<":
            depth, begin = 1, at - 1
            while depth:
                depth += {"<": 1, ">": -1}.get(text[at], 0)
                at += 1
            yield text[begin:at]
        elif found[1]:
            yield found[1]
