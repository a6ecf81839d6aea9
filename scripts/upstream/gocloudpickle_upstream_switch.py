"""Switch our pickler on in every Python process of an environment.

`make test-upstream` names this module in a .pth file: cloudpickle's tests start
processes of their own, with a PYTHONPATH of their own, and those count too.
"""

import os

if os.environ.get("GOCLOUDPICKLE_UPSTREAM") == "on":
    import gocloudpickle

    gocloudpickle.install()
