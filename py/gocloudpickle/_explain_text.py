"""An explanation as text for people."""

from __future__ import annotations

import heapq
import textwrap
from itertools import count

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from gocloudpickle._explain import Culprit, Explanation, Value

MAX_CULPRITS = 20
MAX_PARTS = 10  # lines for those of one value
_LEAST_WIDTH, _MAX_INDENT = 40, 30


def text(explanation: Explanation, width: int, lines: int) -> str:
    """Return what print shows: the culprits, then the largest values as a tree."""
    width = max(width, _LEAST_WIDTH)
    return "\n".join([*_head(explanation, width), *_tree(explanation, width, lines)])


def _head(explanation: Explanation, width: int) -> list[str]:
    culprits = explanation.culprits
    if not culprits:
        size = f"{explanation.bytes:,} bytes with protocol {explanation.protocol}"
        return [f"{explanation.tree.step} can be pickled: {size}.", ""]
    n = len(culprits) + explanation.unlisted_culprits
    things = "one value in it" if n == 1 else f"{n:,} values in it"
    if n == 1 and culprits[0].path == explanation.tree.step:
        things = "it"
    said = [f"{explanation.tree.step} can't be pickled, because of {things}:", ""]
    for culprit in culprits[:MAX_CULPRITS]:
        said += [*_culprit(culprit, width), ""]
    if n > MAX_CULPRITS:
        said += [f"  ... {n - MAX_CULPRITS:,} more", ""]
    return [*said, f"The rest of it is {explanation.bytes:,} bytes:", ""]


def _culprit(culprit: Culprit, width: int) -> list[str]:
    return [
        *_wrapped(culprit.path, width, "  ", "      "),
        *_wrapped(f"{culprit.type}: {culprit.reason}", width, "    ", "    "),
        *(_wrapped(culprit.remedy, width, "    ", "    ") if culprit.remedy else ()),
        *(
            line
            for path in culprit.also
            for line in _wrapped(f"also {path}", width, "    ", "      ")
        ),
    ]


def _wrapped(line: str, width: int, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        _printable(line),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )


def _printable(line: str) -> str:
    """Replace what would break a line or a terminal."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def _tree(explanation: Explanation, width: int, lines: int) -> list[str]:
    """Return a line for each of the largest values, and how many more there are."""
    root, total = explanation.tree, max(explanation.bytes, 1)
    shown = _largest(root, lines)
    said: list[str] = []
    columns = max(len(f"{total:,}"), 5)
    stack: list[tuple[int, Value | tuple[int, int]]] = [(0, root)]
    while stack:
        depth, value = stack.pop()
        indent = "  " * min(depth, _MAX_INDENT // 2)
        if isinstance(value, tuple):
            number, size = value
            size_text = f"{size:>{columns},} {_share(size, total)}"
            said.append(_cut(f"{size_text}  {indent}... {number:,} more", width))
            continue
        size_text = f"{value.bytes:>{columns},} {_share(value.bytes, total)}"
        said.append(_cut(f"{size_text}  {indent}{_line(value)}", width))
        listed = [part for part in value.values if id(part) in shown]
        more = value.unlisted + len(value.values) - len(listed)
        if more and listed:
            rest = value.bytes - sum(part.bytes for part in listed)
            stack.append((depth + 1, (more, rest)))
        stack.extend((depth + 1, part) for part in reversed(listed))
    return said


def _share(size: int, total: int) -> str:
    return f"{100 * size / total:5.1f}%"


def _line(value: Value) -> str:
    text = value.step if value.step == value.type else f"{value.step}: {value.type}"
    if value.unlisted and not value.values:
        text += f" of {value.unlisted:,}"
    if value.culprit:
        text += " (can't be pickled)"
    elif value.again is not None:
        text += f" (again: {value.again})" if value.again else " (again)"
    return _printable(text)


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 3] + "..."


def _largest(root: Value, lines: int) -> set[int]:
    """Choose the values that get the lines: always the largest one next."""
    shown: set[int] = set()
    order = count()
    candidates = [(-root.bytes, next(order), root)]
    while candidates and len(shown) < lines:
        _, _, value = heapq.heappop(candidates)
        shown.add(id(value))
        for part in value.values[:MAX_PARTS]:
            heapq.heappush(candidates, (-part.bytes, next(order), part))
    return shown
