"""How bench/frameworks.py uses each framework: as its users do, with two processes.

run(functions) calls each function with 1 and returns two times in seconds: until the
last task is submitted, and until the last result is there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter
from typing import Any

Functions = list[Callable[[int], Any]]
PROCESSES = 2


def apply(data: bytes, argument: int) -> Any:
    """Call what cloudpickle has made bytes of: the usual way with concurrent.futures."""
    import pickle

    return pickle.loads(data)(argument)


def nothing(x: int) -> int:
    return x


class Dask:
    """client.map over the functions, client.gather of the results."""

    def start(self) -> None:
        from distributed import Client, LocalCluster

        self.cluster = LocalCluster(
            n_workers=PROCESSES, threads_per_worker=1, dashboard_address=None, processes=True
        )
        self.client = Client(self.cluster)

    def run(self, functions: Functions, on: bool) -> tuple[float, float]:
        start = perf_counter()
        futures = self.client.map(lambda function: function(1), functions, pure=False)
        submitted = perf_counter()
        self.client.gather(futures)
        return submitted - start, perf_counter() - start

    def stop(self) -> None:
        self.client.close()
        self.cluster.close()


class Joblib:
    """Parallel over delayed functions; it submits while results come."""

    def start(self) -> None:
        self.run([lambda x: x] * 10, False)

    def run(self, functions: Functions, on: bool) -> tuple[float | None, float]:
        from joblib import Parallel, delayed

        start = perf_counter()
        Parallel(n_jobs=PROCESSES)(delayed(function)(1) for function in functions)
        return None, perf_counter() - start

    def stop(self) -> None:
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)


class Futures:
    """Stock: cloudpickle.dumps, and the bytes go to submit. Ours: our executor's submit."""

    def start(self) -> None:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        import gocloudpickle

        context = multiprocessing.get_context("spawn")
        self.stock = ProcessPoolExecutor(PROCESSES, context)
        self.ours = gocloudpickle.ProcessPoolExecutor(PROCESSES, context)
        for pool in (self.stock, self.ours):
            list(pool.map(nothing, range(10)))

    def run(self, functions: Functions, on: bool) -> tuple[float, float]:
        import cloudpickle

        start = perf_counter()
        if on:
            futures = [self.ours.submit(function, 1) for function in functions]
        else:
            futures = [
                self.stock.submit(apply, cloudpickle.dumps(function), 1) for function in functions
            ]
        submitted = perf_counter()
        for future in futures:
            future.result()
        return submitted - start, perf_counter() - start

    def stop(self) -> None:
        self.stock.shutdown()
        self.ours.shutdown()


class Ray:
    """A task that calls a function, with each function as its argument."""

    def start(self) -> None:
        import ray

        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        os.environ["RAY_AUTH_MODE"] = "disabled"
        ray.init(num_cpus=PROCESSES, include_dashboard=False, log_to_driver=False)

        @ray.remote
        def call(function: Callable[[int], Any], argument: int) -> Any:
            return function(argument)

        self.call = call
        ray.get([call.remote(nothing, 1) for _ in range(10)])

    def run(self, functions: Functions, on: bool) -> tuple[float, float]:
        import ray

        start = perf_counter()
        refs = [self.call.remote(function, 1) for function in functions]
        submitted = perf_counter()
        ray.get(refs)
        return submitted - start, perf_counter() - start

    def stop(self) -> None:
        import ray

        ray.shutdown()


class Spark:
    """An RDD whose rows are the functions, and a map that calls them."""

    def start(self) -> None:
        os.environ["PYSPARK_PYTHON"] = sys.executable
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(f"local[{PROCESSES}]")
        for key, value in {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "6g",  # RDDs of arrays, until Java collects them
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
            "spark.sql.warehouse.dir": tempfile.mkdtemp(prefix="warehouse-"),
        }.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()
        self.run([lambda x: x] * 10, False)

    def run(self, functions: Functions, on: bool) -> tuple[float, float]:
        context = self.session.sparkContext
        start = perf_counter()
        rows = context.parallelize(functions, PROCESSES)
        submitted = perf_counter()
        rows.map(lambda function: function(1)).collect()
        return submitted - start, perf_counter() - start

    def stop(self) -> None:
        self.session.stop()


CLUSTERS: dict[str, tuple[str, Any]] = {
    "concurrent.futures": ("cloudpickle", Futures),
    "Dask": ("distributed", Dask),
    "joblib": ("joblib", Joblib),
    "Ray": ("ray", Ray),
    "PySpark": ("pyspark", Spark),
}
