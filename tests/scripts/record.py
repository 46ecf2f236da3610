"""Record what PyTorch prints: `python -m tests.scripts.record [name ...]` runs the scripts and writes recorded.json.

Written with PyTorch 2.13.0, so that the scripts are compared where it is not installed.
"""

import json
import sys
from pathlib import Path

from tests.scripts.loader import SCRIPTS, printed_by

RECORDED = Path(__file__).parent / "recorded.json"


def main() -> None:
    """Run all scripts, or those named on the command line."""
    texts = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    for script in sys.argv[1:] or SCRIPTS:
        texts[script] = printed_by(script, "torch").splitlines()
        print(f"{script}: {len(texts[script])} lines")
    texts = {script: texts[script] for script in SCRIPTS if script in texts}
    RECORDED.write_text(json.dumps(texts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
