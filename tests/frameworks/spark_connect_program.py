"""Spark Connect: the engine in the client, and in the workers of its server."""

from __future__ import annotations

import os
import sys

from checks import Checks

checks = Checks()
sys.path.insert(0, sys.argv[2])

import gocloudpickle  # noqa: E402
import pandas  # noqa: E402
from pyspark.sql import Row, SparkSession  # noqa: E402
from pyspark.sql.functions import lit, pandas_udf, udf, udtf  # noqa: E402
from spark_jobs import SETTINGS, prepare  # noqa: E402

prepare()
# The server's workers have its environment: spark.executorEnv is for the classic API.
os.environ["PYTHONPATH"] = sys.argv[2]


def dumps() -> int:
    return sum(gocloudpickle.engine_info()["dumps"].values())


factor = 3


class Repeated:
    def eval(self, x: int):
        for _ in range(factor):
            yield (x,)


with checks("connect: a session"):
    gocloudpickle.install()
    builder = SparkSession.builder.remote("local[2]")
    settings = {**SETTINGS, "spark.python.daemon.module": "gocloudpickle.spark_daemon"}
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    assert "connect" in type(spark).__module__

with checks("connect: UDFs, and the engine pickled them"):
    before = dumps()
    y = 4
    times = udf(lambda x: x * factor + y, "long")
    assert [row[0] for row in spark.range(3).select(times("id")).collect()] == [4, 7, 10]
    assert dumps() > before

with checks("connect: the engine works in a worker"):

    @udf("long")
    def counted(x):
        import gocloudpickle
        import pyspark.cloudpickle

        before = sum(gocloudpickle.engine_info()["dumps"].values())
        pyspark.cloudpickle.dumps(lambda: x)
        return sum(gocloudpickle.engine_info()["dumps"].values()) - before

    assert [row[0] for row in spark.range(4).select(counted("id")).collect()] == [1, 1, 1, 1]

with checks("connect: pandas UDFs, mapInPandas and applyInPandas"):

    @pandas_udf("long")
    def plus(column: pandas.Series) -> pandas.Series:
        return column + factor

    def shifted(frames):
        for frame in frames:
            yield frame + factor

    assert [row[0] for row in spark.range(3).select(plus("id")).collect()] == [3, 4, 5]
    assert [row.id for row in spark.range(3).mapInPandas(shifted, "id long").collect()] == [3, 4, 5]
    frame = spark.range(6)
    grouped = frame.groupby((frame.id % 2).alias("k")).applyInPandas(
        lambda group: pandas.DataFrame({"sum": [group.id.sum() + factor]}), "sum long"
    )
    assert sorted(row["sum"] for row in grouped.collect()) == [9, 12]

with checks("connect: UDTFs"):
    assert udtf(Repeated, returnType="a int")(lit(2)).collect() == [Row(a=2)] * 3

with checks("connect: what can't be pickled"):
    import _thread

    lock = _thread.allocate_lock()
    try:
        spark.range(1).select(udf(lambda x: lock, "long")("id")).collect()
    except Exception as error:
        assert "lock" in str(error), error
    else:
        raise AssertionError("a lock was pickled")

with checks("connect: it ends"):
    spark.stop()
