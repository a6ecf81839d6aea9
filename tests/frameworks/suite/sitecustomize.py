"""Counts what the engine does in each process of a framework's own tests.

`make test-suite` has this folder on their PYTHONPATH, since the environment is shared
with tests that switch the engine on themselves. Each process leaves a file behind.
"""

import atexit
import json
import os
import sys

import gocloudpickle._startup  # noqa: F401  # installs, if GOCLOUDPICKLE_INSTALL says so


def leave() -> None:
    loader = sys.modules.get("gocloudpickle._loader")
    if loader is None or loader._engine is None or loader._pid != os.getpid():
        return
    import gocloudpickle

    dumps = sum(gocloudpickle.engine_info()["dumps"].values())
    loads = loader._engine.loads_info() if hasattr(loader._engine, "loads_info") else {}
    folder = os.environ["GOCLOUDPICKLE_SUITE"]
    path = os.path.join(folder, str(os.getpid()))
    with open(path, "w") as file:
        json.dump({"dumps": dumps, "loads": loads.get("native", 0)}, file)
    os.rename(path, path + ".used")  # a process that is killed before leaves no half of one


atexit.register(leave)
