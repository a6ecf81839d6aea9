"""The process that makes the objects: each in a ``__main__`` of its own, dumped in several ways.

Reads a JSON list of [name, source], and writes for each a line with what each way gave:
{"payload": hex} or {"error": text}. The ways are ours, ours when strict, stock's, and the
installed cloudpickle's where there is an engine.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import sys
import types
import uuid
import warnings
import zlib
from typing import Any

import cloudpickle
import gocloudpickle


def attempt(dumps: Any, obj: Any) -> dict[str, str]:
    try:
        return {"payload": dumps(obj).hex()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def strict_dumps(obj: Any) -> bytes:
    file = io.BytesIO()
    pickler = gocloudpickle.Pickler(file)
    pickler.strict = True
    pickler.dump(obj)
    return file.getvalue()


def installed_dumps(obj: Any) -> bytes:
    with gocloudpickle.installed():
        return bytes(cloudpickle.dumps(obj))


def main() -> None:
    real = sys.modules["__main__"]
    answers, sys.stdout = sys.stdout, sys.stderr
    ways = {"stock": cloudpickle.dumps, "ours": gocloudpickle.dumps, "strict": strict_dumps}
    if gocloudpickle.engine_info()["path"] != "python":
        ways["installed"] = installed_dumps
    warnings.simplefilter("ignore")
    keep = []  # a class that is gone could give its id to another one
    for name, source in json.load(sys.stdin):
        print("@begin", name, file=answers, flush=True)
        ids = itertools.count(zlib.crc32(name.encode()) << 32)
        uuid.uuid4 = lambda ids=ids: uuid.UUID(int=next(ids))  # the same classes' ids on each path
        main_module: Any = types.ModuleType("__main__")
        sys.modules["__main__"] = main_module
        keep.append(main_module)
        try:
            exec(compile(source, f"<{name}>", "exec", dont_inherit=True), vars(main_module))
            for _ in range(2):  # a first dump leaves traces, such as copyreg's __slotnames__
                results = {way: attempt(dumps, main_module.obj) for way, dumps in ways.items()}
        finally:
            sys.modules["__main__"] = real
        print("@result", json.dumps([name, results]), file=answers, flush=True)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
