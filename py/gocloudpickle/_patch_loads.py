"""What install() does to modules that unpickle with pickle.loads, not cloudpickle's.

Whatever workers of Dask and loky get goes through it, also what cloudpickle has
written. Only what these modules see is changed: pickle itself, and multiprocessing's
own queues, stay what they are for the rest of the process.
"""

from __future__ import annotations

import pickle
import types

import gocloudpickle
from gocloudpickle._python_path import loads as stock_loads

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# Who has put a function of his own in its place wants each payload to go through that.
REPLACED = "pickle.loads has been replaced by another function"


class LoadsPatch:
    """The change to Dask's module, as Patch is for a cloudpickle.

    Its name `pickle` then stands for a module whose loads is the engine's.
    """

    @staticmethod
    def why_not(module: ModuleType) -> str | None:
        """Say why a module can't be patched, None if it can."""
        if vars(module).get("pickle") is not pickle:
            return "it does not use the standard library's pickle under that name"
        return None if pickle.loads is stock_loads else REPLACED

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


class QueuePatch:
    """The change to loky's queues, from which workers take their tasks.

    Their get is multiprocessing's, which loads with ForkingPickler.loads. loky's class
    gets one of its own, of the same code, for which that is the engine's.
    """

    PICKLER = "_ForkingPickler"  # as Lib/multiprocessing/queues.py calls it

    @staticmethod
    def why_not(module: ModuleType) -> str | None:
        """Say why a module can't be patched, None if it can."""
        get: Any = getattr(vars(module).get("Queue"), "get", None)
        names: Any = getattr(get, "__globals__", {})
        if (
            names.get("__name__") != "multiprocessing.queues"
            or QueuePatch.PICKLER not in get.__code__.co_names
        ):
            return "its Queue does not load as multiprocessing's does"
        return None if names[QueuePatch.PICKLER].loads is stock_loads else REPLACED

    @staticmethod
    def of(module: ModuleType, engine: ModuleType) -> QueuePatch:
        """Return the change to a module."""
        return QueuePatch(module)

    def __init__(self, module: ModuleType) -> None:
        self.module: Any = module
        self.queue: Any = self.module.Queue
        get = self.queue.get
        # Also where refuse_unsealed has closed the engine's: see its table in docs/sealed.md.
        loads: Any = getattr(gocloudpickle.loads, "__wrapped__", gocloudpickle.loads)
        pickler = types.SimpleNamespace(loads=loads)
        self.get = types.FunctionType(
            get.__code__,
            {**get.__globals__, QueuePatch.PICKLER: pickler},
            get.__name__,
            get.__defaults__,
        )
        self.get.__qualname__ = get.__qualname__

    def is_of(self, module: Any) -> bool:
        """Tell whether this is about the module as it is now."""
        return (
            self.module is module
            and vars(module).get("Queue") is self.queue
            and vars(self.queue).get("get") is self.get
        )

    def why_different(self, engine: ModuleType) -> str | None:
        """Nothing differs: the engine's loads gives what pickle's does."""
        return None

    def apply(self) -> None:
        """Switch the engine on."""
        self.queue.get = self.get

    def undo(self) -> None:
        """Switch it off. A get that another thread is in goes on."""
        if vars(self.queue).get("get") is self.get:
            del self.queue.get
