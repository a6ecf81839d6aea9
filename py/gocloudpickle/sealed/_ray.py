"""Ray: dumps and loads of ray.cloudpickle, which functions, arguments and results go through."""

from __future__ import annotations

from gocloudpickle import _loading
from gocloudpickle.sealed import _doors

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _change(module: Any) -> Callable[[], None]:
    stock_dumps, stock_loads = module.dumps, module.loads

    def dumps(obj, protocol=None, buffer_callback=None):  # type: ignore[no-untyped-def]
        return _doors.dumps(stock_dumps, obj, buffer_callback, protocol=protocol)

    def loads(data: Any, /, *, buffers: Any = (), **options: Any) -> Any:
        return _doors.loads(stock_loads, data, buffers, **options)

    # A task that names it means what the worker has under that name.
    dumps.__module__, dumps.__qualname__ = module.__name__, "dumps"
    loads.__doc__ = stock_loads.__doc__
    return _doors.give_names(module, dumps=dumps, loads=_loading.make(loads))


TARGETS: dict[str, Callable[[Any], Callable[[], None]]] = {"ray.cloudpickle": _change}
