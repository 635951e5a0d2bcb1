"""pyarrow keeping the bars that `bench/data.py` left as Parquet, a file a series, each synced.

It has no way to make one more bar durable but another file, so that is not measured. A batch is a
file, too.

Needs: numpy pyarrow
"""

import os
import tempfile
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from job import MINUTE, Job, say, seconds

ROWS_PER_GROUP = 65_536


def main():
    job = Job()
    with tempfile.TemporaryDirectory(dir=job.folder) as place:
        folder = Path(place)
        written = batched = 0.0
        for number in range(job.series):
            table = pa.table(job.columns(number)).drop_columns("s")
            written += seconds(partial(put, folder / f"{number}.parquet", table), 1)
            if number < job.batched:
                batched += seconds(partial(put_batches, folder / str(number), table, job.batch), 1)
        size = sum(file.stat().st_size for file in folder.glob("*.parquet"))

        def read():
            for number in range(job.series):
                assert pq.read_table(folder / f"{number}.parquet").num_rows == job.rows

        def latest_of_all():
            for number in range(job.series):
                latest(folder / f"{number}.parquet", job.latest)

        job.check(pq.read_table(folder / "0.parquet")["c"].to_numpy())
        job.check(latest(folder / "0.parquet", job.latest)["c"].to_numpy())
        of_one = seconds(lambda: latest(folder / "0.parquet", job.latest), 20)
        rows = job.series * job.rows / 1e6
        figures = [
            ("written in one go", rows / written, "M rows/s"),
            ("written in batches", job.batched * job.rows / 1e6 / batched, "M rows/s"),
            ("read", rows / seconds(read, 3), "M rows/s"),
            ("latest 1,000 bars of one series", 1e3 * of_one, "ms"),
            ("latest 1,000 bars of all series", 1e3 * seconds(latest_of_all, 5), "ms"),
            *joins(job),
            ("on disk", size / (job.series * job.rows), "B/bar"),
        ]
    say(f"pyarrow {pa.__version__}", figures)


def put(path, table):
    with path.open("wb") as file:
        pq.write_table(table, file, compression="lz4", row_group_size=ROWS_PER_GROUP)
        file.flush()
        os.fsync(file.fileno())


def put_batches(folder, table, at_once):
    folder.mkdir()
    for start in range(0, table.num_rows, at_once):
        put(folder / f"{start}.parquet", table.slice(start, at_once))


def latest(path, rows):
    file = pq.ParquetFile(path)
    groups, held = [], 0
    for group in reversed(range(file.num_row_groups)):
        groups.insert(0, group)
        held += file.metadata.row_group(group).num_rows
        if held >= rows:
            break
    return file.read_row_groups(groups).slice(held - rows)


def joins(job):
    """Yield the as-of joins: the last story, and the last level of a rate."""
    bars = pa.table({"t": job.time})
    for name in ("stories", "releases"):
        seen, value = job.array(f"{name}_seen"), job.array(f"{name}_value")
        right = pa.table({"seen": seen, "last": seen, "value": value})

        def joined(right=right):
            return bars.join_asof(right, "t", [], -(2**62), right_on="seen", right_by=[])

        table = joined()
        last, value = (table[one].to_numpy(zero_copy_only=False) for one in ("last", "value"))
        found = (job.time - last) / MINUTE if name == "stories" else value
        job.same(found, f"{name}_found")
        yield (f"as-of join of {name}", 1e3 * seconds(joined, 2), "ms")


if __name__ == "__main__":
    main()
