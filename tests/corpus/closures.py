"""Cells: full, empty, shared, recursive, alone."""

import types

from tests.corpus.case import Shelf

shelf = Shelf("closures")


@shelf.case(lambda f: f(3) == 13)
def one_cell():
    ten = 10
    return lambda x: x + ten


@shelf.case(lambda f: f({"score": 1}) == "act" and f({"score": 0.5}) == "wait")
def agent():
    def make_agent(config):
        def agent(state):
            return "act" if state["score"] > config["threshold"] else "wait"

        return agent

    return make_agent({"threshold": 0.9})


@shelf.case(lambda f: f() == tuple(range(20)))
def twenty_cells():
    a, b, c, d, e, f, g, h, i, j, k, el, m, n, o, p, q, r, s, t = range(20)
    return lambda: (a, b, c, d, e, f, g, h, i, j, k, el, m, n, o, p, q, r, s, t)


@shelf.case(lambda f: len(f.__closure__) == 1 and _raises_name_error(f))
def empty_cell():
    def inner():
        return late

    if False:
        late = None
    return inner


def _raises_name_error(function):
    try:
        function()
    except NameError:
        return True
    return False


@shelf.case(_raises_name_error)
def deleted_cell():
    value = 1

    def inner():
        return value  # noqa: F821

    del value
    return inner


@shelf.case(lambda f: _raises_name_error(f) and len(f.__closure__) == 3)
def empty_among_full():
    a, c = 1, 3

    def inner():
        return a, b, c

    if False:
        b = None
    return inner


# cloudpickle fills new cells when loading: what was shared is two cells then.
@shelf.case(lambda fs: fs[0]() == 1 and fs[0]() == 2 and fs[1]() == 0)
def shared_cell():
    count = 0

    def up():
        nonlocal count
        count += 1
        return count

    def get():
        return count

    return [up, get]


@shelf.case(lambda fs: _raises_name_error(fs[0]) and _raises_name_error(fs[1]))
def shared_empty_cell():
    def one():
        return late

    def two():
        return late

    if False:
        late = None
    return [one, two]


@shelf.case(lambda f: f()() is f)
def cell_of_the_function_itself():
    def inner():
        return lambda: inner

    return inner


@shelf.case(lambda fs: fs[0](4) is True and fs[1](4) is False)
def two_functions_in_each_others_cells():
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    return [even, odd]


@shelf.case(lambda f: f() == (1, 2, 3))
def three_levels():
    a = 1

    def middle():
        b = 2

        def inner():
            c = 3
            return lambda: (a, b, c)

        return inner()

    return middle()


@shelf.case(lambda f: f(1) == 2 and f(1) == 3)
def counter_with_nonlocal():
    total = 1

    def add(x):
        nonlocal total
        total += x
        return total

    return add


@shelf.case(lambda f: f()[0] is f()[1])
def same_value_in_two_cells():
    a = b = [1]
    return lambda: (a, b)


@shelf.case(lambda f: isinstance(f(), f.__closure__[0].cell_contents))
def cell_of_a_class():
    class Local:
        pass

    return lambda: Local()


@shelf.case(lambda f: f()["f"] is f)
def cell_of_a_dict_holding_the_function():
    table = {}

    def inner():
        return table

    table["f"] = inner
    return inner


@shelf.case(lambda fs: [f() for f in fs] == [2, 2, 2])
def late_binding_in_a_loop():
    functions = []
    for i in range(3):
        functions.append(lambda: i)
    return functions


@shelf.case(lambda f: [g() for g in f()] == [0, 1, 2])
def cells_made_by_the_function():
    def inner():
        return [(lambda i: lambda: i)(i) for i in range(3)]

    return inner


shelf.add("cell_alone", lambda: types.CellType([1]), lambda cell: cell.cell_contents == [1])
shelf.add(
    "cell_alone_empty",
    lambda: types.CellType(),
    lambda cell: type(cell) is types.CellType and repr(cell).endswith("empty>"),
)
shelf.add("cell_alone_none", lambda: types.CellType(None), lambda cell: cell.cell_contents is None)
shelf.add(
    "cell_in_a_cell",
    lambda: types.CellType(types.CellType(1)),
    lambda cell: cell.cell_contents.cell_contents == 1,
)
shelf.add("cells_shared", lambda: (lambda c: [c, c])(types.CellType(1)), lambda cs: cs[0] is cs[1])
shelf.add(
    "cells_empty_shared", lambda: (lambda c: [c, c])(types.CellType()), lambda cs: cs[0] is cs[1]
)
shelf.add(
    "closure_tuple_alone",
    lambda: (lambda a, b: lambda: (a, b))(1, 2).__closure__,
    lambda cells: [c.cell_contents for c in cells] == [1, 2],
)
shelf.add(
    "function_and_its_closure",
    lambda: (lambda f: [f, f.__closure__])((lambda a: lambda: a)([1])),
    lambda fc: fc[0]() == [1] and fc[1][0].cell_contents is fc[0](),
)


# A cell that contains itself through a list makes _make_cell((contents,)) recurse for
# ever: a cell is not memoized before its contents.
@shelf.case(raises=Exception)
def cell_recursive_alone():
    cell = types.CellType()
    cell.cell_contents = cell
    return cell


@shelf.case(lambda f: f() == "text text")
def names_of_free_variables_reused():
    word = "text"

    def inner():
        def word_twice():
            return f"{word} {word}"

        return word_twice()

    return inner
