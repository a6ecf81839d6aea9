"""Ray: dumps and loads of ray.cloudpickle, which functions, arguments and results go through.

And what a worker does with a function that it refuses.
"""

from __future__ import annotations

from gocloudpickle import _loading
from gocloudpickle.sealed import _doors
from gocloudpickle.sealed._errors import SealError

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


def _change_tasks(module: Any) -> Callable[[], None]:
    """Make a task fail whose function is refused: Ray's worker would die of it.

    A release that is another here keeps its way, which lets nothing in either.
    """
    manager = getattr(module, "FunctionActorManager", None)
    stock: Any = getattr(manager, "get_execution_info", None)
    information: Any = getattr(module, "FunctionExecutionInfo", None)
    fields = ("function", "function_name", "max_calls")
    if stock is None or getattr(information, "_fields", None) != fields:
        return lambda: None

    def get_execution_info(self: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return stock(self, *arguments, **options)
        except SealError as error:
            refusal = error

        def refused(*arguments: Any, **options: Any) -> Any:
            raise refusal.with_traceback(None)

        return information(function=refused, function_name="refused", max_calls=0)

    manager.get_execution_info = get_execution_info  # type: ignore[union-attr]

    def undo() -> None:
        if manager.get_execution_info is get_execution_info:  # type: ignore[union-attr]
            manager.get_execution_info = stock  # type: ignore[union-attr]

    return undo


TARGETS: dict[str, Callable[[Any], Callable[[], None]]] = {
    "ray.cloudpickle": _change,
    "ray._private.function_manager": _change_tasks,
}
