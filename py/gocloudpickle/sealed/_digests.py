"""SHA-256 of the chunks of a file, while the next one is read."""

from __future__ import annotations

import hashlib

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


def digests_of(
    fill: Callable[[memoryview], int], use: Callable[[memoryview], None], chunk_size: int
) -> Iterator[bytes]:
    """Give the digest of each chunk that fill has put into a buffer, until it puts nothing.

    use gets each chunk, and may look at it until it returns. From the second chunk on
    another thread hashes, which needs no GIL, while this one reads and writes. There are
    two buffers, since a new one for each chunk costs as much as half of its hash.
    """
    buffers = memoryview(bytearray(chunk_size)), memoryview(bytearray(chunk_size))
    pool, waiting, number = None, None, 0
    try:
        while True:
            buffer = buffers[number % 2]
            got = fill(buffer)
            if waiting is not None:
                yield waiting.result()
                waiting = None
            if not got:
                return
            chunk = buffer[:got]
            if number == 1:
                pool = _pool()
            if pool is not None:
                waiting = pool.submit(_digest, chunk)
            use(chunk)
            if waiting is None:
                yield _digest(chunk)
            number += 1
    finally:
        if pool is not None:
            pool.shutdown()


def _digest(chunk: memoryview) -> bytes:
    return hashlib.sha256(chunk).digest()


def _pool() -> Any:
    """Return a pool of one thread, None where the system or the interpreter's end gives none."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1, "gocloudpickle-sealed")
    try:
        pool.submit(int).result()
    except RuntimeError:
        return None
    return pool
