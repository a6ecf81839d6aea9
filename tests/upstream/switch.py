"""Put as sitecustomize.py where cloudpickle's tests run: our pickler in every process.

The tests start processes of their own; those are to use it too.  Each process
leaves a file with the number of dumps that our engine made, as proof.
"""

import atexit
import os
import sys

_proof = os.environ.get("UPSTREAM_PROOF")


def _switch_on() -> None:
    import cloudpickle
    import gocloudpickle

    if not hasattr(gocloudpickle, "install"):
        return
    if gocloudpickle.engine_info()["path"] == "python":
        # install() has nothing to switch on: our names stand in for cloudpickle's.
        for module in (cloudpickle, cloudpickle.cloudpickle):
            for name in ("dumps", "dump", "Pickler", "CloudPickler"):
                setattr(module, name, getattr(gocloudpickle, name))
    else:
        gocloudpickle.install()
    assert cloudpickle.__version__

    def leave_proof() -> None:
        dumps = sum(gocloudpickle.engine_info()["dumps"].values())
        with open(os.path.join(str(_proof), f"{os.getpid()}-{dumps}"), "w"):
            pass

    atexit.register(leave_proof)


if _proof:
    try:
        _switch_on()
    except Exception:
        # site only prints what goes wrong here, and the tests would then say nothing.
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        os._exit(99)
