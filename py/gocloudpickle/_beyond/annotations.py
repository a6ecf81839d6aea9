"""Annotations that are evaluated when they are asked for: of Python 3.14 and later (PEP 649)."""

from __future__ import annotations

import functools

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import Any

    Namespace = Any
    Reduction = Any


def lost_annotations(cls: Any) -> dict[str, Any]:
    """Return the attributes to add to those that stock sends of a class, for its annotations.

    Stock drops what would evaluate them, and sends what a class keeps of them once they
    have been asked for. So asking is enough, unless a name in them is undefined.
    """
    own = vars(cls)
    if own.get("__annotate_func__") is None or "__annotations_cache__" in own:
        return {}
    try:
        getattr(cls, "__annotations__")  # noqa: B009 -- for what it does
    except Exception:
        from annotationlib import Format, get_annotations  # type: ignore[import-not-found]

        return {"__annotations_cache__": get_annotations(cls, format=Format.FORWARDREF)}
    return {}


def reduce_forwardref(namespace: Namespace, reference: Any) -> Reduction:
    """Reduce a ForwardRef of 3.14, which can hold all globals of its module, to what it says."""
    if not any(getattr(reference, name, None) for name in _EVALUATED_WITH):
        return NotImplemented
    keywords = {"module": reference.__forward_module__, "owner": reference.__owner__}
    flags = {
        "is_argument": reference.__forward_is_argument__,
        "is_class": reference.__forward_is_class__,
    }
    constructor: Any = type(reference)
    make = functools.partial(constructor, reference.__forward_arg__, **keywords, **flags)
    return make, ()


_EVALUATED_WITH = ("__globals__", "__extra_names__", "__cell__", "__owner__")
