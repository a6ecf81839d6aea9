"""cloudpickle and cloudpickle.cloudpickle_fast, provided by gocloudpickle in a Go program.

Two more names for what cloudpickle.cloudpickle holds (see rebuild.go): programs import
from the first, and payloads of cloudpickle 1 and 2 name the second.
"""

from __future__ import annotations

import cloudpickle.cloudpickle as _namespace

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

__version__ = "3.1.2"  # the version whose API and payloads these modules follow


def __getattr__(name: str) -> Any:
    if not name.startswith("__"):
        try:
            return getattr(_namespace, name)
        except AttributeError:
            pass
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_namespace)})
