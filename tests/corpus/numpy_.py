"""NumPy arrays and scalars."""

import sys

from tests.corpus.case import Shelf

shelf = Shelf("numpy_", requires=("numpy",), buffers=True)


def _numpy():
    import numpy

    return numpy


def _array(name, make, **options):
    def check(got):
        np = _numpy()
        wanted = make(np)
        assert type(got) is type(wanted) and got.dtype == wanted.dtype and got.shape == wanted.shape
        return np.array_equal(np.asarray(got), np.asarray(wanted))

    shelf.add(name, lambda: make(_numpy()), options.pop("check", check), **options)


_array("empty", lambda np: np.array([]))
_array("zero_dimensions", lambda np: np.array(5))
_array("ints", lambda np: np.arange(10))
_array("floats_2d", lambda np: np.arange(12.0).reshape(3, 4))
_array("fortran_order", lambda np: np.asfortranarray(np.arange(12.0).reshape(3, 4)))
_array("not_contiguous", lambda np: np.arange(20)[::2])
_array("transposed_3d", lambda np: np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2))
_array("read_only", lambda np: (lambda a: (a.setflags(write=False), a)[1])(np.arange(5)))
# NumPy itself loses the byte order at protocols 0 and 1.
_array(
    "big_endian",
    lambda np: np.arange(5, dtype=">i4"),
    check=lambda a: a.tolist() == [0, 1, 2, 3, 4],
)
_array("bool", lambda np: np.array([True, False]))
_array("complex", lambda np: np.array([1 + 2j]))
_array("strings", lambda np: np.array(["a", "bcd"]))
_array("bytes", lambda np: np.array([b"a", b"bcd"]))
_array("objects", lambda np: np.array([1, "a", None], dtype=object))
_array("datetimes", lambda np: np.array(["2024-01-01"], dtype="M8[D]"))
_array("structured", lambda np: np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
_array("large", lambda np: np.arange(20_000.0))
_array("large_in_band_twice_64k", lambda np: np.zeros(65536, dtype="u1"))
shelf.add("shared", lambda: (lambda a: [a, a])(_numpy().arange(3)), lambda xs: xs[0] is xs[1])
shelf.add(
    "views_of_one", lambda: (lambda a: [a, a[1:]])(_numpy().arange(3)), lambda xs: xs[1][0] == 1
)
shelf.add(
    "scalars",
    lambda: [_numpy().float64(1.5), _numpy().int32(5), _numpy().bool_(True), _numpy().str_("s")],
)
shelf.add(
    "dtypes",
    lambda: [_numpy().dtype("f8"), _numpy().dtype([("a", "i4")]), _numpy().dtype("M8[ns]")],
)
shelf.add("ufunc", lambda: _numpy().add, lambda f: f is _numpy().add)
shelf.add(
    "ufunc_in_a_function",
    lambda: (lambda np: lambda x: np.sqrt(x))(_numpy()),
    lambda f: f(4.0) == 2.0,
)
shelf.add(
    "linalg_through_the_package",
    lambda: (lambda np: lambda a: np.linalg.norm(a))(_numpy()),
    lambda f: f([3.0, 4.0]) == 5.0,
)
shelf.add("module", _numpy, lambda m: m is sys.modules["numpy"])
shelf.add(
    "in_a_closure", lambda: (lambda a: lambda: a.sum())(_numpy().arange(4)), lambda f: f() == 6
)
shelf.add(
    "random_generator",
    lambda: _numpy().random.default_rng(5),
    lambda g: g.random() == _numpy().random.default_rng(5).random(),
)
shelf.add("masked", lambda: _numpy().ma.array([1, 2], mask=[0, 1]), lambda m: m.sum() == 1)
shelf.add(
    "subclass_local",
    lambda: _numpy().arange(3).view(type("Local", (_numpy().ndarray,), {})),
    lambda a: a.sum() == 3 and type(a).__name__ == "Local",
)
shelf.add(
    "vectorized_lambda",
    lambda: _numpy().vectorize(lambda x: x + 1),
    lambda f: list(f([1, 2])) == [2, 3],
)
