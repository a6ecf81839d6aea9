"""Objects that nobody thought of: graphs of data with sharing and cycles."""

from __future__ import annotations

import collections
import decimal
import types
from typing import Any

from hypothesis import strategies as st

INTEGERS = st.one_of(
    st.integers(-300, 300),
    st.integers(),
    st.builds(
        lambda sign, bits, offset: sign * 2**bits + offset,
        st.sampled_from([1, -1]),
        st.sampled_from([7, 8, 15, 16, 31, 32, 63, 64, 127, 2039, 2040]),
        st.integers(-2, 2),
    ),
)
TEXT = st.one_of(
    st.text(st.characters(max_codepoint=0x7F), max_size=12),
    st.text(st.characters(max_codepoint=0xFF), max_size=12),
    st.text(st.characters(max_codepoint=0xFFFF), max_size=12),
    # Every code point, surrogates too.
    st.text(st.integers(0, 0x10FFFF).map(chr), max_size=12),
    st.text(st.sampled_from("\0\n\r\\\x1a\ud800\udfffé€😀a"), max_size=8),
    st.builds(
        lambda c, n: c * n,
        st.sampled_from("aé€😀\ud800"),
        st.sampled_from([63, 64, 85, 127, 128, 255, 256, 257]),
    ),
)
BYTES = st.one_of(
    st.binary(max_size=20), st.builds(lambda n: b"b" * n, st.sampled_from([255, 256, 300]))
)
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    INTEGERS,
    st.floats(),
    st.complex_numbers(),
    TEXT,
    BYTES,
    BYTES.map(bytearray),
    st.sampled_from(
        [
            ...,
            NotImplemented,
            len,
            dict,
            type(None),
            range(3),
            decimal.Decimal("1.5"),
            types.FunctionType,
            collections.OrderedDict,
        ]
    ),
)
HASHABLE = st.one_of(st.none(), st.booleans(), INTEGERS, TEXT, BYTES)


class Plain:
    """Importable, hashed by identity."""


class Slotted:
    __slots__ = ("a", "b", "__dict__")


class Listed(list):
    pass


class Mapped(dict):
    pass


class Tupled(tuple):
    pass


def _attributes(obj: Any, children: list[Any]) -> Any:
    for index, child in enumerate(children):
        setattr(obj, "ab"[index] if index < 2 else f"attribute{index}", child)
    return obj


def _local_instance(children: list[Any]) -> Any:
    class Local:
        shared: Any = children[:1]

        def method(self) -> Any:
            return self

    obj = _attributes(Local(), children)
    return obj.method if len(children) % 2 else obj


def _closure(children: list[Any]) -> Any:
    first, rest = children[0] if children else None, children[1:]

    def inner(x: Any = first, *, y: Any = None) -> Any:
        return first, rest, x, y

    inner.__dict__["children"] = children
    return inner


BUILDERS: dict[str, Any] = {
    "list": list,
    "tuple": tuple,
    "dict": lambda children: {index: child for index, child in enumerate(children)},
    "dict_of_strings": lambda children: {
        f"k{index}": child for index, child in enumerate(children)
    },
    "ordered": lambda children: collections.OrderedDict(
        (str(index), child) for index, child in enumerate(children)
    ),
    "default": lambda children: collections.defaultdict(list, enumerate(children)),
    "deque": lambda children: collections.deque(children, maxlen=max(len(children), 1)),
    "listed": Listed,
    "mapped": lambda children: Mapped(enumerate(children)),
    "tupled": Tupled,
    "plain": lambda children: _attributes(Plain(), children),
    "slotted": lambda children: _attributes(Slotted(), children),
    "namespace": lambda children: types.SimpleNamespace(
        **{f"n{index}": child for index, child in enumerate(children)}
    ),
    "local_instance": _local_instance,
    "closure": _closure,
    "cell": lambda children: types.CellType(children),
    "set_of_instances": lambda children: {_attributes(Plain(), children)},
    "values": lambda children: dict(enumerate(children)).values(),
    "proxy": lambda children: types.MappingProxyType(dict(enumerate(children))),
}


def _add(target: Any, child: Any) -> None:
    """Put child into target, when target is of a kind that can change."""
    if isinstance(target, list):
        target.append(child)
    elif isinstance(target, dict):
        target["added"] = child
    elif isinstance(target, (Plain, Slotted, types.SimpleNamespace, types.FunctionType)):
        target.added = child


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    """A value made in steps, each taking earlier values as its parts; then cycles are closed."""
    values: list[Any] = draw(st.lists(ATOMS, min_size=1, max_size=6))
    values += draw(
        st.lists(
            st.one_of(
                st.sets(HASHABLE, max_size=4),
                st.frozensets(HASHABLE, max_size=4),
                st.dictionaries(HASHABLE, ATOMS, max_size=4),
            ),
            max_size=2,
        )
    )
    for _ in range(draw(st.integers(1, 10))):
        build = BUILDERS[draw(st.sampled_from(sorted(BUILDERS)))]
        chosen = draw(st.lists(st.integers(0, len(values) - 1), max_size=5))
        values.append(build([values[i] for i in chosen]))
    for _ in range(draw(st.integers(0, 5))):
        into, child = draw(st.integers(0, len(values) - 1)), draw(st.integers(0, len(values) - 1))
        _add(values[into], values[child])
    return values if draw(st.booleans()) else values[-1]
