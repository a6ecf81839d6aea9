"""What a child runs: python -m tests.robust.scenario module:function [arguments]."""

from __future__ import annotations

import importlib
import sys


def main() -> None:
    module, _, function = sys.argv[1].partition(":")
    scenarios = importlib.import_module(f"tests.robust.scenarios.{module}")
    getattr(scenarios, function)(*sys.argv[2:])


if __name__ == "__main__":
    main()
