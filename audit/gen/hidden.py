"""Writes audit/hidden.txt: the modules that modules have as attributes: json.codecs is codecs.

    python3.10 audit/gen/hidden.py audit/hidden.txt     # once with each Python: it adds

Importing every module of the standard library has effects (it opens a browser's registry,
a Tk library): what does more than define things is left out.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import pkgutil
import sys
import types
import warnings
from pathlib import Path

# Modules whose import does something, or that are for CPython's own tests.
LEFT_OUT = ("antigravity", "this", "idlelib", "test", "lib2to3", "turtledemo", "turtle", "tkinter")
HEADER = """\
# Modules that are attributes of other modules of the standard library, by any name, of any
# Python from 3.10 to 3.14: `json.codecs codecs`. Written by gen/hidden.py. Submodules under their
# own names are not here.
"""


def names() -> list[str]:
    """Every module of the standard library that can be imported."""
    found = []
    for top in sorted(sys.stdlib_module_names):
        if top.startswith(LEFT_OUT) or top == "__main__":
            continue
        found.append(top)
        module = imported(top)
        for info in pkgutil.iter_modules(getattr(module, "__path__", None) or [], f"{top}."):
            if not info.name.endswith(("__main__", ".tests", ".test")):
                found.append(info.name)
    return found


def imported(name: str) -> types.ModuleType | None:
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except BaseException:
        return None


def hidden(name: str) -> dict[str, str]:
    """The attributes of a module that are modules, by their dotted names."""
    module = imported(name)
    found = {}
    for attribute, value in sorted(vars(module).items()) if module else []:
        if not isinstance(value, types.ModuleType):
            continue
        target = getattr(value, "__name__", None)
        if not isinstance(target, str):
            continue
        target = CANONICAL.get(target, target)
        if target != f"{name}.{attribute}":
            found[f"{name}.{attribute}"] = target
    return found


# The names that capabilities.txt has rows for.
CANONICAL = {"posix": "os", "nt": "os", "posixpath": "os.path", "ntpath": "os.path"}


def main(path: Path) -> None:
    rows = {}
    if path.exists():
        lines = path.read_text().splitlines()
        rows = dict(line.split() for line in lines if line and not line.startswith("#"))
    for name in names():
        for dotted, target in hidden(name).items():
            rows.setdefault(dotted, target)
    text = "".join(f"{dotted} {target}\n" for dotted, target in sorted(rows.items()))
    path.write_text(HEADER + text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
