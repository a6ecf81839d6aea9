"""The dispatch table: its keys, its entries one by one, and types that come late."""

from __future__ import annotations

import io
import logging
import os
import pickle
import subprocess
import sys
import types
import weakref
from collections import ChainMap, OrderedDict
from dataclasses import _FIELD  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any, TypeVar

import pytest
from gocloudpickle import _reducers

cloudpickle = pytest.importorskip("cloudpickle", "3.1.2", reason="is what we compare with")
NAMESPACE = cloudpickle.cloudpickle
STOCK = cloudpickle.Pickler._dispatch_table

T = TypeVar("T")
VIEWED: dict[str, int] = {"a": 1}


def cell(*contents: Any) -> Any:
    return types.CellType(*contents)


class WithMethods:
    @classmethod
    def build(cls) -> None: ...

    @staticmethod
    def helper() -> None: ...

    @property
    def value(self) -> int:
        "Doc."
        return 1

    def method(self) -> None: ...


KEEP = WithMethods()

REDUCED = {
    "classmethod": WithMethods.__dict__["build"],
    "staticmethod": WithMethods.__dict__["helper"],
    "property": WithMethods.value,
    "method": KEEP.method,
    "cell": cell(KEEP),
    "empty cell": cell(),
    "code": WithMethods.method.__code__,
    "getset": types.FunctionType.__dict__["__code__"],
    "module": os,
    "dynamic module": types.ModuleType("dynamic"),
    "mappingproxy": types.MappingProxyType({"a": KEEP}),
    "memoryview": memoryview(b"abc"),
    "weakset": weakref.WeakSet([KEEP]),
    "logger": logging.getLogger("a.b"),
    "root logger": logging.getLogger(),
    "typevar": T,
    "dynamic typevar": TypeVar("U", int, str),
    "keys": VIEWED.keys(),
    "values": VIEWED.values(),
    "items": VIEWED.items(),
    "ordered keys": OrderedDict(VIEWED).keys(),
    "ordered values": OrderedDict(VIEWED).values(),
    "ordered items": OrderedDict(VIEWED).items(),
    "field type": _FIELD,
}


@pytest.mark.parametrize("case", REDUCED)
def test_entry(case: str) -> None:
    """The same callable and equal arguments, of which the copies are copies too."""
    obj = REDUCED[case]
    ours = _reducers.dispatch_table(NAMESPACE)[type(obj)](obj)
    stock = STOCK[type(obj)](obj)
    assert type(ours) is type(stock) is tuple
    assert len(ours) == len(stock) == 2
    assert ours[0] is stock[0]
    assert type(ours[1]) is tuple
    assert len(ours[1]) == len(stock[1])
    for mine, theirs in zip(ours[1], stock[1], strict=True):
        assert type(mine) is type(theirs)
        # The argument is an object of the program, or else a copy that was made for this.
        if mine is not theirs:
            assert mine == theirs
            assert STOCK[type(obj)](obj)[1] is not stock[1]


def test_code_is_made_of_copies() -> None:
    """Of each argument that cloudpickle copies, so do we: it has an id of its own."""

    def made(parameter: Any) -> Any:
        return lambda: (parameter, os.path, made)

    reduce, code = _reducers.dispatch_table(NAMESPACE)[types.CodeType], made.__code__
    stock, again = STOCK[types.CodeType](code)[1], STOCK[types.CodeType](code)[1]
    ours = reduce(code)[1]
    copied = [one is not other for one, other in zip(stock, again, strict=True)]
    assert sum(copied) > 3
    assert [one is not other for one, other in zip(stock, ours, strict=True)] == copied
    assert [one is not other for one, other in zip(ours, reduce(code)[1], strict=True)] == copied


def test_keys() -> None:
    ours = _reducers.dispatch_table(NAMESPACE)
    assert set(ours) == set(STOCK)
    assert len(ours) == len(STOCK)
    # Types that share a reducer in cloudpickle share it here.
    assert [[ours[one] is ours[other] for one in STOCK if one in ours] for other in STOCK] == [
        [STOCK[one] is STOCK[other] for one in STOCK] for other in STOCK
    ]


def test_each_table_is_new() -> None:
    one, other = _reducers.dispatch_table(NAMESPACE), _reducers.dispatch_table(NAMESPACE)
    one[int] = repr  # type: ignore[assignment]
    del one[property]
    assert int not in other
    assert property in other


def test_reducer() -> None:
    reducer: Any = _reducers.dispatch_table(NAMESPACE)[types.CodeType]
    assert reducer.kind == "code"
    assert repr(reducer) == "<reducer of code for cloudpickle.cloudpickle>"
    copy = pickle.loads(pickle.dumps(reducer))
    assert (copy.kind, copy.namespace, copy.reduce) == ("code", NAMESPACE, reducer.reduce)


LATE = """
import sys
sys.path.insert(0, {path!r})
import types
namespace = types.ModuleType("namespace")
from gocloudpickle import _reducers
# Types whose modules have not been imported yet, as in a short program.
assert not {{"logging", "typing", "dataclasses"}} & set(sys.modules), sorted(sys.modules)
table = _reducers.dispatch_table(namespace)
assert not {{"logging", "typing", "dataclasses"}} & set(sys.modules), sorted(sys.modules)
assert table.late and not table.complete()
before = dict.__len__(table)
{body}
"""


@pytest.mark.parametrize(
    "body",
    [
        "import logging; assert table[logging.Logger].kind == 'logger'",
        "import logging; assert logging.Logger in table and logging.RootLogger in list(table)",
        "import logging; assert table.get(logging.RootLogger).kind == 'root_logger'",
        "import logging; assert logging.Logger in dict(table)",
        "import logging; assert logging.Logger in {**table}",
        "import logging; assert logging.Logger in table.copy()",
        "import logging; assert len(table) >= before + 2",
        "import logging; assert logging.Logger in table.keys()",
        "import logging; assert 'logger' in [value.kind for value in table.values()]",
        "import logging; assert logging.Logger in [key for key, value in table.items()]",
        "import logging; assert table.pop(logging.Logger).kind == 'logger'; assert logging.Logger not in table",
        "import logging; del table[logging.Logger]; assert logging.Logger not in table",
        "import logging; table[logging.Logger] = repr; assert table[logging.Logger] is repr; "
        "table.complete(); assert table[logging.Logger] is repr",
        "import typing; assert table[typing.TypeVar].kind == 'typevar'",
        "import dataclasses; assert table[dataclasses._FIELD_BASE].kind == 'dataclass_field_type'",
        "import collections, copyreg, logging, pickle\n"
        "chain = collections.ChainMap(table, copyreg.dispatch_table)\n"
        "assert chain[logging.Logger].kind == 'logger' and logging.Logger in chain",
        "import typing, dataclasses, logging; assert table.complete() and not table.late",
        "try: table[int]\nexcept KeyError as error: assert error.args == (int,)\nelse: raise SystemExit('no KeyError')",
    ],
)
def test_late_types(body: str) -> None:
    path = str(Path(__file__).resolve().parents[2] / "py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LATE.format(path=path, body=body)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_engine_sees_late_types() -> None:
    """A dataclass made after the first dump: its fields must keep their kind."""
    path = str(Path(__file__).resolve().parents[2] / "py")
    program = f"""
import sys
sys.path.insert(0, {path!r})
import gocloudpickle
gocloudpickle.dumps(lambda: 0)
assert "dataclasses" not in sys.modules
import dataclasses, typing
assert b"_get_dataclass_field_type_sentinel" in gocloudpickle.dumps(dataclasses._FIELD)
assert b"_make_typevar" in gocloudpickle.dumps(typing.TypeVar("T"))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def files(folder: Path) -> dict[str, Any]:
    path = folder / "file.txt"
    path.write_text("one\ntwo\n")
    closed = path.open()
    closed.close()

    class Unreadable(io.TextIOWrapper):
        name = "unreadable"
        mode = "r"

        def read(self, size: int | None = -1) -> str:
            raise OSError("broken disk")

    nameless = io.TextIOWrapper(io.BytesIO(b"abc"))
    return {
        "closed": closed,
        "write only": path.open("a"),
        "no mode": nameless,
        "unreadable": Unreadable(io.BytesIO(b"abc")),
        "stdin": sys.__stdin__,
    }


@pytest.mark.parametrize("case", ["closed", "write only", "no mode", "unreadable", "stdin"])
def test_files_that_are_refused(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", sys.__stdin__)
    file = files(tmp_path)[case]
    with pytest.raises(pickle.PicklingError) as stock:
        STOCK[io.TextIOWrapper](file)
    with pytest.raises(pickle.PicklingError) as ours:
        _reducers.dispatch_table(NAMESPACE)[io.TextIOWrapper](file)
    assert str(ours.value).startswith(str(stock.value))
    assert type(ours.value.__cause__) is type(stock.value.__cause__)


def test_terminals_are_refused() -> None:
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    os.close(leader)
    with open(follower) as file, pytest.raises(pickle.PicklingError, match="map to tty objects"):
        file.isatty = lambda: True  # type: ignore[method-assign] # closing the leader hides it
        _reducers.dispatch_table(NAMESPACE)[io.TextIOWrapper](file)


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_standard_files(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "file.txt").open("w") as file:
        monkeypatch.setattr(sys, name, file)
        reduced = _reducers.dispatch_table(NAMESPACE)[io.TextIOWrapper](file)
        assert reduced == STOCK[io.TextIOWrapper](file) == (getattr, (sys, name))


def test_file_copy(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("one\ntwo\n")
    with path.open() as file:
        file.readline()
        make, (copy,) = _reducers.dispatch_table(NAMESPACE)[io.TextIOWrapper](file)
        assert make is NAMESPACE._file_reconstructor
        assert (copy.getvalue(), copy.tell(), copy.name) == ("one\ntwo\n", 4, str(path))
        assert file.read() == "two\n", "the position in the file itself has changed"


def test_reducers_follow_the_tables_of_copyreg(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in cloudpickle, copyreg comes after the table."""
    import copyreg

    table = _reducers.dispatch_table(NAMESPACE)
    monkeypatch.setitem(copyreg.dispatch_table, property, repr)
    chain = ChainMap(table, copyreg.dispatch_table)
    assert chain[property].kind == "property"


def test_only_functions_classes_and_modules_have_a_place() -> None:
    for whose in (NAMESPACE._should_pickle_by_reference,
                  _reducers.cloudpickle_attribute(NAMESPACE, "_should_pickle_by_reference")):  # fmt: skip
        with pytest.raises(TypeError, match="cannot check importability of int instances"):
            whose(5)
