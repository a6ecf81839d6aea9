"""Objects that cloudpickle's versions pickle differently.

A framework's copy of cloudpickle may be of any version, or changed, and need not say
so: Ray's has been 3.0 under the name of 2.0.0. So the payloads of these decide whether
it is one whose work the engine can do. Each sample has a reason to be here.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

# Run anew each time, as a module that nobody can import. 3.1 copies names, so that they
# aren't shared with the code object's; it sorts the attributes of classes.
_SOURCE = '''
import abc, collections, dataclasses, enum, typing
unit = 3

def function(zeta, alpha=unit, *, option=None):
    """Has a docstring."""
    def inner(x):
        return x * zeta + unit, collections.abc, inner
    return inner
function.attribute = "attribute"
closure = function(1)

class Plain:
    zeta: int = 1
    def alpha(self):
        return super().alpha()
    @property
    def value(self): return self.zeta
    @classmethod
    def make(cls): return cls()

class Abstract(abc.ABC):
    annotated: typing.Any
    @abc.abstractmethod
    def method(self): ...

class Slotted:
    __slots__ = ("b", "a")

@dataclasses.dataclass
class Record:
    b: int
    a: str = "a"

class Colour(enum.Enum):
    RED = 1
    def darker(self): return Colour.RED

T = typing.TypeVar("T", bound=int)
class Generic(typing.Generic[T]):
    item: T
view = memoryview(b"view")

for annotated in Plain, Abstract, Record, Generic:
    annotated.__annotations__  # evaluates them (PEP 649): cloudpickle loses what isn't
'''

_NAMES = {
    "closure": "a closure",
    "function": "a function",
    "Plain": "a class",
    "Abstract": "an abstract class",
    "Slotted": "a class with slots",
    "Record": "a dataclass",
    "Colour": "an Enum",
    "Generic": "a generic class",
    "view": "a memoryview",  # by a reducer of the dispatch table
    "sys": "a module",
}

_code: Any = None
_dumps: tuple[Any, int] = (None, 0)  # an engine, and how many samples it has dumped


def dumps_of(engine: ModuleType) -> int:
    """Return how many of an engine's dumps were of samples."""
    return _dumps[1] if _dumps[0] is engine else 0


def first_difference(
    stock_dumps: Callable[[Any], bytes], engine: ModuleType, target: int
) -> str | None:
    """Name the first sample of which the engine makes other bytes, None if there is none."""
    global _code, _dumps
    if _code is None:
        _code = compile(_SOURCE, "<gocloudpickle>", "exec", dont_inherit=True)
    namespace: dict[str, Any] = {"__name__": "gocloudpickle_samples"}
    exec(_code, namespace)
    before = _total(engine)
    try:
        for name, description in _NAMES.items():
            sample = namespace.get(name, sys)
            expected = _result(stock_dumps, sample)
            if expected != _result(lambda sample: engine.dumps_through(target, sample), sample):
                return description
        return None
    finally:
        _dumps = (engine, dumps_of(engine) + _total(engine) - before)


def _total(engine: ModuleType) -> int:
    info = engine.info()
    total: int = info["layout"] + info["portable"]
    return total


def _result(dumps: Callable[[Any], bytes], sample: Any) -> bytes | type[Exception]:
    try:
        return dumps(sample)
    except Exception as error:
        return type(error)
