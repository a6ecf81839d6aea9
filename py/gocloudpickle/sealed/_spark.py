"""PySpark: the functions that the driver sends, which PySpark calls commands.

Rows can't be sealed: the JVM reads them too, and makes them for Python.
"""

from __future__ import annotations

from gocloudpickle.sealed import _doors, _process

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _change_sender(module: Any) -> Callable[[], None]:
    """Change a module of the driver's that has CloudPickleSerializer for commands alone."""
    stock: Any = module.CloudPickleSerializer

    class CloudPickleSerializer(stock):  # type: ignore[misc]
        def dumps(self, obj: Any) -> bytes:
            data: bytes = super().dumps(obj)
            signer = _process.state().signer
            return data if signer is None else signer._message(data)

    return _doors.give_names(module, CloudPickleSerializer=CloudPickleSerializer)


# The code of the function with which workers read commands, while they verify.


def read_command(serializer, file):  # type: ignore[no-untyped-def]
    return _gocloudpickle_sealed_read_command(serializer, file)  # type: ignore[name-defined]  # noqa: F821


def _change_reader(module: Any) -> Callable[[], None]:
    stock: Any = _doors.stock_of(module.read_command)
    framed: Any = module.FramedSerializer

    class Opening(framed):  # type: ignore[misc]
        def __init__(self, serializer: Any) -> None:
            super().__init__()
            self._serializer = serializer

        def loads(self, data: Any) -> Any:
            return _doors.loads(lambda data, buffers=(): self._serializer.loads(data), data)

    return _doors.give_code(
        module.read_command,
        read_command,  # type: ignore[arg-type]
        lambda serializer, file: stock(Opening(serializer), file),
    )


TARGETS: dict[str, Callable[[Any], Callable[[], None]]] = {
    "pyspark.core.rdd": _change_sender,
    "pyspark.sql.connect.expressions": _change_sender,
    "pyspark.sql.connect.plan": _change_sender,
    "pyspark.worker_util": _change_reader,
}
