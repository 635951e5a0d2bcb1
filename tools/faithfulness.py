"""Put every member's account of itself to the test of planted columns, and write the table.

`python tools/faithfulness.py` writes `src/assay/models/faithfulness.json`; `--check` says whether
it is what would be written, for the members that are named or for all. A minute or two.
"""

import json
import sys
from pathlib import Path

from assay.models.catalog import MEMBERS
from assay.models.faithfulness import TABLE, judged

PLACE = Path(__file__).parents[1] / "src" / "assay" / "models" / TABLE


def main() -> int:
    """Write the table, or compare it."""
    check = "--check" in sys.argv
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or list(MEMBERS.names())
    kept = json.loads(PLACE.read_text()) if PLACE.exists() else {}
    found = {}
    for name in names:
        found[name] = judged(name)
        print(name, found[name], flush=True)
    if check:
        odd = [name for name in names if kept.get(name) != found[name]]
        print(f"other than in {TABLE}: {', '.join(odd)}" if odd else "as it is written")
        return int(bool(odd))
    whole = {name: line for name, line in sorted((kept | found).items()) if name in MEMBERS.names()}
    PLACE.write_text(json.dumps(whole, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
