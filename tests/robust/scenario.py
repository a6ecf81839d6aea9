"""What a child runs: python -m tests.robust.scenario module:function [arguments]."""

from __future__ import annotations

import importlib
import signal
import sys


def as_in_a_terminal() -> None:
    """Undo what nohup, and a shell's & in a script, have their programs ignore."""
    for name in ("SIGINT", "SIGQUIT", "SIGHUP"):
        number = signal.Signals[name]
        if signal.getsignal(number) == signal.SIG_IGN:
            by_default = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            signal.signal(number, by_default)


def main() -> None:
    as_in_a_terminal()
    module, _, function = sys.argv[1].partition(":")
    scenarios = importlib.import_module(f"tests.robust.scenarios.{module}")
    getattr(scenarios, function)(*sys.argv[2:])


if __name__ == "__main__":
    main()
