"""Numbers in the prose of a page that runs are numbers that it computes: in its code, hidden cells too, or its outputs.

A writer states 0.0833 in a sentence and it stands in an output; or, where nothing prints it, in an assertion
of a cell with the tag remove-cell. What a page does not compute is a row of ELSEWHERE with the reason.
"""

import math
import re
from collections.abc import Iterable, Iterator
from html import unescape

#: Of a page, numbers that stand for something else than what it computes.
ELSEWHERE = {
    "learn/watching.md": {"forty": "the change that the reader is asked to make"},
}
CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.MULTILINE | re.DOTALL)
#: What is no statement: the head of a file, names of code, addresses, sources, headings, exercises and pages by number.
SILENT = re.compile(
    r"\A---.*?^---$|^```(?:python|console|text)$.*?^```$|`[^`\n]*`|\]\([^)]*\)|^\*Sources?\.\*.*?(?=^\{nb|\Z)|^#[^\n]*|\{nb-download\}[^\n]*"
    r"|^\*\*Practise:\*\*[^\n]*|\b(?:19|20)\d\d\b|\b(?:page|claim|section|number) \d+|\[page \d+",
    re.MULTILINE | re.DOTALL,
)
#: 10^{-27}, 1e-6, 0.0833, 114.76; no index of a letter and no exponent.
NUMBER = re.compile(
    r"(?<![\w.^_{-])(?P<power>10\^(?:\{(?P<wide>-?\d+)\}|(?P<one>\d)))|(?<![\w.^_])(?P<plain>\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?)(?![\w^])"
)
WORDS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
UNITS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WRITTEN = re.compile(
    rf"\b(?:({'|'.join(WORDS)})(?:-({'|'.join(UNITS[1:])}))?|(a|{'|'.join(UNITS[1:])}) (hundred|thousand))\b",
    re.IGNORECASE,
)


def stated(page: str, least: float = 10) -> Iterator[tuple[str, float, float]]:
    """Every number in the prose of a page: as it stands there, its value, and what its last digit is worth.

    One below ``least`` without a point counts things.
    """
    prose = SILENT.sub(" ", CELL.sub(" ", page))
    for found in NUMBER.finditer(prose):
        if found["power"]:
            yield found[0], 10.0 ** int(found["wide"] or found["one"]), 0.0
        else:
            text = found["plain"].replace(",", "")
            digits, _, power = text.partition("e")
            worth = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
            if float(text) >= least or "." in digits or power:
                yield found[0], float(text), worth
    for found in WRITTEN.finditer(prose):
        tens, unit, count, times = (each and each.lower() for each in found.groups())
        if tens:
            yield found[0], WORDS[tens] + UNITS.index(unit or ""), 1.0
        else:
            yield (
                found[0],
                max(1, UNITS.index(count) if count in UNITS else 1) * (100.0 if times == "hundred" else 1000.0),
                1.0,
            )


def computed(page: str, html: str) -> set[float]:
    """Every number in the cells of a page, hidden or not, and in what they printed."""
    outputs = re.findall(r'<div class="output[^>]*>.*?(?=<p>|<section|<div class="cell |\Z)', html, re.DOTALL)
    shown = unescape(re.sub(r"<[^>]+>", " ", " ".join(outputs)))
    return figures(" ".join(CELL.findall(page)) + " " + shown)


def figures(text: str) -> set[float]:
    """Every number in a text, without its sign."""
    return {abs(float(each)) for each in re.findall(r"(?<![\w.])\d+(?:\.\d*)?(?:e[-+]?\d+)?", text)}


def unfounded(page: str, numbers: Iterable[float], but: Iterable[str] = ()) -> list[str]:
    """The numbers a page states that none of its cells has or printed, up to the digits that are stated."""
    known = [each for each in numbers if each > 0]

    def found(text: str, value: float, worth: float) -> bool:
        if worth == 0:  # a power of ten says a size
            return any(round(math.log10(each)) == round(math.log10(value)) for each in known)
        rounding = 0.5000001 * worth if "." in text or "e" in text else 0.0
        return any(abs(each - value) <= rounding + 1e-9 * value for each in known)

    return [text for text, value, worth in stated(page) if text not in but and not found(text, value, worth)]
