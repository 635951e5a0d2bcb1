"""SQLite keeping the bars that `bench/data.py` left (WAL, `synchronous=FULL`, key series and time).

Needs: numpy
"""

import sqlite3
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from job import MINUTE, NAMES, Job, say, seconds

TABLE = (
    "create table bars (s int, t int, o real, h real, l real, c real, v real, primary key (s, t)) "
    "without rowid"
)
ONE_MORE = "insert into bars values (?, ?, 1, 1, 1, 1, 1)"
JOINS = {
    "stories": f"select (t - (select max(seen) from stories where seen <= t)) / {MINUTE}.0 "
    "from one",
    "releases": "select (select value from releases where seen <= t order by seen desc limit 1) "
    "from one",
}


def main():
    job = Job()
    with tempfile.TemporaryDirectory(dir=job.folder) as folder:
        file = Path(folder) / "bars.db"
        base, written = kept(file, job, job.series, job.rows)
        base.execute("pragma wal_checkpoint(truncate)")
        size = file.stat().st_size
        _, batched = kept(Path(folder) / "batched.db", job, job.batched, job.batch)
        last, ends = int(job.time[-1]), [0]

        def of(series, rows):
            query = "select t, o, h, l, c, v from bars where s = ? order by t desc limit ?"
            return np.array(base.execute(query, (series, rows)).fetchall())

        def read():
            for series in range(job.series):
                query = "select t, o, h, l, c, v from bars where s = ? order by t"
                assert len(np.array(base.execute(query, (series,)).fetchall())) == job.rows

        def latest_of_all():
            for series in range(job.series):
                of(series, job.latest)

        def more():
            ends[0] += 1
            at = last + ends[0] * MINUTE
            with transaction(base):
                base.executemany(ONE_MORE, ((series, at) for series in range(job.series)))

        job.check(of(0, job.rows)[::-1, 1 + NAMES.index("c")])
        of_one = seconds(lambda: of(0, job.latest), 20)
        rows = job.series * job.rows / 1e6
        figures = [
            ("written in one go", rows / written, "M rows/s"),
            ("written in batches", job.batched * job.rows / 1e6 / batched, "M rows/s"),
            ("read", rows / seconds(read, 1), "M rows/s"),
            ("latest 1,000 bars of one series", 1e3 * of_one, "ms"),
            ("latest 1,000 bars of all series", 1e3 * seconds(latest_of_all, 5), "ms"),
            ("one more bar of every series, durable", 1e3 * seconds(more, job.rounds), "ms"),
            *joins(base, job),
            ("on disk", size / (job.series * job.rows), "B/bar"),
        ]
    say(f"SQLite {sqlite3.sqlite_version}", figures)


def kept(file, job, series, at_once):
    """Return a database of the first so many series, and the seconds of writing them."""
    base = sqlite3.connect(file, isolation_level=None)
    base.execute("pragma journal_mode=wal")
    base.execute("pragma synchronous=full")
    base.execute("pragma cache_size=-200000")
    base.execute(TABLE)
    taken = 0.0
    for number in range(series):
        columns = tuple(job.columns(number).values())
        taken += seconds(partial(insert, base, columns, at_once), 1)
    return base, taken


def insert(base, columns, at_once):
    for start in range(0, columns[0].size, at_once):
        rows = zip(*(c[start : start + at_once].tolist() for c in columns), strict=True)
        with transaction(base):
            base.executemany("insert into bars values (?, ?, ?, ?, ?, ?, ?)", rows)


@contextmanager
def transaction(base):
    base.execute("begin")
    yield
    base.execute("commit")


def joins(base, job):
    """Yield the as-of joins: minutes since the last story, and the last level of a rate."""
    base.execute("create temp table one (t integer primary key)")
    base.executemany("insert into one values (?)", ((t,) for t in job.time.tolist()))
    for name, query in JOINS.items():
        rows = zip(
            job.array(f"{name}_seen").tolist(), job.array(f"{name}_value").tolist(), strict=True
        )
        base.execute(f"create temp table {name} (seen integer primary key, value real)")
        base.executemany(f"insert into {name} values (?, ?)", rows)

        def joined(query=query):
            return np.array(base.execute(query).fetchall(), dtype=float)[:, 0]

        job.same(joined(), f"{name}_found")
        yield (f"as-of join of {name}", 1e3 * seconds(joined, 3), "ms")


if __name__ == "__main__":
    main()
