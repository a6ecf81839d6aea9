"""Switches the engine on in Dask's schedulers, workers and clients.

$ dask worker tcp://scheduler:8786 --preload gocloudpickle.dask
$ dask scheduler --preload gocloudpickle.dask

Or in Dask's configuration: distributed.worker.preload, distributed.scheduler.preload,
distributed.client.preload.
"""

from __future__ import annotations

from gocloudpickle._workers import switch_on

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


def dask_setup(server: Any) -> None:
    """Switch the engine on, when a scheduler, worker, nanny or client starts."""
    switch_on()


def dask_teardown(server: Any) -> None:
    """Nothing: others in the process may go on using it."""
