"""Switch our pickler on in every Python process of an environment.

`make test-upstream` names this module in a .pth file: cloudpickle's tests start
processes of their own, with a PYTHONPATH of their own, and those count too.
GOCLOUDPICKLE_UPSTREAM is a file that gets the paths of the dumps made, one a
line, as proof that our pickler made them.
"""

import atexit
import os

report = os.environ.get("GOCLOUDPICKLE_UPSTREAM")


def tell() -> None:
    used = [path for path, dumps in gocloudpickle.engine_info()["dumps"].items() if dumps]
    with open(report, "a") as lines:
        lines.writelines(f"{path}\n" for path in used)


if report:
    import cloudpickle
    import gocloudpickle

    if gocloudpickle.engine_info()["path"] == "python":
        # install() has nothing to switch on: our names stand in for cloudpickle's.
        for module in (cloudpickle, cloudpickle.cloudpickle):
            for name in ("dumps", "dump", "Pickler", "CloudPickler"):
                setattr(module, name, getattr(gocloudpickle, name))
    else:
        gocloudpickle.install()
    atexit.register(tell)
