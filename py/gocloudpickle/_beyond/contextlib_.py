"""What contextlib.contextmanager and asynccontextmanager make, before it is entered."""

from __future__ import annotations

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any
    Reduction = Any


def reduce_generator_manager(namespace: Namespace, manager: Any) -> Reduction:
    """Reduce a context manager to the call that has made it.

    It holds a generator that has not begun, so that the call makes the same one. As a
    decorator it is in the closure of each function that it decorates. Once it is
    entered, it has dropped the function (_GeneratorContextManager.__enter__ in
    Lib/contextlib.py), and there is no way to send a generator in the middle of its work.
    """
    attributes = dict(vars(manager))
    attributes.pop("gen", None)
    try:
        call = tuple(attributes.pop(name) for name in ("func", "args", "kwds"))
    except KeyError:
        return NotImplemented
    return type(manager), call, attributes
