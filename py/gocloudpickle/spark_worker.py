"""For PySpark without its daemon: a worker process, with the engine on.

With spark.python.use.daemon=false and
spark.python.worker.module=gocloudpickle.spark_worker. With the daemon, spark_daemon is the one to use.
"""

from __future__ import annotations

from gocloudpickle._workers import switch_on

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

__all__ = ["main"]


def main(infile: Any, outfile: Any) -> None:
    """Do the work of one worker: what a daemon calls that imports this module."""
    from pyspark import worker  # type: ignore[import-not-found]

    switch_on()
    worker.main(infile, outfile)


if __name__ == "__main__":
    import runpy

    switch_on()
    # As Spark starts its own: some of PySpark looks at the name of the main module.
    runpy.run_module("pyspark.worker", run_name="__main__", alter_sys=True)
