"""CPython's own pickler tests, run over a pickler of choice.

As a program it runs the classes of the interpreter's test.test_pickle with one
of three picklers and writes each test's outcome as a line of JSON:

    python -m tests.oracles.cpython_suite --pickler _pickle

    _pickle      the C pickler, what these tests were written for
    cloudpickle  stock cloudpickle's Pickler, which differs from it on purpose
    ours         the module under test

test_cpython_suite.py compares the three.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import io
import json
import os
import pickle
import sys
import unittest
import warnings
from types import ModuleType
from typing import Any, TextIO

PICKLERS = ("_pickle", "cloudpickle", "ours")


def pickler_module(which: str) -> ModuleType:
    if which == "ours":
        return importlib.import_module(os.environ.get("GOCLOUDPICKLE_UNDER_TEST", "gocloudpickle"))
    return importlib.import_module(which)


def available() -> str | None:
    """Why the suite can't run here, or None."""
    try:
        importlib.import_module("test.pickletester")
        importlib.import_module("test.test_pickle")
    except ImportError as error:
        return f"this interpreter comes without its own tests: {error}"
    return None


def suite_classes(which: str) -> list[type[unittest.TestCase]]:
    """The C pickler's test classes with the pickler exchanged, loading by _pickle."""
    import _pickle

    suite: Any = importlib.import_module("test.test_pickle")
    tester: Any = importlib.import_module("test.pickletester")
    module = pickler_module(which)
    pickler: Any = module.Pickler
    classes: dict[str, type[unittest.TestCase]] = {}

    def add(name: str, *bases: type, **attributes: Any) -> None:
        classes[name] = type(name, bases, {"__module__": __name__, **attributes})

    both = {"pickler": pickler, "unpickler": _pickle.Unpickler}
    add("CPicklerTests", suite.PyPicklerTests, **both)
    add(
        "CDumpPickle_LoadPickle", suite.PyPicklerTests, pickler=pickler, unpickler=pickle._Unpickler
    )  # type: ignore[attr-defined]
    add("CPersPicklerTests", suite.PyPersPicklerTests, **both)
    add(
        "CIdPersPicklerTests",
        suite.PyIdPersPicklerTests,
        persistent_load_error=_pickle.UnpicklingError,
        **both,
    )
    if hasattr(suite, "PyPicklingErrorTests"):
        add("CPicklingErrorTests", suite.PyPicklingErrorTests, pickler=pickler)
    add(
        "CPicklerUnpicklerObjectTests",
        tester.AbstractPicklerUnpicklerObjectTests,
        unittest.TestCase,
        pickler_class=pickler,
        unpickler_class=_pickle.Unpickler,
    )
    add(
        "CPickleTests",
        tester.AbstractPickleModuleTests,
        unittest.TestCase,
        dump=staticmethod(module.dump),
        dumps=staticmethod(module.dumps),
        load=staticmethod(_pickle.load),
        loads=staticmethod(_pickle.loads),
        Pickler=pickler,
        Unpickler=_pickle.Unpickler,
    )

    def dumps(self: Any, arg: Any, protocol: int | None = None, **kwargs: Any) -> bytes:
        return module.dumps(arg, protocol, **kwargs)  # type: ignore[no-any-return]

    def loads(self: Any, buf: bytes, **kwargs: Any) -> Any:
        return _pickle.loads(buf, **kwargs)

    # InMemoryPickleTests without its unpickler and memory-hungry halves.
    add(
        "InMemoryPickleTests",
        tester.AbstractPickleTests,
        unittest.TestCase,
        dumps=dumps,
        loads=loads,
        test_framed_write_sizes_with_delayed_writer=None,
    )
    add(
        "CDispatchTableTests",
        tester.AbstractDispatchTableTests,
        unittest.TestCase,
        pickler_class=pickler,
        get_dispatch_table=lambda self: pickle.dispatch_table.copy(),
    )
    add(
        "CChainDispatchTableTests",
        tester.AbstractDispatchTableTests,
        unittest.TestCase,
        pickler_class=pickler,
        get_dispatch_table=lambda self: collections.ChainMap({}, pickle.dispatch_table),
    )
    custom = type("CustomPicklerClass", (pickler, tester.AbstractCustomPicklerClass), {})
    add("CPicklerHookTests", tester.AbstractHookTests, unittest.TestCase, pickler_class=custom)
    return list(classes.values())


def short_name(test: unittest.TestCase) -> str:
    return ".".join(test.id().split(" ")[0].rsplit(".", 2)[-2:])


class Outcomes(unittest.TestResult):
    """Writes the outcome of each test: one word and the first line of what happened."""

    def __init__(self, replies: TextIO) -> None:
        super().__init__()
        self.replies = replies
        self.outcomes: dict[str, list[str]] = {}

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        # A crash is the fault of the last test named here.
        print(json.dumps({"start": short_name(test)}), file=self.replies, flush=True)

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        name = short_name(test)
        print(
            json.dumps({"test": name, "outcome": self.outcomes.get(name, ["passed", ""])}),
            file=self.replies,
            flush=True,
        )

    def _set(self, test: unittest.TestCase, outcome: str, error: Any = None) -> None:
        name = short_name(test)
        detail = (
            ""
            if error is None or error[0] is None
            else f"{error[0].__name__}: {str(error[1]).splitlines()[0] if str(error[1]) else ''}"
        )
        previous = self.outcomes.get(name)
        if previous is None or previous[0] == "passed":
            self.outcomes[name] = [outcome, detail]

    def addSuccess(self, test: unittest.TestCase) -> None:
        self._set(test, "passed")

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        self._set(test, "failed", err)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        self._set(test, "failed", err)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self._set(test, "skipped")

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        self._set(test, "passed")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        self._set(test, "failed")

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        if err is not None:
            self._set(test, "failed", err)


def run(which: str, pattern: str, skip: set[str], replies: TextIO) -> None:
    loader = unittest.TestLoader()
    result = Outcomes(replies)
    for cls in suite_classes(which):
        for test in loader.loadTestsFromTestCase(cls):
            assert isinstance(test, unittest.TestCase)
            if pattern in test.id() and short_name(test) not in skip:
                test.run(result)


def main() -> None:
    parser = argparse.ArgumentParser(description="CPython's pickler tests over another pickler")
    parser.add_argument("--pickler", choices=PICKLERS, required=True)
    parser.add_argument("--only", default="", help="only tests whose id holds this")
    parser.add_argument(
        "--skip", action="append", default=[], help="leave this test out: it crashed before"
    )
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    # Nothing that a test prints may get between the outcomes.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb"), line_buffering=True)
    run(arguments.pickler, arguments.only, set(arguments.skip), replies)
    replies.flush()


if __name__ == "__main__":
    main()
