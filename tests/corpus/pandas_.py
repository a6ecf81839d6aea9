"""pandas frames and series."""

from tests.corpus.case import Shelf

shelf = Shelf("pandas_", requires=("pandas",), buffers=True)


def _pandas():
    import pandas

    return pandas


def _frame():
    pd = _pandas()
    return pd.DataFrame(
        {"a": [1, 2, 3], "b": [1.5, 2.5, None], "c": ["x", "y", "z"]}, index=[10, 20, 30]
    )


shelf.add("frame", _frame, lambda f: f.equals(_frame()))
shelf.add("frame_empty", lambda: _pandas().DataFrame(), lambda f: f.empty)
shelf.add(
    "frame_categories",
    lambda: _pandas().DataFrame({"c": _pandas().Categorical(["a", "b", "a"])}),
    lambda f: list(f["c"].cat.codes) == [0, 1, 0],
)
shelf.add(
    "frame_dates",
    lambda: _pandas().DataFrame({"t": _pandas().date_range("2024-01-01", periods=3, tz="UTC")}),
    lambda f: f["t"].dt.day.tolist() == [1, 2, 3],
)
shelf.add(
    "frame_multi_index", lambda: _frame().set_index(["a", "c"]), lambda f: f.index.nlevels == 2
)
shelf.add("series", lambda: _frame()["a"], lambda s: s.tolist() == [1, 2, 3] and s.name == "a")
shelf.add(
    "series_nullable",
    lambda: _pandas().Series([1, None], dtype="Int64"),
    lambda s: s.isna().tolist() == [False, True],
)
shelf.add("index", lambda: _pandas().RangeIndex(5), lambda i: list(i) == list(range(5)))
shelf.add("timestamp", lambda: _pandas().Timestamp("2024-01-01"))
shelf.add(
    "lambda_over_a_frame",
    lambda: (lambda frame: lambda: frame["a"].sum())(_frame()),
    lambda f: f() == 6,
)
shelf.add(
    "function_using_the_package",
    lambda: (lambda pd: lambda: pd.DataFrame({"a": [1]}))(_pandas()),
    lambda f: f().shape == (1, 1),
)
