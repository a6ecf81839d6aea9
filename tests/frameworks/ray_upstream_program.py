"""Runs pytest on the copied tests: with the engine on if RAY_UPSTREAM_ON is set."""

from __future__ import annotations

import faulthandler
import os
import sys

import pytest

faulthandler.dump_traceback_later(1200, exit=True)
if os.environ.get("RAY_UPSTREAM_ON"):
    sys.path.insert(0, sys.argv[2])
    import gocloudpickle

    gocloudpickle.install()
    import ray

    # And in the workers that each ray.init starts.
    init = ray.init
    hook = {
        "env_vars": {"PYTHONPATH": sys.argv[2]},
        "worker_process_setup_hook": "gocloudpickle.ray.setup_worker",
    }
    ray.init = lambda *a, **k: init(*a, **{"runtime_env": hook, **k})

sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-o", "addopts=", "test_serialization.py"]))
