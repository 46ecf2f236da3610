"""Parts: the files a page is made of, templates with markers, and the head they share."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files


@cache
def static(name: str) -> str:
    """The text of a file in ``static``."""
    return (files(str(__package__)) / "static" / name).read_text(encoding="utf-8")


def filled(name: str, parts: Mapping[str, str]) -> str:
    """A template with its markers replaced, in one pass: what is put in is never searched for markers again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], static(name))


def head(title: str, style: str, script: str) -> str:
    """The head of a page whose content security policy allows its script and style sheet by their hashes alone."""
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return filled("head.html", {"policy": policy, "title": escape(title), "style": style})


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
