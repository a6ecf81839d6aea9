"""For Ray: the engine in its worker processes.

    gocloudpickle.install()
    ray.init(runtime_env={"worker_process_setup_hook": "gocloudpickle.ray.setup_worker"})
"""

from __future__ import annotations

from gocloudpickle._workers import switch_on

__all__ = ["setup_worker"]


def setup_worker() -> None:
    """Switch the engine on in this worker: the hook that Ray calls before the first task."""
    switch_on()
