"""A Pickler of the reducers alone, under the C pickler: what the engine is compared with."""

from __future__ import annotations

import _pickle
import copyreg
import io
import types
from collections import ChainMap
from typing import Any

from gocloudpickle import _reducers


def pickler_class(namespace: Any) -> Any:
    """Return a Pickler that names the functions of `namespace`."""

    class Twin(_pickle.Pickler):
        dispatch_table = ChainMap(_reducers.dispatch_table(namespace), copyreg.dispatch_table)

        def __init__(
            self, file: Any, protocol: int | None = None, buffer_callback: Any = None
        ) -> None:
            protocol = namespace.DEFAULT_PROTOCOL if protocol is None else protocol
            super().__init__(file, protocol=protocol, buffer_callback=buffer_callback)
            self.globals_ref: dict[int, dict[str, Any]] = {}

        def dump(self, obj: Any) -> None:
            try:
                super().dump(obj)
            except RecursionError as error:
                message = "Could not pickle object as excessively deep recursion required."
                raise _pickle.PicklingError(message) from error

        def reducer_override(self, obj: Any) -> Any:
            if issubclass(type(obj), type):
                return _reducers.reduce_class(namespace, obj)
            if isinstance(obj, types.FunctionType):
                return _reducers.reduce_function(namespace, self.globals_ref, obj)
            return NotImplemented

    return Twin


def dumps(namespace: Any, obj: Any, protocol: int | None = None) -> bytes:
    file = io.BytesIO()
    pickler_class(namespace)(file, protocol).dump(obj)
    return file.getvalue()
