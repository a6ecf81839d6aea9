"""What any reader may expect of a payload, checked opcode by opcode."""

from __future__ import annotations

import io
import pickletools

LEAST_FRAME = 4
"""A frame shorter than this is written without its header (PEP 3154)."""


def check_payload(payload: bytes, protocol: int) -> None:
    """pickletools.dis accepts it, and what dis doesn't look at is right as well.

    dis checks the stack and that no memo slot is read before or written twice.
    """
    pickletools.dis(payload, io.StringIO())
    # (opcode, argument, start of the opcode)
    opcodes = [
        (op, argument, position or 0) for op, argument, position in pickletools.genops(payload)
    ]
    ends = [position for _, _, position in opcodes[1:]] + [len(payload)]
    assert opcodes[-1][0].name == "STOP" and ends[-1] == opcodes[-1][2] + 1, "bytes after STOP"
    if protocol >= 2:
        assert payload[:2] == bytes([0x80, protocol]), (
            f"starts with {payload[:2]!r}, not PROTO {protocol}"
        )
    slots = 0
    frame_end: int | None = None
    for (op, argument, start), end in zip(opcodes, ends):
        # Protocols 0 and 1 use TUPLE2 and POP for state setters: save_reduce writes them in any protocol.
        assert op.proto <= max(protocol, 2), f"{op.name} at {start} needs protocol {op.proto}"
        if op.name in ("PUT", "BINPUT", "LONG_BINPUT"):
            assert argument == slots, (
                f"{op.name} {argument} at {start}, but {slots} slots were taken before"
            )
            assert (op.name == "LONG_BINPUT") == (protocol > 0 and slots > 255)
        if op.name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            slots += 1
        if op.name == "LONG_BINGET":
            assert argument > 255, f"LONG_BINGET {argument} at {start} fits BINGET"
        if op.name == "PROTO":
            continue
        if op.name == "FRAME":
            assert frame_end is None, f"a frame starts at {start} inside another"
            assert protocol >= 4 and argument >= LEAST_FRAME, (
                f"FRAME of {argument} bytes at {start}"
            )
            frame_end = end + argument
            assert frame_end <= len(payload), f"FRAME at {start} reaches past the end"
            continue
        if frame_end is not None:
            assert end <= frame_end, (
                f"{op.name} at {start} crosses the end of its frame at {frame_end}"
            )
            if end == frame_end:
                frame_end = None
    assert frame_end is None
