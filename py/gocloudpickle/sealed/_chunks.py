"""SHA-256 of chunks on several processors: each has a digest of its own.

Of a file that the system knows little is in memory, and no byte of it is copied twice:
each thread reads, hashes and writes a piece of its chunk that the processor's caches hold.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import threading

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PIECE_SIZE = 128 << 10
_MAX_THREADS = 8  # with more it is the memory that they wait for
_FEW = 4  # chunks are hashed before another thread has begun


class CutOff(Exception):
    """A file ends in the chunk of this number."""

    def __init__(self, chunk: int) -> None:
        super().__init__(chunk)
        self.chunk = chunk


def number_of(file: Any) -> int | None:
    """Return the file descriptor of a regular file; None for what is only like a file.

    What is in buffers of file is written. gzip.GzipFile and others have a fileno, too,
    that is of another content.
    """
    raw = (
        file.raw
        if type(file) in (io.BufferedReader, io.BufferedRandom, io.BufferedWriter)
        else file
    )
    if type(raw) is not io.FileIO or not hasattr(os, "preadv"):
        return None
    if file is not raw:
        file.flush()
    number = raw.fileno()
    return number if stat.S_ISREG(os.fstat(number).st_mode) else None


def each_chunk(size: int, chunk_size: int, work: Callable[[int, int, int], None]) -> None:
    """Call work with the number, the place and the length of each chunk, in several threads.

    Raises what the first of the chunks, in order, raises that raise something.
    """
    count = -(-size // chunk_size)
    lock = threading.Lock()
    numbers = iter(range(count))
    failed: list[tuple[int, BaseException]] = []

    def loop() -> None:
        while True:
            with lock:
                number = None if failed else next(numbers, None)
            if number is None:
                return
            start = number * chunk_size
            try:
                work(number, start, min(chunk_size, size - start))
            except BaseException as error:
                with lock:
                    failed.append((number, error))
                return

    threads = _started(min(count - 1, _processors() - 1, _MAX_THREADS) if count > _FEW else 0, loop)
    try:
        loop()
        for thread in threads:
            thread.join()
    except BaseException as error:  # of a signal's handler, while it waits
        with lock:
            failed.append((-1, error))
    if failed:
        for thread in threads:
            thread.join()
        try:
            raise min(failed, key=lambda pair: pair[0])[1]
        finally:
            failed.clear()  # which has this frame


def _started(count: int, loop: Callable[[], None]) -> list[threading.Thread]:
    threads: list[threading.Thread] = []
    for _ in range(count):
        thread = threading.Thread(target=loop, name="gocloudpickle-sealed", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system, or the interpreter's end, gives none
            break
        threads.append(thread)
    return threads


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def digest_piecewise(
    source: int,
    offset: int,
    size: int,
    chunk_size: int,
    found: Callable[[int, bytes], None],
    target: tuple[int, int] | None = None,
) -> None:
    """Hash the chunks of a part of a file, from offset on, and give each digest to found.

    target is another file, where the same is written, and its place there. Raises CutOff.
    """
    local = threading.local()

    def work(number: int, start: int, length: int) -> None:
        buffer = getattr(local, "buffer", None)
        if buffer is None:
            buffer = local.buffer = memoryview(bytearray(min(_PIECE_SIZE, chunk_size)))
        digest = hashlib.sha256()
        end = start + length
        while start < end:
            got = os.preadv(source, [buffer[: end - start]], offset + start)
            if not got:
                raise CutOff(number)
            piece = buffer[:got]
            digest.update(piece)
            if target is not None:
                _write_at(target[0], piece, target[1] + start)
            start += got
        found(number, digest.digest())

    each_chunk(size, chunk_size, work)


def _write_at(number: int, piece: memoryview, place: int) -> None:
    while len(piece):
        written = os.pwrite(number, piece, place)
        piece = piece[written:]
        place += written


def digests(content: memoryview, chunk_size: int) -> list[bytes]:
    """Return the digest of each chunk of what is in memory."""
    found = [b""] * -(-len(content) // chunk_size)

    def work(number: int, start: int, length: int) -> None:
        found[number] = hashlib.sha256(content[start : start + length]).digest()

    each_chunk(len(content), chunk_size, work)
    return found
