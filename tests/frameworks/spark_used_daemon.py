"""PySpark's daemon, in which the engine has been used by the time it forks.

gocloudpickle.spark_daemon leaves that to the workers. Programs may do it all the same.
"""

from __future__ import annotations

import threading

import gocloudpickle
from gocloudpickle import spark_daemon


def use() -> None:
    for size in range(50):
        gocloudpickle.dumps([lambda: 0, list(range(100 * size))])


if __name__ == "__main__":
    gocloudpickle.install()
    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spark_daemon.manager()
