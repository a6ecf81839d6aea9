"""The process that uses the objects: a script, in which one of the two picklers is hidden.

Its arguments are a folder with site-packages, the module to import first (or nothing),
and the one that must not be there. Reads a JSON list of [key, payload in hex, source],
and writes for each a line with what went wrong: nothing, or ["load" or "use", traceback].
"""

import importlib
import json
import pickle
import sys
import traceback
import types
import warnings

SITE, FIRST_IMPORT, FORBIDDEN = sys.argv[1:4]


def check(payload, source, key):
    step = "load"
    try:
        obj = pickle.loads(bytes.fromhex(payload))
        step = "use"
        exec(
            compile(source, f"<use of {key}>", "exec", dont_inherit=True),
            {"obj": obj, "__name__": "user"},
        )
    except BaseException:
        return [step, traceback.format_exc()]
    return None


def main():
    sys.path.append(SITE)
    warnings.simplefilter("ignore")
    if importlib.util.find_spec(FORBIDDEN) is not None:
        raise SystemExit(f"{FORBIDDEN} should be hidden from this process")
    if FIRST_IMPORT:
        importlib.import_module(FIRST_IMPORT)
    real = sys.modules["__main__"]
    answers, sys.stdout = sys.stdout, sys.stderr
    for key, payload, source in json.load(sys.stdin):
        print("@begin", key, file=answers, flush=True)
        sys.modules["__main__"] = types.ModuleType("__main__")  # as empty as a worker's
        problem = check(payload, source, key)
        sys.modules["__main__"] = real
        print("@result", json.dumps([key, problem]), file=answers, flush=True)


import importlib.util  # noqa: E402 -- after the arguments: see above

main()
