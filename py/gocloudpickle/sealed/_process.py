"""What this process seals, opens and refuses.

One state for all of its doors. It is replaced as a whole, so that who reads it needs no
lock, and a forked child has what its parent had.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple

from gocloudpickle.sealed._envelope import is_sealed
from gocloudpickle.sealed._errors import UnknownKey, Unsigned

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextvars import Token
    from typing import Any

    from gocloudpickle.sealed._envelope import Buffer
    from gocloudpickle.sealed._sign import Signer
    from gocloudpickle.sealed._verify import Verifier


class State(NamedTuple):
    """Who seals what this process sends, who opens what it gets, and whether it takes nothing else."""

    signer: Signer | None = None
    verifier: Verifier | None = None
    refuses: bool = False


_state = State()


def state() -> State:
    """Return what holds now."""
    return _state


def change(**fields: Any) -> None:
    """Set fields of the state. Called under the import lock, so that no change is lost."""
    global _state
    _state = _state._replace(**fields)


# A verified pickle may load others that are in it. This is a thread's, and a greenlet's.
_opening: ContextVar[bool] = ContextVar("gocloudpickle.sealed.opening", default=False)


class opening:
    """A block that loads what has been verified."""

    __slots__ = ("_token",)

    _token: Token[bool]

    def __enter__(self) -> None:
        self._token = _opening.set(True)

    def __exit__(self, *error: Any) -> None:
        _opening.reset(self._token)


def is_opening() -> bool:
    """Tell whether what has been verified is being loaded here."""
    return _opening.get()


NOT_SEALED = (
    "it is not sealed, and this process loads nothing else: seal it where it is made "
    "(gocloudpickle.sealed.Signer, or install(signer=...))"
)
NO_VERIFIER = (
    "it is sealed, and this process has no verifier: give it one, with its keys "
    "(install(verifier=...), or refuse_unsealed(verifier))"
)


def load(
    loads: Callable[..., Any], data: Buffer, buffers: Iterable[Any] | None, options: dict[str, Any]
) -> Any:
    """Load what is sealed, by a pickle.loads, and what isn't only while that is loaded."""
    if not is_sealed(memoryview(data).cast("B")):
        if _opening.get():
            return loads(data, buffers=buffers, **options)
        raise Unsigned(NOT_SEALED)
    verifier = _state.verifier
    if verifier is None:
        raise UnknownKey(NO_VERIFIER)
    content, opened = verifier._open_message(data, buffers)
    with opening():
        if opened or options:
            return loads(content, buffers=opened, **options)
        return loads(content)
