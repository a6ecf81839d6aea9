"""What remembers which envelopes have been accepted."""

from __future__ import annotations

import heapq
import threading
import time
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
        self._lock = threading.Lock()

    def record(self, key_id: str, nonce: bytes, until: int | None) -> bool:
        """See ReplayStore.record."""
        key = (key_id, nonce)
        now = time.time_ns() // 1_000_000
        with self._lock:
            while self._expires and self._expires[0][0] < now:
                self._seen.discard(heapq.heappop(self._expires)[1])
            if key in self._seen:
                return False
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
    refuses the envelope. Each thread and each forked process opens the file for itself.
    """

    def __init__(self, path: str | os.PathLike[str], *, timeout: float = 10.0) -> None:
        self._path = path
        self._timeout = timeout
        self._local = threading.local()
        self._connection()

    def _connection(self) -> Any:
        import os

        local = self._local
        if getattr(local, "pid", None) != os.getpid():
            local.connection = self._opened()
            local.pid, local.records = os.getpid(), 0
        return local.connection

    def _opened(self) -> Any:
        import sqlite3

        # In autocommit mode each statement is a transaction of its own.
        connection = sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None)
        end = time.monotonic() + self._timeout
        while True:
            try:
                # While another process turns a new file to WAL, this one is refused at once:
                # SQLite waits for no lock that it would have to upgrade.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS accepted ("
                    "key_id TEXT NOT NULL, nonce BLOB NOT NULL, until INTEGER, "
                    "PRIMARY KEY (key_id, nonce)) WITHOUT ROWID"
                )
                connection.execute("CREATE INDEX IF NOT EXISTS accepted_until ON accepted (until)")
                return connection
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    connection.close()
                    raise
            time.sleep(0.01)

    def record(self, key_id: str, nonce: bytes, until: int | None) -> bool:
        """See ReplayStore.record."""
        connection = self._connection()
        if self._local.records % 1000 == 0:
            now = time.time_ns() // 1_000_000
            connection.execute("DELETE FROM accepted WHERE until < ?", (now,))
        self._local.records += 1
        inserted = connection.execute(
            "INSERT OR IGNORE INTO accepted VALUES (?, ?, ?)", (key_id, nonce, until)
        )
        fresh: bool = inserted.rowcount == 1
        return fresh


class RedisReplayStore:
    """A ReplayStore in a Redis server, for the processes of several machines.

    client is a redis.Redis of the package redis. The keys begin with prefix. The server
    must not evict them for want of memory: run it with maxmemory-policy noeviction. A
    server that fails is an error, which refuses the envelope.
    """

    def __init__(self, client: Any, *, prefix: str = "gocloudpickle:replay:") -> None:
        self._client = client
        self._prefix = prefix

    def record(self, key_id: str, nonce: bytes, until: int | None) -> bool:
        """See ReplayStore.record."""
        # One command, so that asking and noting are one step (NX), with its end (PXAT).
        return bool(
            self._client.set(f"{self._prefix}{key_id}:{nonce.hex()}", b"", nx=True, pxat=until)
        )
