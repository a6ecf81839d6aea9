"""What the PySpark programs have in common: settings, and the engine's work in a worker."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.sql.warehouse.dir": str(Path("warehouse").resolve()),
    # Where a worker hangs, its stacks come on standard error.
    "spark.python.worker.tracebackDumpIntervalSeconds": "60",
}

# What a worker needs to have gocloudpickle, and the daemons of these tests.
WITH = {"spark.executorEnv.PYTHONPATH": f"{sys.argv[2]}:{Path(__file__).resolve().parent}"}


def prepare() -> None:
    """Set what the JVM takes from the environment."""
    import pyspark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["SPARK_LOCAL_DIRS"] = str(Path("local").resolve())
    # local-cluster starts executors as a cluster does, from an installation, and writes
    # into that: so it is one of links to what the wheel has.
    home = Path("spark").resolve()
    home.mkdir()
    for part in ("bin", "jars", "python", "sbin"):
        (home / part).symlink_to(Path(pyspark.__file__).parent / part)
    os.environ["SPARK_HOME"] = str(home)


def site() -> str:
    """Return a directory for PYTHONPATH that is to Python as if gocloudpickle was installed.

    It has a .pth file then, which Python reads when it starts.
    """
    directory = Path("site").resolve()
    directory.mkdir()
    text = f"import site; site.addsitedir({sys.argv[2]!r})\n"
    (directory / "sitecustomize.py").write_text(text)
    return str(directory)


def in_a_worker():
    """Return a function for mapPartitions: its last row is what the engine has done.

    PySpark pickles the first row before it asks for the second. The function goes by
    value, since it is made here and workers don't have this file.
    """

    def rows(iterator):
        yield [sum(iterator), lambda: 0]
        import os
        import sys

        if "gocloudpickle._engine" not in sys.modules:
            yield os.getpid(), None
        else:
            import gocloudpickle

            yield os.getpid(), sum(gocloudpickle.engine_info()["dumps"].values())

    rows.__module__ = "__main__"
    return rows
