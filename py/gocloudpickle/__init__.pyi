import pickle
from collections import ChainMap
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, Final, Literal, Protocol, TypedDict

from _typeshed import ReadableBuffer, SupportsWrite

from gocloudpickle._executor import ProcessPoolExecutor as ProcessPoolExecutor
from gocloudpickle._install import install as install
from gocloudpickle._install import installed as installed
from gocloudpickle._install import uninstall as uninstall

__all__ = [
    "DEFAULT_PROTOCOL",
    "CloudPickler",
    "Pickler",
    "ProcessPoolExecutor",
    "__version__",
    "dump",
    "dumps",
    "engine_info",
    "install",
    "installed",
    "list_registry_pickle_by_value",
    "load",
    "loads",
    "register_pickle_by_value",
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

class _Module(TypedDict):
    on: bool
    why_off: str | None

class _EngineInfo(TypedDict):
    version: str
    python: str
    path: Literal["layout", "portable"]
    why_portable: str | None
    dumps: _Dumps
    modules: dict[str, _Module]

_BufferCallback = Callable[[pickle.PickleBuffer], Any] | None

def dumps(
    obj: Any, protocol: int | None = None, buffer_callback: _BufferCallback = None
) -> bytes: ...
def dump(
    obj: Any,
    file: SupportsWrite[bytes],
    protocol: int | None = None,
    buffer_callback: _BufferCallback = None,
) -> None: ...
def loads(
    data: ReadableBuffer,
    /,
    *,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
) -> Any: ...
def load(
    file: _Readable,
    *,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
) -> Any: ...

class Pickler(pickle.Pickler):
    dispatch_table: ChainMap[type, Callable[[Any], Any]]
    dispatch: ChainMap[type, Callable[[Any], Any]]
    globals_ref: dict[int, dict[str, Any]]
    proto: int
    def __init__(
        self,
        file: SupportsWrite[bytes],
        protocol: int | None = None,
        buffer_callback: _BufferCallback = None,
    ) -> None: ...
    def dump(self, obj: Any) -> None: ...
    def clear_memo(self) -> None: ...
    def reducer_override(self, obj: Any) -> Any: ...

CloudPickler = Pickler

def register_pickle_by_value(module: ModuleType) -> None: ...
def unregister_pickle_by_value(module: ModuleType) -> None: ...
def list_registry_pickle_by_value() -> set[str]: ...
def engine_info() -> _EngineInfo: ...
