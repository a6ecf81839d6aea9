"""Every hook, with every container around it, and every action on that container."""

from __future__ import annotations

import collections
import gc
import itertools
import sys
import types
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from tests.robust.scenarios.batch import Case
from tests.robust.scenarios.hooks import HOOKS, once


def victim(kind: int) -> Any:
    """A new object that nothing else refers to."""

    class Instance:
        def __init__(self) -> None:
            self.text = f"text {kind}"

    made: list[Callable[[], Any]] = [
        Instance,
        lambda: f"a string {kind} made now",
        lambda: "".join(["latin \xe9", str(kind)]),
        lambda: (kind, [f"in a tuple {kind}"]),
        lambda: [kind, {f"in a dict {kind}": (1.5 + kind,)}],
        lambda: 10**30 + kind,
        lambda: 0.25 + kind,
        lambda: bytes([65, kind]) * 3,
        lambda: lambda: f"closure {kind}",
        lambda: {(kind,), (kind, kind)},
        lambda: bytearray([kind] * 20),
        lambda: frozenset([(kind, "f")]),
        lambda: types.SimpleNamespace(a=[kind]),
    ]
    return made[kind % len(made)]()


def items(trigger: Any) -> Iterator[Any]:
    for kind in range(4):
        yield victim(kind)
    yield trigger
    for kind in range(4, 13):
        yield victim(kind)


def fill_list(c: Any, trigger: Any) -> None:
    c.extend(items(trigger))


def fill_long_list(c: Any, trigger: Any) -> None:
    c.extend(f"item {i}" for i in range(995))
    c.extend(items(trigger))
    c.extend([f"item {i}"] for i in range(1005))


def fill_dict(c: Any, trigger: Any) -> None:
    for i, item in enumerate(items(trigger)):
        c[(f"key {i}", i)] = item


def fill_str_dict(c: Any, trigger: Any) -> None:
    for i, item in enumerate(items(trigger)):
        c[f"key {i}"] = item


def fill_key_dict(c: Any, trigger: Any) -> None:
    for i in range(3):
        c[(f"key {i}", i)] = victim(i)
    c[(3, Hashed(trigger))] = victim(3)
    for i in range(4, 8):
        c[(f"key {i}", i)] = victim(i)


class Hashed:
    """Hashable by a constant, around what may not be."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def __hash__(self) -> int:
        return 3


def fill_attributes(c: Any, trigger: Any) -> None:
    for i, item in enumerate(items(trigger)):
        setattr(c, f"name{i}", item)


def fill_set(c: Any, trigger: Any) -> None:
    c.update((i, f"item {i}") for i in range(4))
    c.add(Hashed(trigger))
    c.update((i, f"item {i}") for i in range(4, 9))


class ListSubclass(list):  # type: ignore[type-arg]
    pass


class DictSubclass(dict):  # type: ignore[type-arg]
    pass


class Attributes:
    pass


CONTAINERS: dict[str, tuple[Callable[[], Any], Callable[[Any, Any], None]]] = {
    "list": (list, fill_list),
    "long_list": (list, fill_long_list),
    "dict": (dict, fill_dict),
    "str_dict": (dict, fill_str_dict),
    "key_dict": (dict, fill_key_dict),
    "set": (set, fill_set),
    "instance": (Attributes, fill_attributes),
    "list_subclass": (ListSubclass, fill_list),
    "dict_subclass": (DictSubclass, fill_str_dict),
    "deque": (collections.deque, fill_list),
    "ordered_dict": (collections.OrderedDict, fill_dict),
    "namespace": (types.SimpleNamespace, fill_attributes),
}


def _storage(c: Any) -> Any:
    return vars(c) if isinstance(c, (Attributes, types.SimpleNamespace)) else c


def clear(c: Any) -> None:
    _storage(c).clear()


def append(c: Any) -> None:
    s = _storage(c)
    if isinstance(s, dict):
        s["new"] = ["new"]
    elif isinstance(s, set):
        s.add("new")
    else:
        s.append(["new"])


def grow(c: Any) -> None:
    s = _storage(c)
    if isinstance(s, dict):
        s.update((f"new {i}", [i]) for i in range(3000))
    elif isinstance(s, set):
        s.update(range(3000))
    else:
        s.extend([i] for i in range(3000))


def pop_first(c: Any) -> None:
    s = _storage(c)
    if isinstance(s, dict):
        s.pop(next(iter(s)), None)
    elif isinstance(s, set):
        s.pop()
    elif s:
        del s[0]


def drop_last(c: Any) -> None:
    s = _storage(c)
    if isinstance(s, dict):
        s.popitem()
    elif isinstance(s, set):
        for item in list(s)[-3:]:
            s.discard(item)
    else:
        for _ in range(min(5, len(s))):
            s.pop()


def replace(c: Any) -> None:
    """Put other objects in place of all, the number of items stays."""
    s = _storage(c)
    if isinstance(s, dict):
        for i, key in enumerate(list(s)):
            s[key] = [f"other {i}"]
    elif isinstance(s, set):
        n = len(s)
        s.clear()
        s.update(range(n))
    else:
        for i in range(len(s)):
            s[i] = [f"other {i}"]


def rebuild(c: Any) -> None:
    """Other keys, as many as before: the size does not tell."""
    s = _storage(c)
    if isinstance(s, dict):
        n = len(s)
        s.clear()
        s.update((f"rebuilt {i}", [i]) for i in range(n))
    else:
        replace(c)


def collect(c: Any) -> None:
    gc.collect()


def raise_error(c: Any) -> None:
    clear(c)
    raise ZeroDivisionError("raised in the middle")


def leave(c: Any) -> None:
    clear(c)
    sys.exit(3)


def interrupt(c: Any) -> None:
    raise KeyboardInterrupt


def re_enter(m: ModuleType, c: Any) -> None:
    m.dumps([c if isinstance(c, list) else 1, lambda: 1, {"a": "b" * 100}, Attributes()][1:])


ACTIONS: list[Callable[[Any], None]] = [
    clear, append, grow, pop_first, drop_last, replace, rebuild, collect, raise_error, leave, interrupt,
]  # fmt: skip

WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "bare": lambda c: c,
    "in_tuple": lambda c: (1, [c, c], (c,)),
}


def case(
    hook: str,
    container: str,
    action: Callable[[ModuleType, Any], None],
    wrapper: str,
    m: ModuleType,
) -> bytes:
    make, fill = CONTAINERS[container]
    c = make()
    trigger, dump = HOOKS[hook](m, once(lambda: action(m, c)))
    fill(c, trigger)
    del trigger
    return dump(WRAPPERS[wrapper](c))


def cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    actions: dict[str, Callable[[ModuleType, Any], None]] = {
        a.__name__: (lambda m, c, a=a: a(c)) for a in ACTIONS
    }
    actions["re_enter"] = re_enter
    for hook, container in itertools.product(HOOKS, CONTAINERS):
        for name, action in actions.items():
            for wrapper in WRAPPERS if name in ("clear", "replace") else ("bare",):
                found[f"{hook} {container} {name} {wrapper}"] = partial(
                    case, hook, container, action, wrapper
                )
    return found


def is_quick(name: str) -> bool:
    _, container, action, _ = name.split()
    return container in ("list", "str_dict", "set", "instance") and action in (
        "clear", "grow", "replace", "raise_error", "re_enter"
    )  # fmt: skip
