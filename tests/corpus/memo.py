"""What takes a memo slot, and slots past the one-byte index."""

from tests.corpus.case import Shelf

shelf = Shelf("memo")

for _n in (254, 255, 256, 257):
    # BINGET reaches slot 255, LONG_BINGET the rest; the last item is fetched again.
    shelf.add(
        f"get_slot_{_n}",
        lambda n=_n: (lambda xs: [xs, xs[-1], xs[n // 2]])([[i] for i in range(n)]),
    )
    shelf.add(f"put_slot_{_n}", lambda n=_n: [f"string {i}" for i in range(n)])


@shelf.case(lambda got: all(a is b for a, b in zip(got[0], got[1])))
def every_slot_fetched_again():
    items = [(i, str(i)) for i in range(400)]
    return [items, list(reversed(items))[::-1]]


@shelf.case(lambda got: got[0] is got[-1])
def slot_far_away():
    first = ["first"]
    return [first, *[[i] for i in range(66_000)], first]


@shelf.case()
def not_memoized():
    # None, bools, ints, floats and the empty tuple take no slot.
    return [None, True, False, 1, 10**40, 1.5, (), None, 10**40, 1.5, (), [], []]


@shelf.case()
def empty_tuple_everywhere():
    return [(), ((),), {(): ()}, frozenset([()])]


@shelf.case(lambda got: got[0] is got[2] and got[1] is got[3])
def classes_and_functions():
    class Local:
        pass

    def local():
        return Local

    return [Local, local, Local, local]


@shelf.case(lambda got: got[0] is got[1])
def globals_memoized():
    return [len, len, dict, dict, dict]


@shelf.case(lambda got: got[0].__dict__ == {"a": 1} and got[1] == {"a": 1})
def instance_and_its_dict():
    class Local:
        pass

    one = Local()
    one.a = 1
    return [one, one.__dict__, one]
