"""Whether dumps are stock cloudpickle's to the letter, or better where stock's fail.

docs/beyond-cloudpickle.md lists what is better. GOCLOUDPICKLE_STRICT=1 asks for stock's
bytes and errors throughout, and so does an attribute `strict` of a Pickler.
"""

from __future__ import annotations

import os

VARIABLE = "GOCLOUDPICKLE_STRICT"

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

# As it was when gocloudpickle was imported: a program can't change its mind by the way.
ENVIRONMENT = os.environ.get(VARIABLE, "") not in ("", "0")


def is_strict(pickler: Any) -> bool:
    """Tell whether a Pickler, or the Picklers of a class, give stock's results."""
    strict = getattr(pickler, "strict", None)
    return ENVIRONMENT if strict is None else bool(strict)
