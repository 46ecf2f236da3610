"""Draw the pictures of docs/gallery.md anew: run its blocks of Python in docs/pictures. Takes a few seconds.

python docs/make_gallery.py
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent


def main() -> None:
    """Run all blocks, one after the other, in one namespace."""
    sys.path.insert(0, str(DOCS.parent))
    os.chdir(DOCS / "pictures")
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", (DOCS / "gallery.md").read_text(encoding="utf-8"), re.M | re.S):
        exec(compile(block, "gallery.md", "exec"), names)


if __name__ == "__main__":
    main()
