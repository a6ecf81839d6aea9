"""install(signer=..., verifier=...): what frameworks send between processes is sealed.

Each framework has a place where all of its messages become bytes, in one or two of its
modules. Those that are imported are changed now, the others when they are imported. How
is in a module here for each framework.
"""

from __future__ import annotations

import sys

from gocloudpickle import _finder, _import_lock, _install
from gocloudpickle.sealed import _dask, _executors, _process, _ray, _spark

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from gocloudpickle.sealed._sign import Signer
    from gocloudpickle.sealed._verify import Verifier

# What changes a module, and returns what undoes that. It raises AttributeError for a
# release in which that place is another one.
TARGETS: dict[str, Callable[[ModuleType], Callable[[], None]]] = {
    **_executors.TARGETS,
    **_dask.TARGETS,
    **_ray.TARGETS,
    **_spark.TARGETS,
}

# Read and changed under the import lock, as in _install.
_applied: dict[str, Callable[[], None]] = {}
_finder_of_targets: list[_finder.Finder] = []


def seal(signer: Signer | None, verifier: Verifier | None) -> None:
    """Seal what goes out with signer, and let in only what verifier accepts, from now on."""
    _import_lock.run(_begin, signer, verifier)
    for name in TARGETS:
        _install.wait_for_import(name)
        _import_lock.run(_change_if_new, name)


def _begin(signer: Signer | None, verifier: Verifier | None) -> None:
    # The state first, so that no place is changed that has nothing to go by.
    _process.change(
        signer=signer or _process.state().signer, verifier=verifier or _process.state().verifier
    )
    if not _finder_of_targets:
        _finder_of_targets.append(_finder.Finder(tuple(TARGETS), _imported))
    if _finder_of_targets[0] not in sys.meta_path:
        sys.meta_path.insert(0, _finder_of_targets[0])


def _change_if_new(name: str) -> None:
    module = sys.modules.get(name)
    if module is not None and name not in _applied:
        _change(module)


def _imported(module: ModuleType) -> None:
    """Change a module that has just been imported, or reloaded."""
    _import_lock.run(_change, module)


def _change(module: ModuleType) -> None:
    try:
        _applied[module.__name__] = TARGETS[module.__name__](module)
    except AttributeError as error:
        # Going on would send plain pickles, or load them.
        raise ImportError(
            f"gocloudpickle can't seal what this release of {module.__name__.partition('.')[0]} sends: "
            f"{module.__name__} is not as it knows it ({error}). Use a release that docs/sealed.md "
            "names, or install() without signer and verifier",
            name=module.__name__,
        ) from error


def unseal() -> None:
    """Undo seal. What refuse_unsealed was given stays."""
    _import_lock.run(_unseal)


def _unseal() -> None:
    for finder in _finder_of_targets:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
    while _applied:
        _applied.popitem()[1]()
    _process.change(signer=None)
    if not _process.state().refuses:
        _process.change(verifier=None)
