"""DuckDB keeping the bars that `bench/data.py` left, in one table, and joining as of a time.

Needs: duckdb numpy pyarrow
"""

import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from job import MINUTE, Job, say, seconds

TABLE = "create table bars (s int, t bigint, o double, h double, l double, c double, v double)"
LATEST = "select s, t, o, h, l, c, v from bars where t >= ?"


def main():
    job = Job()
    with tempfile.TemporaryDirectory(dir=job.folder) as folder:
        file = Path(folder) / "bars.duckdb"
        base, written = kept(file, job, job.series, job.rows)
        size = file.stat().st_size
        _, batched = kept(Path(folder) / "batched.duckdb", job, job.batched, job.batch)
        table = base.execute("select c from bars where s = 0").to_arrow_table()
        job.check(table["c"].to_numpy())
        last, ends = int(job.time[-1]), [0]

        def read():
            for series in range(job.series):
                query = f"select t, o, h, l, c, v from bars where s = {series}"
                assert base.execute(query).to_arrow_table().num_rows == job.rows

        def latest_of_one():
            found = base.execute(f"{LATEST} and s = 0 order by t", [job.since]).to_arrow_table()
            assert found.num_rows == job.latest
            return found

        def latest_of_all():
            found = base.execute(f"{LATEST} order by s, t", [job.since]).to_arrow_table()
            assert found.num_rows == job.latest * job.series

        def more():
            ends[0] += 1
            at = last + ends[0] * MINUTE
            query = f"insert into bars select s, {at}, 1, 1, 1, 1, 1 from range({job.series}) x(s)"
            base.execute(query)

        job.check(latest_of_one()["c"].to_numpy())
        rows = job.series * job.rows / 1e6
        figures = [
            ("written in one go", rows / written, "M rows/s"),
            ("written in batches", job.batched * job.rows / 1e6 / batched, "M rows/s"),
            ("read", rows / seconds(read, 3), "M rows/s"),
            ("latest 1,000 bars of one series", 1e3 * seconds(latest_of_one, 20), "ms"),
            ("latest 1,000 bars of all series", 1e3 * seconds(latest_of_all, 10), "ms"),
            ("one more bar of every series, durable", 1e3 * seconds(more, job.rounds), "ms"),
            *joins(base, job),
            ("on disk", size / (job.series * job.rows), "B/bar"),
        ]
    say(f"DuckDB {duckdb.__version__}", figures)


def kept(file, job, series, at_once):
    """Return a database of the first so many series, and the seconds of writing them."""
    base = duckdb.connect(str(file))
    base.execute(TABLE)
    taken = 0.0
    for number in range(series):
        table = pa.table(job.columns(number))
        taken += seconds(lambda table=table: insert(base, table, at_once), 1)
        base.unregister("made")
    return base, taken + seconds(lambda: base.execute("checkpoint"), 1)


def insert(base, table, at_once):
    for start in range(0, table.num_rows, at_once):
        base.register("made", table.slice(start, at_once))
        base.execute("insert into bars select * from made")


def joins(base, job):
    """Yield the as-of joins: minutes since the last story, and the last level of a rate."""
    base.register("made", pa.table({"t": job.time}))
    base.execute("create temp table one as select t from made")
    for name, said in (
        ("stories", f"(one.t - seen) / {MINUTE}.0::double"),
        ("releases", "value"),
    ):
        columns = {"seen": job.array(f"{name}_seen")}
        columns["value"] = job.array(f"{name}_value")
        base.register("made", pa.table(columns))
        base.execute(f"create temp table {name} as select * from made")
        query = f"select one.t, {said} as found from one asof left join {name} on one.t >= seen"
        table = base.execute(query).to_arrow_table()
        order = np.argsort(table["t"].to_numpy())
        job.same(table["found"].to_numpy()[order], f"{name}_found")
        taken = seconds(lambda query=query: base.execute(query).to_arrow_table(), 5)
        yield (f"as-of join of {name}", 1e3 * taken, "ms")


if __name__ == "__main__":
    main()
