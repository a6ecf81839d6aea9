"""python -m gocloudpickle explain: what explain says of an object in a file or module."""

from __future__ import annotations

import argparse
import os
import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# As in cmd/gocloudpickle/run.go.
FINE, NO, INCONCLUSIVE, USAGE = range(4)

DESCRIPTION = """\
Tell what in an object can't be pickled, and what its payload is made of. FILE is run as
a module: what it defines goes by value, as from a program's __main__, and its part under
if __name__ == '__main__' is not run. A module that is named is imported as it is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the arguments of the command to a parser."""
    parser.add_argument("target", metavar="FILE:OBJECT", help="or MODULE:OBJECT")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--lines", type=int, default=30, metavar="N", help="lines for the largest values"
    )
    parser.set_defaults(run=explain)


def explain(options: argparse.Namespace) -> int:
    """Print the explanation, and return the exit code."""
    from gocloudpickle import _explain

    try:
        obj = find(options.target)
    except TargetError as error:
        print(f"gocloudpickle: {error}", file=sys.stderr)
        return USAGE
    try:
        explanation = _explain.explain(obj)
    except Exception as error:  # such as MemoryError: what isn't the object's fault
        print(
            f"gocloudpickle: {options.target} can't be explained: {type(error).__name__}: {error}",
            file=sys.stderr,
        )
        return INCONCLUSIVE
    print(explanation.to_json() if options.json else explanation.text(lines=options.lines))
    return FINE if explanation.picklable else NO


class TargetError(Exception):
    """There is no such object."""


def find(target: str) -> Any:
    """Return the object that FILE:OBJECT or MODULE:OBJECT names."""
    import contextlib

    place, colon, name = target.rpartition(":")
    if not colon or not place or not name:
        raise TargetError(f"{target!r} is not of the form FILE:OBJECT or MODULE:OBJECT")
    # Standard output is the command's own.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            found: Any = module_of(place)
        except TargetError:
            raise
        except (Exception, SystemExit) as error:
            raise TargetError(f"{place} can't be run: {type(error).__name__}: {error}") from error
        for part in name.split("."):
            try:
                found = getattr(found, part)
            except AttributeError:
                raise TargetError(f"{place} has no {name}") from None
            except Exception as error:
                raise TargetError(
                    f"{target} can't be had: {type(error).__name__}: {error}"
                ) from error
    return found


def module_of(place: str) -> ModuleType:
    """Import a module, or run a file as one."""
    import importlib

    if place.endswith(".py") or os.sep in place or os.path.isfile(place):
        return _module_of_file(place)
    if sys.path[:1] != [""] and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        raise TargetError(f"there is no module named {error.name}") from error


def _module_of_file(path: str) -> ModuleType:
    import importlib.util
    from importlib.machinery import SourceFileLoader

    import gocloudpickle

    if not os.path.isfile(path):
        raise TargetError(f"there is no file {path}")
    name = os.path.splitext(os.path.basename(path))[0]
    if name in sys.modules:
        name = f"{name} (of {path})"  # it isn't to take the place of another
    loader = SourceFileLoader(name, os.path.abspath(path))
    spec = importlib.util.spec_from_file_location(name, loader.path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, os.path.dirname(loader.path))
    loader.exec_module(module)
    gocloudpickle.register_pickle_by_value(module)
    return module


def main(arguments: list[str]) -> int:
    """Run python -m gocloudpickle explain."""
    from gocloudpickle import _command

    return _command.main(["explain", *arguments])
