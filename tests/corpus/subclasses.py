"""Subclasses of builtins, importable and local, plain and with slots or state."""

from collections import OrderedDict, defaultdict, deque

from tests.corpus.case import Shelf

shelf = Shelf("subclasses")

BASES = {
    "int": (int, 7),
    "int_large": (int, 10**50),
    "float": (float, 2.5),
    "complex": (complex, 1 + 2j),
    "str": (str, "text é\u20ac"),
    "bytes": (bytes, b"bytes"),
    "bytearray": (bytearray, b"bytearray"),
    "list": (list, [1, 2]),
    "tuple": (tuple, (1, 2, 3)),
    "dict": (dict, {"a": 1}),
    "set": (set, {1, 2}),
    "frozenset": (frozenset, {1, 2}),
    "ordered_dict": (OrderedDict, {"a": 1}),
    "deque": (deque, [1, 2]),
    "exception": (ValueError, "message"),
    "object": (object, None),
}

IMPORTABLE = {}
for _name, (_base, _value) in BASES.items():
    IMPORTABLE[_name] = type(
        f"Plain_{_name}", (_base,), {"__module__": __name__, "__qualname__": f"Plain_{_name}"}
    )
    globals()[f"Plain_{_name}"] = IMPORTABLE[_name]


def _new(cls, value):
    return cls() if value is None else cls(value)


def _payload(obj, base, value):
    """The value of the builtin inside an instance of its subclass."""
    if base is object:
        return None
    if base is ValueError:
        return obj.args[0]
    return type(value)(obj)


def _same_value(base, value, extra=None):
    def check(obj):
        assert isinstance(obj, base) and type(obj) is not base
        assert _payload(obj, base, value) == value
        return extra is None or extra(obj)

    return check


def _empty(base):
    return base("") if base is ValueError else base()


for _name, (_base, _value) in BASES.items():

    def _make_plain(name=_name, value=_value):
        return _new(IMPORTABLE[name], value)

    def _make_attribute(name=_name, value=_value):
        obj = _new(IMPORTABLE[name], value)
        obj.extra = [obj]
        return obj

    def _make_local(base=_base, value=_value):
        class Local(base):
            """A subclass that only this factory knows."""

        obj = _new(Local, value)
        obj.extra = "extra"
        return obj

    def _make_no_dict(base=_base, value=_value):
        class Local(base):
            __slots__ = ()

        return _new(Local, value)

    def _make_getstate(base=_base, value=_value):
        class Local(base):
            def __getstate__(self):
                return {"stated": True}

        return _new(Local, value)

    def _make_setstate(base=_base, value=_value):
        class Local(base):
            def __getstate__(self):
                return ("any", "state")

            def __setstate__(self, state):
                self.got = state

        return _new(Local, value)

    def _make_reduce(base=_base, value=_value):
        class Local(base):
            def __reduce__(self):
                return type(self), () if value is None else (value,), {"reduced": True}

        return _new(Local, value)

    def _make_reduce_ex(base=_base, value=_value):
        class Local(base):
            def __reduce_ex__(self, protocol):
                return type(self), () if value is None else (value,), {"reduced": protocol}

        return _new(Local, value)

    shelf.add(f"{_name}_plain", _make_plain, _same_value(_base, _value))
    shelf.add(
        f"{_name}_pair",
        lambda make=_make_plain: [make(), make()],
        lambda xs: type(xs[0]) is type(xs[1]) and xs[0] is not xs[1],
    )
    if _base not in (frozenset,):
        # The state of a value goes after it, so holding itself there is fine.
        shelf.add(f"{_name}_attribute_of_itself", _make_attribute, lambda obj: obj.extra[0] is obj)
    shelf.add(
        f"{_name}_local", _make_local, _same_value(_base, _value, lambda obj: obj.extra == "extra")
    )
    # copyreg refuses an empty __slots__ for none of these; those without a dict pickle with no state.
    shelf.add(f"{_name}_no_dict", _make_no_dict, _same_value(_base, _value))
    # bytearray has a __reduce_ex__ of its own, that asks no __reduce__.
    shelf.add(
        f"{_name}_reduce",
        _make_reduce,
        _same_value(_base, _value, lambda obj: isinstance(obj, bytearray) or obj.reduced is True),
    )
    shelf.add(
        f"{_name}_reduce_ex",
        _make_reduce_ex,
        _same_value(_base, _value, lambda obj: obj.reduced in range(6)),
    )
    # Bases with a __reduce__ of their own call __getstate__ only from some version on; the reference says which.
    shelf.add(f"{_name}_getstate", _make_getstate, _same_value(_base, _value))
    shelf.add(f"{_name}_setstate", _make_setstate, _same_value(_base, _value))


# defaultdict.__reduce__ leaves the attributes behind.
@shelf.case(lambda d: d["missing"] == [] and d["a"] == [1])
def default_dict_subclass():
    class Local(defaultdict):
        pass

    obj = Local(list, a=[1])
    obj.name = "n"
    return obj


@shelf.case(lambda obj: obj == (1, 2) and obj.extra == 3)
def tuple_with_new():
    class Pair(tuple):
        def __new__(cls, a, b):
            return super().__new__(cls, (a, b))

        def __getnewargs__(self):
            return self[0], self[1]

    obj = Pair(1, 2)
    obj.extra = 3
    return obj


@shelf.case(lambda obj: obj == 5 and obj.unit == "m")
def int_with_keyword_new():
    class Length(int):
        def __new__(cls, value, *, unit):
            self = super().__new__(cls, value)
            self.unit = unit
            return self

        def __getnewargs_ex__(self):
            return (int(self),), {"unit": self.unit}

    return Length(5, unit="m")


@shelf.case(
    lambda obj: type(obj).__name__ == "Loud" and list(dict.items(obj)) in ([("a", 1)], [("z", 26)])
)
def dict_overriding_items():
    # From protocol 2 on __reduce_ex__ asks for items(), before it dict(obj) is taken.
    class Loud(dict):
        def items(self):
            return iter([("a", 1)])

    return Loud(z=26)


@shelf.case(lambda obj: list(obj) == ["one", "two"])
def list_overriding_iter():
    class Loud(list):
        def __iter__(self):
            return iter(["one", "two"])

    return Loud([1])


@shelf.case(lambda obj: obj.log == [1, 2, 3] and list(obj) == [1, 2, 3])
def list_overriding_append_and_extend():
    class Logged(list):
        def append(self, item):
            self.__dict__.setdefault("log", []).append(item)
            super().append(item)

        def extend(self, items):
            for item in items:
                self.append(item)

    obj = Logged()
    obj.extend([1, 2, 3])
    return obj
