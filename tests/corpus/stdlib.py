"""Objects of the standard library that people send."""

import array
import datetime
import decimal
import fractions
import ipaddress
import pathlib
import random
import re
import string
import time
import types
import uuid
import zoneinfo

from tests.corpus.case import Shelf

shelf = Shelf("stdlib")

shelf.values(
    [
        ("decimal", decimal.Decimal("3.14")),
        ("decimal_nan", decimal.Decimal("Infinity")),
        ("decimal_context_free", [decimal.Decimal(1), decimal.Decimal(1)]),
        ("fraction", fractions.Fraction(1, 3)),
        ("date", datetime.date(2024, 2, 29)),
        ("time", datetime.time(12, 30, 1, 5)),
        ("datetime", datetime.datetime(2024, 2, 29, 12, 30)),
        ("datetime_utc", datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)),
        ("datetime_fold", datetime.datetime(2024, 2, 29, fold=1)),
        ("timedelta", datetime.timedelta(1, 2, 3)),
        ("timezone", datetime.timezone(datetime.timedelta(hours=2), "CEST")),
        ("uuid", uuid.UUID(int=5)),
        ("path", pathlib.PurePosixPath("/a/b")),
        ("regex", re.compile(r"a(b+)", re.IGNORECASE)),
        ("ip_address", ipaddress.ip_address("10.0.0.1")),
        ("ip_network", ipaddress.ip_network("10.0.0.0/8")),
        ("struct_time", time.gmtime(0)),
        ("array_ints", array.array("i", [1, -2, 3])),
        ("array_doubles", array.array("d", [1.5, 2.5])),
        ("array_empty", array.array("b")),
        ("array_of_arrays", [array.array("q", range(2000)), array.array("f", [1])]),
    ]
)
shelf.add(
    "array_with_attributes",
    lambda: type("A", (array.array,), {"__module__": "corpus_dynamic"})("i", [1, 2]),
    lambda a: list(a) == [1, 2],
)
shelf.add("random", lambda: random.Random(5), lambda r: r.random() == random.Random(5).random())
shelf.add("template", lambda: string.Template("$a"), lambda t: t.substitute(a=1) == "1")
shelf.add("generic_alias", lambda: types.GenericAlias(list, (int,)), lambda a: a == list[int])
shelf.add(
    "zone_info", lambda: zoneinfo.ZoneInfo("UTC"), lambda z: z.key == "UTC", requires=("tzdata",)
)


@shelf.case(lambda e: e.args == ("x",) and isinstance(e.__cause__, type(None)))
def exception_with_cause():
    # __cause__ and the traceback don't travel.
    try:
        try:
            raise KeyError("k")
        except KeyError as k:
            raise ValueError("x") from k
    except ValueError as error:
        error.__traceback__ = None
        return error


@shelf.case(lambda e: e.__notes__ == ["noted"], min_python=(3, 11))
def exception_with_notes():
    error = ValueError("x")
    error.add_note("noted")
    return error
