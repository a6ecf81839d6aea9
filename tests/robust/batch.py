"""Many small cases in one child, each with its own result, also when one of them crashes.

The child says on its standard output which case it begins and how each ended. When it
dies, the case that it was in has failed, and another child goes on after it.
"""

from __future__ import annotations

import importlib
import json
from functools import cache

from tests.robust import child

LIMIT = 280.0
"""Seconds for all cases of a child: less than pytest-timeout leaves the whole test."""


def names(module: str, quick: bool = False) -> list[str]:
    """The cases of a module of scenarios; a module may choose some for quick runs."""
    scenarios = importlib.import_module(f"tests.robust.scenarios.{module}")
    chosen: list[str] = list(scenarios.cases())
    if quick and hasattr(scenarios, "is_quick"):
        chosen = [name for name in chosen if scenarios.is_quick(name)]
    return chosen


@cache
def results(module: str, path: str, quick: bool = False) -> dict[str, str | None]:
    """Run cases of a module of scenarios: their problems by name, None where there is none."""
    todo = names(module, quick)
    found: dict[str, str | None] = {}
    stock_crashes: list[str] = []
    while todo:
        options = json.dumps({"todo": todo, "no_stock": stock_crashes})
        # Stock cloudpickle is the oracle of each case.
        env = {**child.CHECKED, "GOCLOUDPICKLE_STRICT": "1"}
        outcome = child.run(
            "batch:run_cases", module, path=path, timeout=LIMIT, env=env, stdin=options
        )
        current: tuple[str, str] | None = None
        for line in outcome.stdout.splitlines():
            if not line.startswith("@@"):
                continue
            event, name, text = json.loads(line[2:])
            if event == "begin":
                current = (name, text)
            else:
                found[name] = text
                current = None
        if current is None:
            outcome.check()
            missing = [name for name in todo if name not in found]
            assert not missing, f"no result for {missing}: {outcome.describe()}"
            break
        name, who = current
        if who == "stock":  # a bug of CPython's own pickler: nothing to compare with
            stock_crashes.append(name)
        else:
            found[name] = f"crashed: {outcome.describe()}"
        todo = [name for name in todo if name not in found]
    return found


def check(module: str, path: str, prefix: str = "", quick: bool = False) -> None:
    """Fail when a case whose name begins with prefix has a problem."""
    found = results(module, path, quick)
    chosen = {name: problem for name, problem in found.items() if name.startswith(prefix)}
    assert chosen, f"no case begins with {prefix!r}"
    problems = [f"{name}: {problem}" for name, problem in chosen.items() if problem is not None]
    assert not problems, f"{len(problems)} of {len(chosen)} cases failed\n" + "\n\n".join(
        problems[:8]
    )
