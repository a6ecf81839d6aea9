"""The child's side of tests.robust.batch.

A module of cases has cases(), a dict by name. A case is called with the module to
test, cloudpickle and then gocloudpickle, makes its objects anew, and returns bytes
or raises; both must come to the same. A case marked with own is called for
gocloudpickle alone and judges by itself.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.differential.compare import attempt, explain, without_tracker_ids

Case = Callable[[ModuleType], Any]


def own(case: Case) -> Case:
    """Mark a case that has nothing to be compared with."""
    case.own = True  # type: ignore[attr-defined]
    return case


def _cases(module: str) -> dict[str, Case]:
    cases: dict[str, Case] = importlib.import_module(f"tests.robust.scenarios.{module}").cases()
    return cases


def _say(*event: object) -> None:
    sys.__stdout__.write("@@" + json.dumps(event) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


def run_cases(module: str) -> None:
    import cloudpickle
    import gocloudpickle

    options = json.load(sys.stdin)
    cases = _cases(module)
    sys.unraisablehook = lambda args: None  # exceptions of __del__ are not what is tested
    sys.stdout = io.StringIO()
    gc.collect()
    gc.freeze()  # so that the many collections below only look at the cases' own objects
    for name in options["todo"]:
        case = cases[name]
        alone = getattr(case, "own", False)
        expected = None
        if not alone and name not in options["no_stock"]:
            _say("begin", name, "stock")
            expected = attempt(lambda: case(cloudpickle))
            gc.collect()
        _say("begin", name, "ours")
        problem = None
        try:
            if alone:
                case(gocloudpickle)
            else:
                got = attempt(lambda: case(gocloudpickle))
                if expected is not None:
                    problem = explain(without_tracker_ids(expected), without_tracker_ids(got))
        except BaseException:
            problem = traceback.format_exc()
        gc.collect()
        # A dump after each case: what it left behind must not harm the next user.
        if gocloudpickle.loads(gocloudpickle.dumps([lambda: name, name]))[0]() != name:
            problem = "the next dump was wrong"
        _say("end", name, problem)
