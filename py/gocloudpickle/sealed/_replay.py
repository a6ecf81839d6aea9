"""What remembers which envelopes have been accepted."""

from __future__ import annotations

import heapq
import threading
import time
import weakref
from typing import Protocol

from gocloudpickle.sealed._errors import StoreUnavailable

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    import os
    from typing import Any


class ReplayStore(Protocol):
    """Remembers which envelopes have been accepted."""

    def record(self, key_id: str, nonce: bytes, until: int | None) -> bool:
        """Note a nonce of a key, and return whether it is there for the first time.

        Asking and noting are one step: of any number of calls at once, also by other
        processes that share the store, one returns True. Nothing is forgotten before
        until, in milliseconds since 1970; None is never. What it raises refuses the
        envelope.
        """
        ...


class MemoryReplayStore:
    """A ReplayStore of one process.

    maximum is how many nonces are remembered at most, None for any number. With so many
    that have not expired new envelopes are refused: none is forgotten for another.
    """

    def __init__(self, maximum: int | None = None) -> None:
        self.maximum = maximum
        self._seen: set[tuple[str, bytes]] = set()
        self._expires: list[tuple[int, tuple[str, bytes]]] = []
        self._forgotten = -1  # until when what has been evicted was to be remembered
        self._lock = threading.Lock()

    def record(self, key_id: str, nonce: bytes, until: int | None) -> bool:
        """See ReplayStore.record."""
        key = (key_id, nonce)
        now = time.time_ns() // 1_000_000
        with self._lock:
            while self._expires and self._expires[0][0] < now:
                self._forgotten, old = heapq.heappop(self._expires)
                self._seen.discard(old)
            if key in self._seen:
                return False
            if until is not None and until <= self._forgotten:
                raise StoreUnavailable(_CLOCK)
            if self.maximum is not None and len(self._seen) >= self.maximum:
                raise StoreUnavailable(
                    f"{self.maximum} envelopes that have not expired are remembered, "
                    "which is the limit"
                )
            self._seen.add(key)
            if until is not None:
                heapq.heappush(self._expires, (until, key))
            return True

    def __len__(self) -> int:
        return len(self._seen)


class SQLiteReplayStore:
    """A ReplayStore in a file, for the processes of one machine.

    timeout is how many seconds to wait for others that write; then it is an error, which
    refuses the envelope. The threads of a process take turns. Forked processes open the
    file for themselves.
    """

    def __init__(self, path: str | os.PathLike[str], *, timeout: float = 10.0) -> None:
        self._path = path
        self._timeout = timeout
        # Reentrant: a signal's handler may fork while its thread has it.
        self._lock = threading.RLock()
        self._connection: Any = None
        self._records = 0
        with self._lock:
            self._connection = self._opened()
        _close_before_forks(self)

    def close(self) -> None:
        """Close the file. It is opened again when it is used."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _opened(self) -> Any:
        import sqlite3

        # In autocommit mode each statement is a transaction of its own.
        connection = sqlite3.connect(
            self._path, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )
        end = time.monotonic() + self._timeout
        while True:
            try:
                # While another process turns a new file to WAL, this one is refused at once:
                # SQLite waits for no lock that it would have to upgrade.
                connection.execute("PRAGMA journal_mode = WAL")
                for statement in _TABLES:
                    connection.execute(statement)
                return connection
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    connection.close()
                    raise
            except BaseException:
                connection.close()
                raise
            time.sleep(0.01)

    def record(self, key_id: str, nonce: bytes, until: int | None) -> bool:
        """See ReplayStore.record."""
        if not self._lock.acquire(timeout=self._timeout):
            raise StoreUnavailable("other threads have had the replay store for too long")
        try:
            if self._connection is None:
                self._connection = self._opened()
            execute = self._connection.execute
            if self._records % 1000 == 0:
                now = time.time_ns() // 1_000_000
                execute(_MARK, (now,))
                execute(_SWEEP)
            self._records += 1
            if execute(_RECORD, (key_id, nonce, until, until)).rowcount == 1:
                return True
            if execute(_IS_THERE, (key_id, nonce)).fetchone():
                return False
            raise StoreUnavailable(_CLOCK)
        finally:
            self._lock.release()


_CLOCK = (
    "nobody can say whether it was accepted before: the clock has gone back, behind what has "
    "been forgotten since"
)

# sqlitereplay/store.go has the same. swept has one row: until when the latest of what has been
# deleted was to be remembered.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS accepted (key_id TEXT NOT NULL, nonce BLOB NOT NULL, "
    "until INTEGER, PRIMARY KEY (key_id, nonce)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS accepted_until ON accepted (until)",
    "CREATE TABLE IF NOT EXISTS swept (id INTEGER PRIMARY KEY CHECK (id = 0), before INTEGER)",
    "INSERT OR IGNORE INTO swept VALUES (0, -1)",
)
_MARK = (
    "UPDATE swept SET before = max(before, "
    "ifnull((SELECT max(until) FROM accepted WHERE until < ?), -1))"
)
_SWEEP = "DELETE FROM accepted WHERE until <= (SELECT before FROM swept)"
_RECORD = (
    "INSERT OR IGNORE INTO accepted SELECT ?, ?, ? WHERE ifnull(? > (SELECT before FROM swept), 1)"
)
_IS_THERE = "SELECT 1 FROM accepted WHERE key_id = ? AND nonce = ?"

# SQLite keeps the locks of a file for a whole process. A forked child that opens it while its
# copy of the parent's connection is open gets none of its own; when the parent closes the
# file then, what the child notes is lost. So none is open while a process forks.
_stores: weakref.WeakSet[SQLiteReplayStore] = weakref.WeakSet()
_held: list[SQLiteReplayStore] = []


def _close_before_forks(store: SQLiteReplayStore) -> None:
    import os

    if not _stores and not _registered and hasattr(os, "register_at_fork"):
        _registered.append(True)
        os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
    _stores.add(store)


_registered: list[bool] = []


def _before() -> None:
    for store in list(_stores):
        store._lock.acquire()
        _held.append(store)
        store.close()


def _after() -> None:
    while _held:
        _held.pop()._lock.release()


class RedisReplayStore:
    """A ReplayStore in a Redis server, for the processes of several machines.

    client is a redis.Redis of the package redis. The keys begin with prefix. The server
    must not evict them for want of memory: run it with maxmemory-policy noeviction. A
    server that fails is an error, which refuses the envelope. One that another takes the
    place of has to have told it all of them: what was not replicated is forgotten.
    """

    def __init__(self, client: Any, *, prefix: str = "gocloudpickle:replay:") -> None:
        self._client = client
        self._prefix = prefix

    def record(self, key_id: str, nonce: bytes, until: int | None) -> bool:
        """See ReplayStore.record."""
        # From now on, since a server whose clock is ahead would forget it too early.
        left = None if until is None else until - time.time_ns() // 1_000_000
        if left is not None and left <= 0:
            raise StoreUnavailable(_CLOCK)
        # One command, so that asking and noting are one step (NX), with its end (PX).
        answer = self._client.set(f"{self._prefix}{key_id}:{nonce.hex()}", b"", nx=True, px=left)
        if answer is None:
            return False
        if answer is True or answer in (b"OK", "OK"):
            return True
        if hasattr(answer, "close"):
            answer.close()  # a coroutine
        raise StoreUnavailable(
            f"the client gives a {type(answer).__name__} and no answer: it has to be a redis.Redis"
        )
