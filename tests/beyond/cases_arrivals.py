"""Classes that arrive a second time where something has been set on them.

`obj` is a payload here, for the process that uses it to load twice.
"""

from __future__ import annotations

from tests.beyond.case import WRONG, Case

AGAIN = "classes that arrive again"

MAKE = """
import io, cloudpickle
class Model:
    "What it is."
    steps = 0
    seen = []
    cache = {}
    unset = None
    gone = 1
    def score(self): return 1
    def fresh(self): return 1
class Meta(type): pass
class Other(metaclass=Meta):
    steps = 0
    def score(self): return 1
obj = cloudpickle.dumps((Model, Other))
"""

CASES = [
    Case(
        "attributes that the worker has set",
        AGAIN,
        WRONG,
        MAKE,
        """
        import pickle
        Model, Other = pickle.loads(obj)
        for cls in (Model, Other):
            cls.steps = 5
            cls.score = method = lambda self: 2
            cls.added = "here"
            again = pickle.loads(obj)
            assert cls in again and cls.steps == 5 and cls.added == "here"
            assert vars(cls)["score"] is method and cls().score() == 2
        """,
        worker_with_stock=False,
    ),
    Case(
        "a list and a dict that the worker has filled",
        AGAIN,
        WRONG,
        MAKE,
        """
        import pickle
        Model, _ = pickle.loads(obj)
        Model.seen.append(1)
        Model.cache["key"] = [1]
        pickle.loads(obj)
        assert Model.seen == [1] and Model.cache == {"key": [1]}
        """,
        worker_with_stock=False,
    ),
    Case(
        "an attribute that the worker has deleted",
        AGAIN,
        WRONG,
        MAKE,
        """
        import pickle
        Model, _ = pickle.loads(obj)
        del Model.gone
        pickle.loads(obj)
        assert not hasattr(Model, "gone")
        """,
        worker_with_stock=False,
    ),
]
