"""cloudpickle.cloudpickle twice: the installed one, and ours beside it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

REBUILD = Path(__file__).resolve().parents[2] / "rebuild" / "rebuild.py"


def stock() -> ModuleType:
    return importlib.import_module("cloudpickle.cloudpickle")


def ours() -> ModuleType:
    """Run our file under the name, without taking the name from the installed one."""
    spec = importlib.util.spec_from_file_location("cloudpickle.cloudpickle", REBUILD)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # __getattr__ of the file finds itself there.
    installed = sys.modules.get("cloudpickle.cloudpickle")
    spec.loader.exec_module(module)
    assert sys.modules.get("cloudpickle.cloudpickle") is installed
    return module
