"""What `bench/data.py` left for its peers, and how they say what they measured.

The folder named by the first argument holds `job.json`, `time.npy` (closes, microseconds since
1970), one `N.npy` a series (open, high, low, close, volume as rows), and the times at which stories
and figures were first seen, beside the answers that a join must give.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

MINUTE = 60_000_000
NAMES = ("o", "h", "l", "c", "v")


class Job:
    """The data, and how much of what is asked: `batched` series are written `batch` at a time."""

    def __init__(self):
        self.folder = Path(sys.argv[1])
        said = json.loads((self.folder / "job.json").read_text())
        self.series, self.batched = said["series"], said["batched"]
        self.batch, self.latest, self.rounds = said["batch"], said["latest"], said["rounds"]
        self.time = self.array("time")
        self.rows = self.time.size
        self.since = int(self.time[-1]) - (self.latest - 1) * MINUTE

    def array(self, name):
        """Return one of the arrays that were left."""
        return np.load(self.folder / f"{name}.npy")

    def columns(self, series):
        """Return the columns of a series by name; `s` is its number."""
        values = dict(zip(NAMES, self.array(str(series)), strict=True))
        return {"s": np.full(self.rows, series, dtype=np.int32), "t": self.time, **values}

    def check(self, closes):
        """Stop unless these are the closes of the first series, all or the latest."""
        wanted = self.array("0")[NAMES.index("c")]
        assert np.array_equal(closes, wanted[-len(closes) :]), "other bars came back"

    def same(self, found, name):
        """Stop unless a join found what was left as its answer; NaN where nothing was seen."""
        found = np.asarray(found, dtype=float)
        assert np.array_equal(found, self.array(name), equal_nan=True), f"another {name}"


def seconds(action, rounds):
    """Return the median of how long `action` takes."""
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        action()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def say(peer, figures):
    """Print (what, value, unit) of each figure as the bench reads it."""
    print(json.dumps([{"what": w, "peer": peer, "value": v, "unit": u} for w, v, u in figures]))
