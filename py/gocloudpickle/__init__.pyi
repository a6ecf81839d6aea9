import os
import pickle
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, Final, Literal, NamedTuple, Protocol, TypedDict

from _typeshed import ReadableBuffer, SupportsWrite

from gocloudpickle._executor import ProcessPoolExecutor as ProcessPoolExecutor
from gocloudpickle._explain import Explanation as Explanation
from gocloudpickle._inspect import Inspection as Inspection
from gocloudpickle._install import install as install
from gocloudpickle._install import installed as installed
from gocloudpickle._install import uninstall as uninstall
from gocloudpickle._policy import Audit as Audit
from gocloudpickle._policy import Policy as Policy
from gocloudpickle._policy import PolicyError as PolicyError
from gocloudpickle.sealed._refuse import refuse_unsealed as refuse_unsealed

__all__ = [
    "DEFAULT_PROTOCOL",
    "CloudPickler",
    "PayloadTooLargeError",
    "Pickler",
    "PolicyError",
    "ProcessPoolExecutor",
    "__version__",
    "audit",
    "dump",
    "dumps",
    "engine_info",
    "explain",
    "inspect",
    "install",
    "installed",
    "list_registry_pickle_by_value",
    "load",
    "loads",
    "preflight",
    "refuse_unsealed",
    "register_pickle_by_value",
    "require_engine",
    "uninstall",
    "unregister_pickle_by_value",
]

__version__: Final[str]
DEFAULT_PROTOCOL: Final[int]

class _Readable(Protocol):
    def read(self, n: int, /) -> bytes: ...
    def readline(self) -> bytes: ...

class _Dumps(TypedDict):
    layout: int
    portable: int
    python: int

class _Module(TypedDict):
    on: bool
    why_off: str | None

class _EngineInfo(TypedDict):
    version: str
    python: str
    path: Literal["layout", "portable", "python"]
    why_portable: str | None
    why_python: str | None
    dumps: _Dumps
    modules: dict[str, _Module]

_BufferCallback = Callable[[pickle.PickleBuffer], Any] | None

class _LargeValue(NamedTuple):
    path: str
    type: str
    bytes: int

class PayloadTooLargeError(pickle.PicklingError):
    max_bytes: int
    largest: tuple[_LargeValue, ...]

def dumps(
    obj: Any,
    protocol: int | None = None,
    buffer_callback: _BufferCallback = None,
    *,
    max_bytes: int | None = None,
    skip: Mapping[type, Any] | None = None,
) -> bytes: ...
def dump(
    obj: Any,
    file: SupportsWrite[bytes],
    protocol: int | None = None,
    buffer_callback: _BufferCallback = None,
    *,
    max_bytes: int | None = None,
    skip: Mapping[type, Any] | None = None,
) -> None: ...
def explain(
    obj: Any,
    protocol: int | None = None,
    buffer_callback: _BufferCallback = None,
    *,
    skip: Mapping[type, Any] | None = None,
) -> Explanation: ...
def loads(
    data: ReadableBuffer,
    /,
    *,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
    policy: Policy = ...,
) -> Any: ...
def load(
    file: _Readable,
    *,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
    policy: Policy = ...,
) -> Any: ...

class Pickler(pickle.Pickler):
    dispatch_table: ChainMap[type, Callable[[Any], Any]]
    dispatch: ChainMap[type, Callable[[Any], Any]]
    globals_ref: dict[int, dict[str, Any]]
    proto: int
    strict: bool | None
    def __init__(
        self,
        file: SupportsWrite[bytes],
        protocol: int | None = None,
        buffer_callback: _BufferCallback = None,
        *,
        max_bytes: int | None = None,
        skip: Mapping[type, Any] | None = None,
    ) -> None: ...
    def dump(self, obj: Any) -> None: ...
    def clear_memo(self) -> None: ...
    def reducer_override(self, obj: Any) -> Any: ...

CloudPickler = Pickler

def register_pickle_by_value(module: ModuleType) -> None: ...
def unregister_pickle_by_value(module: ModuleType) -> None: ...
def list_registry_pickle_by_value() -> set[str]: ...
def inspect(data: ReadableBuffer) -> Inspection: ...
def audit(data: ReadableBuffer | os.PathLike[str], policy: Policy = "functions") -> Audit: ...
def preflight(data: ReadableBuffer) -> None: ...
def require_engine() -> None: ...
def engine_info() -> _EngineInfo: ...
