"""Parts: the files a page is made of, templates with markers, and the hashes its content policy allows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

__all__ = ["filled", "policy", "static"]


@cache
def static(name: str) -> str:
    """The text of a file in ``static``."""
    return (files(__package__) / "static" / name).read_text(encoding="utf-8")


def filled(name: str, parts: Mapping[str, str]) -> str:
    """A template with its markers replaced, in one pass: what is put in is never searched for markers again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], static(name))


def policy(script: str, style: str) -> str:
    """A content security policy that allows this script and this style sheet by their hashes, and nothing else."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
