"""What inspect() gives, and preflight()."""

from __future__ import annotations

import json

from gocloudpickle import _loader

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any


class Inspection(list["dict[str, Any]"]):
    """The descriptions of the pickles in a payload; print() shows them to people.

    Each is a dict of strs, numbers, lists and dicts, as `gocloudpickle inspect --json`
    prints it.
    """

    _text: str

    def __str__(self) -> str:
        return self._text


class MissingError(ImportError):
    """What a payload needs and this process doesn't have.

    missing: a list of (module, name, when, reason): name is "" for the module itself, when
    is "load" or "call", and reason is the error that looking for it has raised.
    """

    def __init__(self, missing: list[tuple[str, str, str, Exception]]) -> None:
        self.missing = missing
        lines = [
            f"  {_dotted(module, name)}, when {'loaded' if when == 'load' else 'called'}: {reason}"
            for module, name, when, reason in missing
        ]
        super().__init__("\n".join(["the payload needs what isn't here:", *lines]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.missing,)


def inspect(data: Any) -> Inspection:
    """See gocloudpickle.inspect."""
    describe = getattr(_loader.engine(), "describe", None)
    if describe is None:
        raise ImportError(
            "this interpreter runs in a Go program, which has package payload to inspect pickles"
        )
    described, text = describe(data if type(data) is bytes else bytes(data))
    found = Inspection(json.loads(described))
    found._text = text
    return found


def preflight(data: Any) -> None:
    """See gocloudpickle.preflight."""
    missing = []
    for pickle in inspect(data):
        for need in pickle.get("needs", ()):
            module, name = need["module"], need.get("name", "")
            try:
                _find(module, name)
            except Exception as reason:
                missing.append((module, name, need["when"], reason))
    if missing:
        raise MissingError(missing)


def _dotted(module: str, name: str) -> str:
    return f"{module}.{name}" if name else module


def _find(module: str, name: str) -> None:
    # What is relative to a package, only its functions know; __main__ is here.
    if module.startswith(".") or not module:
        return
    from importlib import import_module

    found: Any = import_module(module)
    for part in name.split(".") if name else ():
        try:
            found = getattr(found, part)
        except AttributeError:
            if found is not import_module(module):
                raise
            try:  # `from package import module`
                found = import_module(f"{module}.{part}")
            except ModuleNotFoundError:
                pass
            else:
                continue
            raise
