"""explain: why an object can't be pickled, and what its payload is made of."""

from __future__ import annotations

import heapq
import sys
from bisect import bisect_right
from itertools import count

from gocloudpickle import _explain_steps
from gocloudpickle._explain_steps import parts_of
from gocloudpickle._pickle_path import OBJECT, Step, is_class, name_of, path_text, type_name
from gocloudpickle._pickle_path import remedy as remedy_of
from gocloudpickle._trace import AGAIN, CULPRIT, CULPRIT_AGAIN, SAVED, Trace

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gocloudpickle._explain_steps import Part

# The tree is as large as a person, or a program that shows it, can use.
MAX_VALUES = 1000
MAX_DEPTH = 100
MAX_ALSO = 10


class Culprit:
    """A value that can't be pickled.

    path: where it is, for people; steps has it as data, as pickle_path of an exception that
    dumps raises. type: its type's name. reason: what pickle says, remedy: what to do, or "".
    also: the other paths to the same object, up to ten.
    """

    __slots__ = ("also", "path", "reason", "remedy", "steps", "type")

    def __init__(self, path: Path, type_: str, reason: str, remedy: str) -> None:
        self.steps = path.steps()
        self.path = path_text(self.steps)
        self.type, self.reason, self.remedy = type_, reason, remedy
        self.also: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<culprit {self.path}: {self.reason}>"

    def to_dict(self) -> dict[str, Any]:
        """Return the culprit as what json.dumps takes."""
        return {
            "path": self.path,
            "steps": [step._asdict() for step in self.steps],
            "type": self.type,
            "reason": self.reason,
            "remedy": self.remedy,
            "also": list(self.also),
        }


class Value:
    """A value that the payload holds.

    step: what leads to it from the value it is in. type: its type's name. bytes: how much
    longer it makes the payload, with all that is in it and was not met before. values: what is in
    it, the largest first, as far as it is listed; unlisted: how many more there are.
    rest: its bytes without those of the values listed. again: the path where it was met first,
    if it was met before, else None.
    """

    __slots__ = (
        *("_path", "again", "bytes", "culprit", "rest", "step", "type", "unlisted", "values"),
    )

    def __init__(self, path: Path, type_: str, size: int) -> None:
        self._path, self.step, self.type, self.bytes = path, str(path.step), type_, size
        self.values: list[Value] = []
        self.unlisted, self.rest = 0, size
        self.again: str | None = None
        self.culprit = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """Where it is, as data."""
        return self._path.steps()

    @property
    def path(self) -> str:
        """Where it is, for people."""
        return path_text(self.steps)

    def __repr__(self) -> str:
        return f"<value {self.path}: {self.type}, {self.bytes} bytes>"

    def to_dict(self) -> dict[str, Any]:
        """Return the value, and what is in it, as what json.dumps takes."""
        result: dict[str, Any] = {"step": self.step, "type": self.type, "bytes": self.bytes}
        if self.again is not None:
            result["again"] = self.again
        if self.culprit:
            result["culprit"] = True
        if self.values:
            result["values"] = [value.to_dict() for value in self.values]
        if self.values or self.unlisted:
            result["unlisted"] = {"values": self.unlisted, "bytes": self.rest}
        return result


class Path:
    """The steps to a value: one more than to the value that it is in."""

    __slots__ = ("before", "step")

    def __init__(self, before: Path | None, step: Step) -> None:
        self.before, self.step = before, step

    def steps(self) -> tuple[Step, ...]:
        """Return the steps, from the outermost value on."""
        steps: list[Step] = []
        path: Path | None = self
        while path is not None:
            steps.append(path.step)
            path = path.before
        return tuple(reversed(steps))


class Explanation:
    """What explain has found out about an object.

    culprits: the values that can't be pickled, in the order of pickling, each once; at most a
    thousand, and unlisted_culprits is the number of the others. bytes: the length of the
    payload, where there are culprits with None in their places. tree: the object as a Value.
    protocol: that of the payload.

    str() and print show it on 80 columns, text() on any number of columns and lines.
    """

    __slots__ = ("bytes", "culprits", "protocol", "tree", "unlisted_culprits")

    def __init__(
        self, culprits: tuple[Culprit, ...], unlisted: int, size: int, protocol: int, tree: Value
    ) -> None:
        self.culprits, self.unlisted_culprits = culprits, unlisted
        self.bytes, self.protocol, self.tree = size, protocol, tree

    @property
    def picklable(self) -> bool:
        """Whether dumps would succeed."""
        return not self.culprits

    def __repr__(self) -> str:
        return (
            f"<explanation of {self.tree.path}: {len(self.culprits)} culprits, {self.bytes} bytes>"
        )

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int = 80, lines: int = 30) -> str:
        """Return the explanation for people, with so many lines for the largest values."""
        from gocloudpickle import _explain_text

        return _explain_text.text(self, width, lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as what json.dumps takes: docs/explain.md describes it."""
        return {
            "picklable": self.picklable,
            "bytes": self.bytes,
            "protocol": self.protocol,
            "culprits": [culprit.to_dict() for culprit in self.culprits],
            "unlisted_culprits": self.unlisted_culprits,
            "tree": self.tree.to_dict(),
        }

    def to_json(self, indent: int | None = None) -> str:
        """Return to_dict() as JSON."""
        import json

        return json.dumps(self.to_dict(), indent=indent)


def explain(
    obj: Any,
    protocol: int | None = None,
    buffer_callback: Any = None,
    *,
    skip: Mapping[type, Any] | None = None,
) -> Explanation:
    """Tell what in obj can't be pickled, all at once, and what the bytes of its payload are for.

    The arguments are those of dumps. obj is pickled, and the payload thrown away.

    >>> import gocloudpickle, threading
    >>> lock, table = threading.Lock(), list(range(1000))
    >>> explanation = gocloudpickle.explain(lambda: (lock, table))
    >>> [culprit.path for culprit in explanation.culprits]
    ["<lambda> -> global 'lock'"]
    >>> explanation.tree.values[0]
    <value <lambda> -> global 'table': list, 2748 bytes>
    """
    trace, protocol = make_trace(obj, protocol, buffer_callback, skip)
    explained = _Explained(trace)
    tree = explained.tree()
    return Explanation(explained.culprits(), trace.unkept, trace.total, protocol, tree)


def make_trace(
    obj: Any, protocol: int | None, buffer_callback: Any, skip: Any, limit: int = 0
) -> tuple[Trace, int]:
    """Dump obj to nowhere, until the payload is longer than a limit, if there is one."""
    from gocloudpickle import _loader, _python_path

    make: Any = _loader.engine_or_none() or _python_path
    trace = Trace(make.trace(obj, protocol, buffer_callback, skip, limit))
    highest = _python_path.HIGHEST_PROTOCOL
    return trace, highest if protocol is None or protocol < 0 else int(protocol)


class _Explained:
    """A trace on its way to an Explanation: paths are made for the values that are shown."""

    def __init__(self, trace: Trace) -> None:
        _explain_steps.learn_partial()
        self.trace = trace
        self._parts: dict[int, tuple[list[Part], list[int]]] = {}
        root = trace.objects[0]
        self._paths = {0: Path(None, Step(OBJECT, name_of(root), type_name(type(root))))}

    def parts(self, node: int) -> tuple[list[Part], list[int]]:
        """Return what a value leads to, and the nodes alone."""
        found = self._parts.get(node)
        if found is None:
            parts = sorted(parts_of(self.trace, node), key=_node_of)
            found = self._parts[node] = parts, [part for _, part in parts]
        return found

    def path(self, node: int) -> Path:
        """Return the path to a node, or to what stands for it.

        That is the only value in it, as in a cell, or else the innermost value around it.
        """
        at, path = 0, self._paths[0]
        while at != node:
            parts, nodes = self.parts(at)
            place = bisect_right(nodes, node) - 1
            if place < 0 or self.trace.next[nodes[place]] <= node:
                place += 1
                if bisect_right(nodes, self.trace.next[node] - 1) == place + 1:
                    path = self._extended(path, *parts[place])
                break  # it is among what has no name
            step, at = parts[place]
            path = self._extended(path, step, at)
        return path

    def _extended(self, path: Path, step: Step, node: int) -> Path:
        known = self._paths.get(node)
        if known is None:
            type_ = type_name(type(self.trace.objects[node]))
            known = self._paths[node] = Path(path, step._replace(type=type_))
        return known

    def culprits(self) -> tuple[Culprit, ...]:
        """Return what could not be pickled, and where else it was met."""
        trace = self.trace
        by_node: dict[int, Culprit] = {}
        also: dict[int, list[str]] = {}
        found = [node for node, kind in enumerate(trace.kind) if kind == CULPRIT]
        # They have failed in the order in which they ended, the inner one first.
        found.sort(key=lambda node: (trace.next[node], -node))
        reasons = dict(zip(found, trace.reasons, strict=True))
        for node in sorted(reasons):
            cls = type(trace.objects[node])
            path, remedy = self.path(node), remedy_of(cls)
            by_node[node] = Culprit(path, type_name(cls), reasons[node], remedy)
        for node, kind in enumerate(trace.kind):
            first = trace.first[node]
            if kind == CULPRIT_AGAIN and first in by_node:
                paths = also.setdefault(first, [])
                if len(paths) < MAX_ALSO:
                    paths.append(path_text(self.path(node).steps()))
        for node, paths in also.items():
            by_node[node].also = tuple(paths)
        return tuple(by_node.values())

    def tree(self) -> Value:
        """Return the outermost value, with the largest ones in it."""
        listed, order = 0, count()
        root = self._value(self._paths[0], 0)
        # What could be listed next, the largest first: (-weight, order, depth, in, step, node).
        candidates: list[tuple[int, int, int, Value, Step, int]] = []

        def enter(value: Value, node: int, depth: int) -> None:
            parts, _ = self.parts(node)
            value.unlisted = self._count(node, parts)
            if depth < MAX_DEPTH:
                for step, part in parts:
                    weight = self._weight(part)
                    heapq.heappush(candidates, (-weight, next(order), depth, value, step, part))

        enter(root, 0, 0)
        while candidates and listed < MAX_VALUES:
            _, _, depth, parent, step, node = heapq.heappop(candidates)
            value = self._value(self._extended(parent._path, step, node), node)
            parent.values.append(value)
            parent.unlisted = max(0, parent.unlisted - 1)
            parent.rest -= value.bytes
            listed += 1
            enter(value, node, depth + 1)
        _sort(root)
        return root

    def _count(self, node: int, parts: list[Part]) -> int:
        """Return how many values are in one: also those that the trace has forgotten."""
        kind = type(self.trace.objects[node])
        if self.trace.kind[node] != SAVED:
            return 0
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            return self.trace.parts[node]
        if kind is dict:
            return self.trace.parts[node] // 2
        return len(parts)

    def _weight(self, node: int) -> int:
        """Return how much a value is worth being listed."""
        trace = self.trace
        if trace.kind[node] in (CULPRIT, CULPRIT_AGAIN):
            return sys.maxsize
        if trace.kind[node] == AGAIN and trace.first[node] >= 0:
            first = trace.first[node]
            return max(trace.size(node), trace.size(first) // 16)
        return trace.size(node)

    def _value(self, path: Path, node: int) -> Value:
        trace = self.trace
        value = Value(path, _type_text(trace.objects[node]), trace.size(node))
        kind, first = trace.kind[node], trace.first[node]
        if node == 0:
            value.bytes = value.rest = trace.total
        value.culprit = kind in (CULPRIT, CULPRIT_AGAIN)
        if kind in (AGAIN, CULPRIT_AGAIN):
            value.again = path_text(self.path(first).steps()) if first >= 0 else ""
        return value


def _sort(root: Value) -> None:
    """Put the largest values first: they were listed in the order of their weights."""
    stack = [root]
    while stack:
        value = stack.pop()
        value.values.sort(key=_size_of, reverse=True)
        stack += value.values


def _size_of(value: Value) -> int:
    return value.bytes


def tree_of(trace: Trace) -> Value:
    """Return what was dumped, with the largest values in it."""
    return _Explained(trace).tree()


def _node_of(part: Part) -> int:
    return part[1]


def _type_text(obj: Any) -> str:
    if is_class(obj):
        return f"class {name_of(obj)}"
    return type_name(type(obj))
