"""PySpark with install(signer=..., verifier=...): functions are sealed for workers that verify."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from checks import Checks

checks = Checks(150)
sys.path[:0] = [sys.argv[2], str(Path(sys.argv[2]).parent)]

import gocloudpickle  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql.functions import udf  # noqa: E402
from spark_jobs import SETTINGS, WITH, prepare  # noqa: E402

from tests.frameworks import sealing  # noqa: E402

folder = Path(sys.argv[1]).parent
KEYS = sealing.keys(folder)
OTHER = {**sealing.keys(folder, "other"), **sealing.environment(folder, "key", "other")}
prepare()
factor = 3


def session(keys):
    builder = SparkSession.builder.master("local[2]")
    settings = {
        **SETTINGS,
        **WITH,
        "spark.python.daemon.module": "gocloudpickle.spark_daemon",
        "spark.task.maxFailures": "1",
        **{f"spark.executorEnv.{name}": value for name, value in keys.items()},
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def is_refused(why, job):
    try:
        value = job()
    except Exception as error:
        assert why in str(error), error
    else:
        raise AssertionError(value)


gocloudpickle.install(**sealing.of(folder))

with checks("functions of RDDs"):
    spark = session(KEYS)
    numbers = spark.sparkContext.parallelize(range(10), 2)
    assert numbers.map(lambda x: x * factor).sum() == 135
    pairs = numbers.map(lambda x: (x % 2, x)).reduceByKey(lambda a, b: a + b).collect()
    assert sorted(pairs) == [(0, 20), (1, 25)]

with checks("a function so large that it is broadcast"):
    large = os.urandom(3_000_000)
    assert numbers.map(lambda x: len(large) + x).first() == 3_000_000

with checks("UDFs and frames of rows"):
    times = udf(lambda x: x * factor, "long")
    assert spark.range(3).select(times("id")).collect()[2][0] == 6
    assert numbers.map(lambda x: (x, str(x))).toDF(["a", "b"]).count() == 10

with checks("a tampered function fails its job, and the session goes on"):
    mark = sealing.MARK
    is_refused("BadSignature", lambda: numbers.map(lambda x: (mark, x)).collect())
    assert numbers.map(lambda x: x * factor).sum() == 135

with checks("a function that is not sealed is refused"):
    gocloudpickle.uninstall()
    is_refused("Unsigned", lambda: numbers.map(lambda x: x * factor).sum())
    gocloudpickle.install(**sealing.of(folder))
    assert numbers.map(lambda x: x * factor).sum() == 135
    spark.stop()

with checks("workers with another key refuse"):
    SparkSession.builder._options.clear()
    spark = session(OTHER)
    numbers = spark.sparkContext.parallelize(range(10), 2)
    is_refused("UnknownKey", lambda: numbers.map(lambda x: x * factor).sum())
    spark.stop()
