"""Print the facts about this interpreter that decide whether it can be used."""

# Runs on any Python from 2.7 on: an interpreter that is too old must be able to say so.
import json
import platform
import struct
import sys

try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401

    can_venv = True
except ImportError:
    can_venv = False

try:
    import sysconfig

    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
except ImportError:
    free_threaded = False

print(
    json.dumps(
        {
            # Inside a virtual environment, the interpreter it was made from.
            "executable": getattr(sys, "_base_executable", None) or sys.executable,
            "implementation": platform.python_implementation().lower(),
            "version": list(sys.version_info[:3]),
            "libc": platform.libc_ver()[0],
            "machine": platform.machine(),
            "bits": struct.calcsize("P") * 8,
            "free_threaded": free_threaded,
            "can_venv": can_venv,
        }
    )
)
