"""What engine_info() tells."""

from __future__ import annotations

import sys

from gocloudpickle import _install, _loader, _python_path, _samples
from gocloudpickle._version import __version__

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


def engine_info() -> dict[str, Any]:
    """See gocloudpickle.engine_info."""
    engine = _loader.engine_or_none()
    path, why_portable, counts = "python", None, {"layout": 0, "portable": 0}
    why_python = _loader.why_python() if engine is None else _why_retired(engine)
    if engine is not None and why_python is None:
        info = engine.info()
        path, why_portable = info["path"], info["why_portable"]
        counts = {name: info[name] for name in counts}
        counts[path] -= _samples.dumps_of(engine)
    return {
        "version": __version__,
        "python": sys.version.split()[0],
        "path": path,
        "why_portable": why_portable,
        "why_python": why_python,
        "dumps": {**counts, "python": _python_path.dumps_made()},
        "modules": _install.modules(),
    }


def _why_retired(engine: Any) -> str | None:
    # The engine of a Go program that hosts the interpreter has no such function.
    tell = getattr(engine, "why_retired", None)
    return None if tell is None else tell()
