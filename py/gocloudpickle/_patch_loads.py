"""What install() does to a module that unpickles with pickle.loads.

Dask's is one: whatever its workers get goes through pickle.loads, also what cloudpickle
has written. Its name `pickle` then stands for a module whose loads is the engine's.
"""

from __future__ import annotations

import pickle
import types

import gocloudpickle

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


class LoadsPatch:
    """The change to one module, as Patch is for a cloudpickle."""

    @staticmethod
    def why_not(module: ModuleType) -> str | None:
        """Say why a module can't be patched, None if it can."""
        if vars(module).get("pickle") is not pickle:
            return "it does not use the standard library's pickle under that name"
        return None

    @staticmethod
    def of(module: ModuleType, engine: ModuleType) -> LoadsPatch:
        """Return the change to a module."""
        return LoadsPatch(module)

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.pickle = types.ModuleType("pickle", pickle.__doc__)
        vars(self.pickle).update(
            loads=gocloudpickle.loads,  # the engine's, once it is there
            __getattr__=lambda name: getattr(pickle, name),
        )

    def is_of(self, module: Any) -> bool:
        """Tell whether this is about the module as it is now."""
        return self.module is module and vars(module).get("pickle") is self.pickle

    def why_different(self, engine: ModuleType) -> str | None:
        """Nothing differs: the engine's loads gives what pickle's does."""
        return None

    def apply(self) -> None:
        """Switch the engine on."""
        vars(self.module)["pickle"] = self.pickle

    def undo(self) -> None:
        """Switch it off."""
        if vars(self.module).get("pickle") is self.pickle:
            vars(self.module)["pickle"] = pickle
