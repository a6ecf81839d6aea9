"""The table of what names can do, held against the standard library of this Python."""

from __future__ import annotations

import builtins
import importlib
import pathlib
import pkgutil
import sys
import warnings
from collections.abc import Iterator

import pytest

TABLE = pathlib.Path(__file__).parents[2] / "audit" / "capabilities.txt"
CAPABILITIES = {
    "pure", "process", "filesystem", "network", "environment", "dynamic-code", "dynamic-import",
    "native-code", "unpickle", "interpreter", "unknown",
}  # fmt: skip

if not TABLE.exists():
    pytest.skip("this is a copy of the tests, without the Go packages", allow_module_level=True)


def rows() -> Iterator[tuple[str, list[str]]]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words[0], words[1:]


ROWS = dict(rows())
MODULES = sorted(sys.stdlib_module_names)


def capabilities(dotted: str) -> set[str]:
    """Those of the nearest row, as the Go package reads the table."""
    name = dotted
    while name:
        row = ROWS.get(name)
        if row is not None:
            return capabilities(row[1] + dotted[len(name) :]) if row[0] == "=" else set(row)
        name = name.rpartition(".")[0]
    return set()


def test_rows_are_well_formed() -> None:
    assert len(ROWS) == sum(1 for _ in rows()), "a name has two rows"
    for name, words in ROWS.items():
        if words[0] == "=":
            assert words[1] in ROWS, name
        else:
            assert words and set(words) <= CAPABILITIES, name
            assert "pure" not in words or words == ["pure"], name


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_covered(module: str) -> None:
    assert capabilities(module), f"{module} has no row"


def test_every_builtin_has_a_row() -> None:
    names = {n for n in vars(builtins) if n not in ("__doc__", "__name__", "__package__", "_")}
    assert {n for n in names if f"builtins.{n}" not in ROWS} == set()


# What the operating system does for a name that is imported from elsewhere: the table has to say of
# each such name, wherever it can be reached, what it says of the original.
ORIGINALS = (
    "os",
    "posix",
    "subprocess",
    "socket",
    "_socket",
    "io",
    "_io",
    "shutil",
    "ctypes",
    "marshal",
)


@pytest.mark.parametrize("module", MODULES)
def test_reexported_names_keep_their_capabilities(module: str) -> None:
    """A function of os that a harmless module has under a public name isn't harmless there."""
    if module in ("antigravity", "this", "idlelib", "turtledemo", "__main__", "tkinter", "turtle"):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            loaded = importlib.import_module(module)
        except BaseException:  # another platform's
            return
    wrong = []
    for name, value in vars(loaded).items():
        origin = getattr(value, "__module__", None)
        original = f"{origin}.{getattr(value, '__qualname__', name)}"
        if origin not in ORIGINALS or origin == module or not callable(value):
            continue
        dangerous = capabilities(original) - {"pure"}
        if dangerous and not dangerous & capabilities(f"{module}.{name}"):
            wrong.append(f"{module}.{name} is {original}: {sorted(dangerous)}")
    assert wrong == []


def test_submodules_are_covered() -> None:
    for name in (
        "asyncio",
        "concurrent",
        "email",
        "importlib",
        "json",
        "logging",
        "multiprocessing",
        "unittest",
        "xml",
    ):
        package = importlib.import_module(name)
        for info in pkgutil.walk_packages(package.__path__, f"{name}."):
            assert capabilities(info.name), info.name
