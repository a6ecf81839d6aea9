"""A module whose things the by-value registry takes along.  It holds no cases."""

import enum
import json
import typing

LIMIT = 11

T = typing.TypeVar("T")


def helper(x):
    return x + LIMIT


def function(x):
    return helper(x)


def uses_json(x):
    return json.dumps(x)


class Class:
    one = 1

    def get(self):
        return function(self.one)


class Choice(enum.Enum):
    A = 1
    B = 2
