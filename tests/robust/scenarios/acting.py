"""What mutations that are arranged by hand have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.robust.scenarios.batch import Case
from tests.robust.scenarios.hooks import once


def registering(cases: dict[str, Case]) -> Callable[[Case], Case]:
    """Give the decorator that adds a function to the cases."""

    def case(function: Case) -> Case:
        cases[function.__name__] = function
        return function

    return case


class Acting:
    """Runs an action when it is pickled."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self.action = action

    def __reduce__(self) -> Any:
        self.action()
        return int, (5,)


def acting(action: Callable[[], Any]) -> Acting:
    return Acting(once(action))


def function_with(globals_: dict[str, Any], source: str, name: str = "f") -> Any:
    globals_.setdefault("__builtins__", {"__build_class__": __build_class__, "object": object})
    globals_.setdefault("__name__", "robust_nowhere")
    exec(source, globals_)
    return globals_.pop(name)
