"""Runs a program as python would, after install().

The program is __main__: what it defines is pickled as in a plain run. Processes that
it starts install too, where the wheel is installed.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import os
import sys
import types

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from typing import Any

USAGE = """\
usage: python -m gocloudpickle script.py [argument ...]
       python -m gocloudpickle -m module [argument ...]
       python -m gocloudpickle -c command [argument ...]
       python -m gocloudpickle explain [--json] [--lines N] FILE:OBJECT

Run a Python program with gocloudpickle's engine switched on in every cloudpickle, or tell
what in an object can't be pickled (a script of the name explain is ./explain)."""


def main() -> None:
    """Run what the command line names."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, file=sys.stdout if arguments else sys.stderr)
        sys.exit(0 if arguments else 2)
    what, rest = arguments[0], arguments[1:]
    if what == "explain":
        from gocloudpickle import _explain_command

        sys.exit(_explain_command.main(rest))
    options = {"-c": _run_command, "-m": _run_module}
    if what in options and not rest:
        sys.exit(f"gocloudpickle: {what} needs an argument\n{USAGE}")
    if what.startswith("-") and what not in options:
        sys.exit(f"gocloudpickle: there is no option {what}\n{USAGE}")

    from gocloudpickle import _workers

    _workers.switch_on("this program")
    os.environ["GOCLOUDPICKLE_INSTALL"] = "1"
    if what in options:
        options[what](rest[0], rest[1:])
    else:
        _run_path(what, rest)


def _run_command(command: str, arguments: list[str]) -> None:
    sys.argv = ["-c", *arguments]
    _set_path("")
    code = compile(command, "<string>", "exec", dont_inherit=True)
    _run(code, __loader__=importlib.machinery.BuiltinImporter)


def _run_module(name: str, arguments: list[str]) -> None:
    # sys.path[0] is the current directory already, as python -m has it.
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            name += ".__main__"
            spec = importlib.util.find_spec(name)
    except (ImportError, ValueError) as error:
        sys.exit(f"gocloudpickle: can't find the module {name}: {error}")
    if spec is None:
        sys.exit(f"gocloudpickle: there is no module named {name}")
    _run_spec(spec, [spec.origin or name, *arguments])


def _run_path(path: str, arguments: list[str]) -> None:
    import pkgutil

    importer = pkgutil.get_importer(path)
    # As python makes names absolute: "." and ".." stay in them.
    full = os.path.join(os.getcwd(), path)
    if os.path.isdir(path) or type(importer).__name__ == "zipimporter":
        _set_path(full)
        importer = pkgutil.get_importer(full)
        spec = importer.find_spec("__main__") if importer is not None else None
        if spec is None:
            sys.exit(f"gocloudpickle: can't find '__main__' module in {path!r}")
        _run_spec(spec, [path, *arguments])
        return
    try:
        with io.open_code(full) as file:  # what python opens it with (PEP 578)
            source = file.read()
    except OSError as error:
        sys.exit(f"gocloudpickle: can't open file {path!r}: {error}")
    sys.argv = [path, *arguments]
    _set_path(os.path.dirname(os.path.realpath(path)))
    code = compile(source, full, "exec", dont_inherit=True)
    loader = importlib.machinery.SourceFileLoader("__main__", full)
    _run(code, __file__=full, __cached__=None, __spec__=None, __loader__=loader)


def _run_spec(spec: ModuleSpec, argv: list[str]) -> None:
    loader: Any = spec.loader
    code = loader.get_code(spec.name) if hasattr(loader, "get_code") else None
    if code is None:
        sys.exit(f"gocloudpickle: there is no code for {spec.name}")
    sys.argv = argv
    _run(
        code,
        __spec__=spec,
        __loader__=loader,
        __package__=spec.parent,
        __file__=spec.origin,
        __cached__=spec.cached,
    )


def _set_path(folder: str) -> None:
    # With -P (or PYTHONSAFEPATH) there is no such entry.
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = folder


def _run(code: types.CodeType, **attributes: Any) -> None:
    program = types.ModuleType("__main__")
    vars(program).update(attributes, __builtins__=sys.modules["builtins"])
    sys.modules["__main__"] = program
    exec(code, vars(program))
