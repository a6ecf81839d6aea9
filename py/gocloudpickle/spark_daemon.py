"""For PySpark: its daemon, with the engine in the workers that it forks.

With spark.python.daemon.module=gocloudpickle.spark_daemon. The engine is switched on
after the fork, in the worker. So the daemon has no thread beside its own when it forks,
and workers share the library's pages with each other.
"""

from __future__ import annotations

from gocloudpickle._workers import switch_on

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

__all__ = ["manager"]


def manager() -> None:
    """Run PySpark's daemon until Spark ends it."""
    from pyspark import daemon  # type: ignore[import-not-found]

    stock_worker = daemon.worker

    # What the daemon calls in each forked child, again for each task of a reused one. A
    # hook further in would miss the workers of UDTF analysis and of data sources, which
    # are other modules. The name of the worker module can't serve: the daemon ignores
    # each that doesn't begin with "pyspark".
    def worker(*arguments: Any) -> Any:
        switch_on()
        return stock_worker(*arguments)

    daemon.worker = worker
    daemon.manager()


if __name__ == "__main__":
    manager()
