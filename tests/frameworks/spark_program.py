"""PySpark on local and local-cluster masters, with the engine on in the driver and in workers.

One JVM, and in it one Spark context after the other.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager

from checks import Checks, skip

checks = Checks()
sys.path.insert(0, sys.argv[2])

import gocloudpickle  # noqa: E402
import pandas  # noqa: E402
from pyspark.sql import Row, SparkSession  # noqa: E402
from pyspark.sql.functions import broadcast, lit, pandas_udf, udf, udtf  # noqa: E402
from pyspark.sql.types import IntegerType, StructType  # noqa: E402
from spark_jobs import SETTINGS, WITH, in_a_worker, prepare, site  # noqa: E402

prepare()


@contextmanager
def session(master, settings):
    builder = SparkSession.builder.master(master)
    for key, value in {**SETTINGS, **settings}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()
        # The builder is one object, and remembers.
        SparkSession.builder._options.clear()


def dumps() -> int:
    return sum(gocloudpickle.engine_info()["dumps"].values())


def worked_in(sc, parts=4):
    """Run a job; return its workers' process ids and what their engines have done."""
    rows = sc.parallelize(range(100), parts).mapPartitions(in_a_worker()).collect()
    assert sum(row[0] for row in rows[::2]) == sum(range(100))
    assert all(row[1]() == 0 for row in rows[::2])
    return dict(rows[1::2])


factor = 3


class Point:
    """Is of __main__, so that it goes by value."""

    def __init__(self, x):
        super().__init__()
        self.x = x

    def moved(self):
        return type(self)(self.x + factor)


class Doubled:
    def eval(self, x: int):
        for _ in range(2):
            yield x * factor, f"row {x}"


class Analyzed:
    """Its result type is found by running analyze in a Python process, before the job."""

    @staticmethod
    def analyze(x):
        from pyspark.sql.udtf import AnalyzeResult

        return AnalyzeResult(schema=StructType().add("a", IntegerType()))

    def eval(self, x: int):
        yield (x + factor,)


def defined():
    """Return functions for the jobs of a session: a udf belongs to one."""

    @pandas_udf("long")
    def plus(column: pandas.Series) -> pandas.Series:
        return column + factor

    def shifted(frames):
        for frame in frames:
            yield frame + factor

    return udf(lambda x: x * factor, "long"), plus, shifted


gocloudpickle.install()

# Spark starts its own daemon, and workers have no gocloudpickle. This session comes first:
# the settings of the JVM's first one hold for the others too, where they have no other.
with session("local[2]", {}) as spark:
    sc = spark.sparkContext
    times, plus, shifted = defined()

    def found(_):
        import importlib.util

        return importlib.util.find_spec("gocloudpickle") is not None

    with checks("mixed: workers without gocloudpickle load everything"):
        assert not any(sc.parallelize(range(2), 2).map(found).collect())
        assert not any(worked_in(sc).values())
        before = dumps()
        assert [p.x for p in sc.parallelize([Point(1)]).map(lambda p: p.moved()).collect()] == [4]
        assert dumps() > before

    with checks("mixed: UDFs, pandas UDFs, UDTFs and broadcast"):
        assert spark.range(3).select(times("id")).collect()[2][0] == 6
        assert [row[0] for row in spark.range(3).select(plus("id")).collect()] == [3, 4, 5]
        assert udtf(Doubled, returnType="a int, b string")(lit(2)).count() == 2
        assert udtf(Analyzed)(lit(4)).collect() == [Row(a=7)]
        small = spark.createDataFrame([(1, "one")], "id long, name string")
        assert spark.range(3).join(broadcast(small), "id").collect() == [Row(id=1, name="one")]
        table = sc.broadcast([1])
        assert sc.parallelize([1]).map(lambda x: table.value[0] + x + factor).collect() == [5]

# The daemon has used the engine when it forks.
USED = {**WITH, "spark.python.daemon.module": "spark_used_daemon"}
with session("local[2]", USED) as spark:
    sc = spark.sparkContext
    times, plus, shifted = defined()

    with checks("local: RDD map with lambdas and closures, and the engine pickled them"):
        before = dumps()
        y = 5
        numbers = sc.parallelize(range(10), 2)
        assert numbers.map(lambda x: x * y).collect() == [x * y for x in range(10)]
        assert numbers.map(lambda x: (lambda: x * factor)()).sum() == 45 * factor
        assert numbers.keyBy(lambda x: x % 2).reduceByKey(lambda a, b: a + b).collectAsMap() == {
            0: 20,
            1: 25,
        }
        assert dumps() > before + 2

    with checks("local: rows that are functions, classes and their instances"):
        points = sc.parallelize([Point(1), Point(2)], 2).map(lambda point: point.moved()).collect()
        assert [point.x for point in points] == [4, 5]
        assert {type(point) for point in points} == {Point}
        functions = sc.parallelize(range(4), 2).map(lambda n: lambda x: x + n).collect()
        assert [function(10) for function in functions] == [10, 11, 12, 13]

    with checks("local: the engine works in workers, whose daemon used it before it forked"):
        done = worked_in(sc)
        assert done and all(done.values()), done

    with checks("local: broadcast and accumulators"):
        table = sc.broadcast(dict(enumerate(range(0, 50, 10))))  # PySpark: the C pickler's work
        total = sc.accumulator(0)

        def looked_up(i):
            total.add(1)
            return table.value[i] + factor

        assert sc.parallelize(range(5), 2).map(looked_up).collect() == [3, 13, 23, 33, 43]
        assert total.value == 5
        table.destroy()

    with checks("local: Python UDFs"):
        assert [row[0] for row in spark.range(4).select(times("id")).collect()] == [0, 3, 6, 9]
        spark.udf.register("shifted", lambda x: Point(x).moved().x, "long")
        assert [row[0] for row in spark.sql("select shifted(id) from range(3)").collect()] == [
            3,
            4,
            5,
        ]
        spark.range(3).foreach(lambda row: row.id + factor)

    with checks("local: pandas UDFs"):

        @pandas_udf("double")
        def mean(column: pandas.Series) -> float:
            return float(column.mean()) + factor

        assert [row[0] for row in spark.range(3).select(plus("id")).collect()] == [3, 4, 5]
        assert spark.range(5).agg(mean("id")).collect()[0][0] == 5

    with checks("local: mapInPandas and applyInPandas"):
        frame = spark.range(6)
        assert [row.id for row in frame.mapInPandas(shifted, "id long").collect()] == [*range(3, 9)]
        grouped = frame.groupby((frame.id % 2).alias("k")).applyInPandas(
            lambda group: pandas.DataFrame({"sum": [group.id.sum() + factor]}), "sum long"
        )
        assert sorted(row["sum"] for row in grouped.collect()) == [9, 12]

    with checks("local: UDTFs, and one that is analyzed"):
        doubled = udtf(Doubled, returnType="a int, b string")
        assert doubled(lit(2)).collect() == [Row(a=6, b="row 2")] * 2
        assert udtf(Analyzed)(lit(4)).collect() == [Row(a=7)]

    with checks("local: an error in a worker, and in pickling"):
        try:
            sc.parallelize([1], 1).map(lambda x: x / 0).collect()
        except Exception as error:
            assert "ZeroDivisionError" in str(error)
        else:
            raise AssertionError("it has not failed")
        try:
            sc.parallelize([1], 1).map(lambda x: sc).collect()
        except Exception as error:
            assert "CONTEXT_ONLY_VALID_ON_DRIVER" in str(error), error
        else:
            raise AssertionError("a context was pickled")
        import _thread
        import pickle

        lock = _thread.allocate_lock()
        try:
            sc.parallelize([1], 1).map(lambda x: lock).collect()
        except pickle.PicklingError as error:
            assert "Could not serialize object" in str(error) and "lock" in str(error), error
        else:
            raise AssertionError("a lock was pickled")

# Spark's own daemon, in which the environment has switched the engine on. A worker of its
# own, and a fork, for each task.
ENVIRONMENT = {
    "spark.executorEnv.PYTHONPATH": site(),
    "spark.executorEnv.GOCLOUDPICKLE_INSTALL": "1",
    "spark.python.daemon.module": "pyspark.daemon",
    "spark.python.worker.reuse": "false",
}
with session("local[2]", ENVIRONMENT) as spark:
    with checks("environment: the engine works in each of ten forks"):
        done = worked_in(spark.sparkContext, parts=10)
        assert len(done) == 10 and all(done.values()), done

# Without a daemon, each worker is a process that Spark starts.
WORKER = {
    **WITH,
    "spark.python.use.daemon": "false",
    "spark.python.worker.module": "gocloudpickle.spark_worker",
}
with session("local[2]", WORKER) as spark:
    with checks("worker.module: the engine works in a worker that no daemon forked"):
        times, plus, shifted = defined()
        done = worked_in(spark.sparkContext, parts=2)
        assert all(done.values()), done
        assert spark.range(3).select(times("id")).collect()[2][0] == 6

# Executors are processes of their own, and their workers are used again.
CLUSTER = {**WITH, "spark.python.daemon.module": "gocloudpickle.spark_daemon"}
with checks("local-cluster: the cluster starts"):
    cluster = session("local-cluster[2,1,1024]", CLUSTER)
    spark = cluster.__enter__()
    sc = spark.sparkContext
    times, plus, shifted = defined()

    # Executors come in their own time.
    import time

    for _ in range(300):
        if sc._jsc.sc().getExecutorMemoryStatus().size() == 3:  # the driver is one of them
            break
        time.sleep(0.2)
    else:
        skip("only one of two executors came within a minute")

with checks("local-cluster: the engine works in the workers of both executors"):
    done = {}
    for _ in range(20):
        done.update(worked_in(sc, parts=4))
        if len(done) > 1:
            break
    assert len(done) > 1 and all(done.values()), done
    later = worked_in(sc, parts=4)
    assert any(later[pid] > done[pid] for pid in later.keys() & done.keys()), (done, later)

with checks("local-cluster: RDDs with a shuffle, and broadcast"):
    pairs = sc.parallelize(range(20), 4).map(lambda x: (x % 3, Point(x)))
    sums = pairs.mapValues(lambda p: p.moved().x).reduceByKey(lambda a, b: a + b)
    assert sums.collectAsMap() == {0: 84, 1: 91, 2: 75}
    table = sc.broadcast({"one": 1})
    assert sc.parallelize(range(4), 4).map(lambda x: x + table.value["one"]).sum() == 10

with checks("local-cluster: UDFs, pandas UDFs, UDTFs and mapInPandas"):
    assert spark.range(0, 3, 1, 2).select(times("id")).collect()[2][0] == 6
    assert [row[0] for row in spark.range(0, 3, 1, 2).select(plus("id")).collect()] == [3, 4, 5]
    assert udtf(Doubled, returnType="a int, b string")(lit(2)).count() == 2
    assert spark.range(0, 6, 1, 2).mapInPandas(shifted, "id long").count() == 6

with checks("local-cluster: it ends"):
    cluster.__exit__(None, None, None)
