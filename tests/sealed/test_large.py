"""Ten gigabytes, which are nowhere: signed and verified in constant memory."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import io, resource, sys
from gocloudpickle import sealed

SIZE = int(sys.argv[1]) << 20
MIB = bytes(range(256)) * 4096


class Large(io.RawIOBase):
    # Bytes of a head, where there is one, and SIZE more that repeat each MiB.
    def __init__(self, head=b""):
        self.head, self.place = bytearray(head), 0

    def seekable(self):
        return True

    def tell(self):
        return self.place

    def seek(self, offset, whence=0):
        self.place = offset + (0, self.place, len(self.head) + SIZE)[whence]
        return self.place

    def readinto(self, buffer):
        if self.place < len(self.head):
            data = self.head[self.place : self.place + len(buffer)]
        else:
            start = (self.place - len(self.head)) % len(MIB)
            left = len(self.head) + SIZE - self.place
            data = memoryview(MIB)[start : start + min(len(buffer), left)]
        buffer[: len(data)] = data
        self.place += len(data)
        return len(data)


class Head(io.BytesIO):
    # Keeps what is written before the content.
    def write(self, data):
        if self.tell() < self.room:
            return super().write(data)
        self.seek(len(data), 1)
        return len(data)

    room = 10**9


key = sealed.generate_key("hmac-sha256")
signer, verifier = sealed.Signer(key), sealed.Verifier([key])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
target = Head()
target.room = signer._head_size(SIZE)
signer.sign_stream(Large(), target)
head = target.getvalue()
assert len(head) == target.room
statement, content = verifier.verify_stream(Large(head))
content.read(1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, len(head))
"""


def peak(mebibytes: int) -> int:
    """Return by how many KiB the process has grown that signs and verifies so much."""
    pytest.importorskip("resource", reason="memory is measured with resource")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(mebibytes)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    grown, head = map(int, done.stdout.split())
    assert head > 32 * mebibytes
    return grown


def test_a_hundred_megabytes():
    assert peak(100) < 8 << 10


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_gigabytes():
    # The manifest has 320 KiB then, of which there are some forms.
    assert peak(10 << 10) < 12 << 10
