"""The demo: objects that pickle refuses leave this process and run in another.

    make demo                        # sets everything up first
    python examples/demo.py [--json]

This file is an ordinary script, and what it defines lives in __main__, which no
other process can import. Each object is dumped here and used in a worker process
that has never seen this source (demo_support/worker.py), then once more in a
ProcessPoolExecutor (demo_support/pool.py). An answer is right if it is what the
same call gives here. The exit status is 1 when anything came back wrong.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import email.utils
import enum
import functools
import sys
import xml.etree.ElementTree
from abc import ABC, abstractmethod

from demo_support import cli
from demo_support.subject import Subject

# A lambda over a global.

TAX = 1.19
with_tax = lambda price: round(price * TAX, 2)  # noqa: E731 - a named lambda is what this is about


# A closure, and an inner function.


def make_agent(config):
    def agent(score):
        return "act" if score >= config["threshold"] else "wait"

    return agent


def make_formatter():
    def shout(text, *, mark="!"):
        return text.upper() + mark

    return shout


# A generator function.


def countdown(start):
    while start:
        yield start
        start -= 1


# functools.partial over a lambda.

cube = functools.partial(lambda base, exponent: base**exponent, exponent=3)


# A class that is changed after its creation.


class DynamicAgent:
    def __init__(self, weight):
        self.weight = weight


def compute_score(self, signals):
    return self.weight * sum(signals)


DynamicAgent.score = compute_score


# A class made by a metaclass.


class Commands(type):
    def __new__(metaclass, name, bases, namespace):
        cls = super().__new__(metaclass, name, bases, namespace)
        cls.names = [attribute for attribute in namespace if not attribute.startswith("_")]
        return cls


Robot = Commands("Robot", (), {"go": lambda self: "gone", "stop": lambda self: "stopped"})


# A dataclass, an Enum, an ABC with a registered subclass.


@dataclasses.dataclass(order=True)
class Order:
    price: float
    lines: list[str] = dataclasses.field(default_factory=list)

    def total(self):
        return self.price * len(self.lines)


class Color(enum.Enum):
    RED = 1
    GREEN = 2

    def next(self):
        return Color(self.value % len(Color) + 1)


class Shape(ABC):
    @abstractmethod
    def area(self): ...


@Shape.register
class Square:
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


# Two functions that call each other.


def is_even(n):
    return n == 0 or is_odd(n - 1)


def is_odd(n):
    return n != 0 and is_even(n - 1)


# A function whose globals name packages: their modules must be imported with it.


def read_order(text):
    tag = xml.etree.ElementTree.fromstring(text).tag
    name, address = email.utils.parseaddr("Shop <shop@example.org>")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return tag, name, pool.submit(len, address).result()


SUBJECTS = [
    Subject("lambda over a global", with_tax, lambda f: f(100)),
    Subject("closure", make_agent({"threshold": 0.9}), lambda f: (f(0.95), f(0.5))),
    Subject("inner function", make_formatter(), lambda f: f("hello", mark="?")),
    Subject("generator function", countdown, lambda f: list(f(3))),
    Subject("partial of a lambda", cube, lambda f: f(5)),
    Subject("class changed later", DynamicAgent, lambda cls: cls(2).score([1, 2, 3])),
    Subject("its instance", DynamicAgent(0.5), lambda agent: agent.score([4, 8])),
    Subject("class by metaclass", Robot, lambda cls: (cls.names, cls().go())),
    Subject("dataclass", Order, lambda cls: (cls(2, ["a", "b"]).total(), cls(1) < cls(2))),
    Subject("Enum", Color, lambda cls: (cls.GREEN.next().name, len(cls))),
    Subject(
        "ABC, registered class",
        (Shape, Square),
        lambda pair: (issubclass(pair[1], pair[0]), pair[1](3).area()),
    ),
    Subject("mutual recursion", is_even, lambda f: (f(10), f(7))),
    Subject("names packages", read_order, lambda f: f("<order/>")),
]


if __name__ == "__main__":
    sys.exit(cli.main(SUBJECTS))
