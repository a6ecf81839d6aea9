"""The moments at which an attribute of a Pickler can be set, and the values tried.

CPython's Pickler reads some of its attributes when it is made, some at each dump, and
which ones differs between versions (Modules/_pickle.c). Each moment is a small program
over a module's Pickler class that records what came of each of its steps.
"""

from __future__ import annotations

import _pickle
import io
from collections import ChainMap, UserDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.oracles.picklers import FUNCTION, Special

SPECIAL = Special(3)


class Table(UserDict):  # type: ignore[type-arg]
    """A mapping that is no dict."""


class Raising:
    """A mapping that raises."""

    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def __getitem__(self, key: Any) -> Any:
        raise self.error("from the table")


class Sentinel:
    """Given to Steps.objects, to be called in the middle of a dump."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self.action = action

    def __reduce__(self) -> Any:
        self.action()
        return int, ()


class Steps:
    """Runs the steps of one program and records what came of each."""

    def __init__(self, module: Any, protocol: int) -> None:
        self.module = module
        self.pickler = module.Pickler
        self.protocol = protocol
        self.file = io.BytesIO()
        self.records: list[Any] = []

    def sub(self, *bases: type, **attributes: Any) -> Any:
        """Make a subclass of the module's Pickler, or of bases."""
        return type("Sub", bases or (self.pickler,), attributes)

    def step(self, action: Callable[..., Any], *args: Any) -> Any:
        """Do one thing; its error is recorded and goes no further."""
        try:
            return action(*args)
        except Exception as error:
            self.records.append(type(error))
            return None

    def new(self, cls: Any) -> Any:
        """Make a Pickler."""
        return self.step(cls, self.file, self.protocol)

    def dump(self, pickler: Any, *more: Any) -> None:
        """Dump what each hook and table has to do with."""
        if pickler is None:
            return
        start = self.file.tell()
        errors = len(self.records)
        self.step(pickler.dump, [SPECIAL, "text", "text", FUNCTION, property(len), 1.5, *more])
        if len(self.records) > errors:
            # What a failed dump leaves in the memo and in the file is another matter.
            pickler.clear_memo()
        else:
            self.records.append(self.file.getvalue()[start:])


Moment = Callable[[Steps, str, Any], None]
MOMENTS: dict[str, Moment] = {}


def moment(function: Moment) -> Moment:
    MOMENTS[function.__name__] = function
    return function


@contextmanager
def changed(cls: Any, name: str, value: Any) -> Iterator[None]:
    """Set an attribute of a class for a while."""
    absent = object()
    before = vars(cls).get(name, absent)
    setattr(cls, name, value)
    try:
        yield
    finally:
        if before is absent:
            delattr(cls, name)
        else:
            setattr(cls, name, before)


@moment
def on_the_class(steps: Steps, name: str, value: Any) -> None:
    steps.dump(steps.new(steps.sub(**{name: value})))


@moment
def on_a_base(steps: Steps, name: str, value: Any) -> None:
    base = steps.sub(**{name: value})
    steps.dump(steps.new(steps.sub(steps.sub(base))))


@moment
def on_a_mixin(steps: Steps, name: str, value: Any) -> None:
    mixin = type("Mixin", (), {name: value})
    steps.dump(steps.new(steps.sub(mixin, steps.pickler)))
    steps.dump(steps.new(steps.sub(steps.pickler, mixin)))


@moment
def on_the_metaclass(steps: Steps, name: str, value: Any) -> None:
    meta = type("Meta", (type,), {name: value})
    steps.dump(steps.new(meta("Sub", (steps.pickler,), {})))


@moment
def on_the_object(steps: Steps, name: str, value: Any) -> None:
    for cls in (steps.pickler, steps.sub()):
        pickler = steps.new(cls)
        steps.dump(pickler)
        steps.step(setattr, pickler, name, value)
        steps.dump(pickler)
        steps.step(delattr, pickler, name)
        steps.dump(pickler)


@moment
def on_the_object_over_the_class(steps: Steps, name: str, value: Any) -> None:
    cls = steps.sub(**{name: value})
    pickler = steps.new(cls)
    if pickler is not None:
        steps.step(setattr, pickler, name, value)
        steps.step(delattr, cls, name)
        steps.dump(pickler)


@moment
def before_the_base_init(steps: Steps, name: str, value: Any) -> None:
    def init(pickler: Any, *args: Any) -> None:
        steps.step(setattr, pickler, name, value)
        steps.pickler.__init__(pickler, *args)

    pickler = steps.new(steps.sub(__init__=init))
    steps.dump(pickler)
    steps.step(delattr, pickler, name)
    steps.dump(pickler)


@moment
def after_the_base_init(steps: Steps, name: str, value: Any) -> None:
    def init(pickler: Any, *args: Any) -> None:
        steps.pickler.__init__(pickler, *args)
        steps.step(setattr, pickler, name, value)

    steps.dump(steps.new(steps.sub(__init__=init)))


@moment
def on_the_class_later(steps: Steps, name: str, value: Any) -> None:
    base = steps.sub()
    cls = steps.sub(base)
    for owner in (cls, base):
        pickler = steps.new(cls)
        steps.dump(pickler)
        setattr(owner, name, value)
        steps.dump(pickler)
        another = steps.new(cls)
        delattr(owner, name)
        steps.dump(pickler)
        steps.dump(another)


@moment
def on_the_module_s_class(steps: Steps, name: str, value: Any) -> None:
    before = steps.new(steps.pickler), steps.new(steps.sub())
    with changed(steps.pickler, name, value):
        for pickler in before:
            steps.dump(pickler)
        during = steps.new(steps.pickler), steps.new(steps.sub())
        for pickler in during:
            steps.dump(pickler)
        for dumps in (steps.module.dumps, dumps_into_file):
            arguments = () if dumps is steps.module.dumps else (steps,)
            steps.records.append(steps.step(dumps, *arguments, [SPECIAL, FUNCTION], steps.protocol))
    for pickler in (*before, *during):
        steps.dump(pickler)
    steps.records.append(steps.step(steps.module.dumps, [SPECIAL, FUNCTION], steps.protocol))


def dumps_into_file(steps: Steps, obj: Any, protocol: int) -> bytes:
    file = io.BytesIO()
    steps.module.dump(obj, file, protocol)
    return file.getvalue()


@moment
def deleted_from_the_module_s_class(steps: Steps, name: str, value: Any) -> None:
    if name not in vars(steps.pickler) or name == "memo":
        return
    kept = vars(steps.pickler)[name]
    before = steps.new(steps.pickler)
    delattr(steps.pickler, name)
    try:
        steps.dump(before)
        steps.dump(steps.new(steps.pickler))
        steps.records.append(steps.step(steps.module.dumps, [SPECIAL, FUNCTION], steps.protocol))
    finally:
        setattr(steps.pickler, name, kept)


@moment
def init_called_again(steps: Steps, name: str, value: Any) -> None:
    pickler = steps.new(steps.sub())
    steps.dump(pickler)
    steps.step(setattr, pickler, name, value)
    steps.step(pickler.__init__, steps.file, steps.protocol)
    steps.dump(pickler)
    steps.step(pickler.__init__, object())
    steps.dump(pickler)
    steps.step(pickler.__init__, steps.file, 77)
    steps.dump(pickler)


@moment
def through_the_descriptor(steps: Steps, name: str, value: Any) -> None:
    """As loky does it: the first class in the MRO that has a descriptor for it."""
    descriptor = vars(_pickle.Pickler)[name]
    if not hasattr(descriptor, "__set__"):
        return
    for cls in (steps.pickler, steps.sub(), steps.sub(**{name: value})):
        pickler = steps.new(cls)
        if pickler is not None:
            steps.step(descriptor.__set__, pickler, value)
            steps.dump(pickler)
            steps.step(descriptor.__delete__, pickler)
            steps.dump(pickler)


@moment
def through_the_descriptor_before_init(steps: Steps, name: str, value: Any) -> None:
    descriptor = vars(_pickle.Pickler)[name]
    if not hasattr(descriptor, "__set__"):
        return

    def init(pickler: Any, *args: Any) -> None:
        steps.step(descriptor.__set__, pickler, value)
        steps.pickler.__init__(pickler, *args)

    steps.dump(steps.new(steps.sub(__init__=init)))


@moment
def by_a_property(steps: Steps, name: str, value: Any) -> None:
    reads = []

    def get(pickler: Any) -> Any:
        reads.append(name)
        return value

    pickler = steps.new(steps.sub(**{name: property(get)}))
    steps.records.append(len(reads))
    steps.dump(pickler)
    steps.dump(pickler)
    steps.records.append(len(reads))


@moment
def by_a_property_that_raises(steps: Steps, name: str, value: Any) -> None:
    for error in (AttributeError, ZeroDivisionError):

        def get(pickler: Any, error: Any = error) -> Any:
            raise error("from the property")

        steps.dump(steps.new(steps.sub(**{name: property(get)})))


@moment
def by_getattribute(steps: Steps, name: str, value: Any) -> None:
    def answer(pickler: Any, asked: str) -> Any:
        if asked == name:
            return value
        return object.__getattribute__(pickler, asked)

    steps.dump(steps.new(steps.sub(__getattribute__=answer)))


@moment
def by_getattr(steps: Steps, name: str, value: Any) -> None:
    def answer(pickler: Any, asked: str) -> Any:
        if asked == name:
            return value
        raise AttributeError(asked)

    steps.dump(steps.new(steps.sub(__getattr__=answer)))


@moment
def in_the_middle_of_a_dump(steps: Steps, name: str, value: Any) -> None:
    cls = steps.sub()
    pickler = steps.new(cls)
    another = Special(4)
    steps.dump(pickler, Sentinel(lambda: steps.step(setattr, pickler, name, value)), another)
    steps.dump(pickler, another)
    setattr(cls, name, None)
    pickler = steps.new(cls)
    steps.dump(pickler, Sentinel(lambda: setattr(cls, name, value)), Special(5), ["text", 10])
    steps.dump(pickler, Sentinel(lambda: delattr(cls, name)), Special(6))


@moment
def through_the_descriptor_in_a_dump(steps: Steps, name: str, value: Any) -> None:
    descriptor = vars(_pickle.Pickler)[name]
    if not hasattr(descriptor, "__set__"):
        return
    pickler = steps.new(steps.sub())
    put = Sentinel(lambda: steps.step(descriptor.__set__, pickler, value))
    drop = Sentinel(lambda: steps.step(descriptor.__delete__, pickler))
    steps.dump(pickler, put, Special(5), ["text", 10], (1, 2), drop, Special(6), ["text", 300])


def _reduce_special(obj: Special) -> Any:
    return complex, (obj.x, 1)


def _type_name(*args: Any) -> Any:
    return type(args[-1]).__name__


def _persistent_id(*args: Any) -> Any:
    return f"id {args[-1].x}" if isinstance(args[-1], Special) else None


def _override(*args: Any) -> Any:
    return (complex, (args[-1].x, 2)) if isinstance(args[-1], Special) else NotImplemented


def _override_with_functions(pickler: Any, obj: Any = None) -> Any:
    if isinstance(obj, Special):
        return complex, (obj.x, 3)
    for cls in type(pickler).__mro__[1:]:
        if "reducer_override" in vars(cls):
            return cls.reducer_override(pickler, obj)
    return NotImplemented


VALUES: dict[str, dict[str, Callable[[Any], Any]]] = {
    "dispatch_table": {
        "dict": lambda m: {Special: _reduce_special},
        "empty": lambda m: {},
        "chain": lambda m: ChainMap({Special: _reduce_special}, m.Pickler.dispatch_table),
        "mapping": lambda m: Table({Special: _reduce_special}),
        "None": lambda m: None,
        "5": lambda m: 5,
        "raising": lambda m: Raising(ZeroDivisionError),
        "KeyError": lambda m: Raising(KeyError),
    },
    "persistent_id": {
        "function": lambda m: _persistent_id,
        "builtin": lambda m: {SPECIAL: "id"}.get,
        "every object": lambda m: staticmethod(_type_name),
        "None": lambda m: None,
        "5": lambda m: 5,
    },
    "reducer_override": {
        "function": lambda m: _override,
        "with functions": lambda m: _override_with_functions,
        "builtin": lambda m: {}.get,
        "another's": lambda m: m.Pickler(io.BytesIO()).reducer_override,
        "None": lambda m: None,
        "5": lambda m: 5,
    },
    "fast": {"True": lambda m: True, "7": lambda m: 7, "0": lambda m: 0, "text": lambda m: "x"},
    "bin": {"0": lambda m: 0, "1": lambda m: 1, "text": lambda m: "x"},
    "memo": {"dict": lambda m: {}, "5": lambda m: 5, "full": lambda m: {1: (40, SPECIAL)}},
}
