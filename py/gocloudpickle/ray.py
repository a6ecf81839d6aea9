"""For Ray: the engine in its worker processes.

With {"worker_process_setup_hook": "gocloudpickle.ray.setup_worker"} as the runtime_env
of ray.init. In the driver it is gocloudpickle.install().
"""

from __future__ import annotations

from gocloudpickle._workers import switch_on

__all__ = ["setup_worker"]


def setup_worker() -> None:
    """Switch the engine on in this worker: the hook that Ray calls before the first task."""
    switch_on()
