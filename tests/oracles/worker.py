"""The other process: loads payloads that it has not seen made, and checks them.

Run by processes.py as a script, isolated and without site-packages but for the
folder given as first argument.  Requests and replies are pickles, each after
its length.  The corpus can be imported only while something is being checked.
"""

import contextlib
import importlib
import os
import pickle
import struct
import sys
import traceback
import warnings

SITE, ROOT, FIRST_IMPORT, FORBIDDEN = sys.argv[1:5]


_hidden = {}


@contextlib.contextmanager
def source():
    """The corpus importable, and out of sight again after."""
    sys.path.append(ROOT)
    importlib.invalidate_caches()
    sys.modules.update(_hidden)
    try:
        yield
    finally:
        sys.path.remove(ROOT)
        for name in [name for name in sys.modules if name == "tests" or name.startswith("tests.")]:
            _hidden[name] = sys.modules.pop(name)


def needs_source(payload):
    return b"tests" in payload or b"corpus" in payload and b"corpus_dynamic" not in payload


def load(payload, buffers):
    return pickle.loads(payload, buffers=[pickle.PickleBuffer(b) for b in buffers] or None)


def serve(name, payloads, self_contained):
    """Load every payload, then check it; what went wrong, by its key."""
    failures = {}
    loaded = {}
    if self_contained:
        for key, (payload, buffers) in payloads.items():
            if needs_source(payload):
                continue
            try:
                loaded[key] = load(payload, buffers)
            except BaseException:
                failures[key] = traceback.format_exc()
    with source():
        from tests.corpus import by_name

        case = by_name(name)
        for key, (payload, buffers) in payloads.items():
            if key in failures:
                continue
            try:
                with case.setup():
                    obj = loaded.pop(key) if key in loaded else load(payload, buffers)
                    case.verify(obj)
            except BaseException:
                failures[key] = traceback.format_exc()
    return failures


def main():
    sys.path.append(SITE)
    warnings.simplefilter("ignore")
    for folder in sys.path:
        found = os.path.join(folder, FORBIDDEN)
        if FORBIDDEN and os.path.exists(found):
            raise SystemExit(f"{found} should be hidden from this process")
    if FIRST_IMPORT:
        importlib.import_module(FIRST_IMPORT)
    # Anything printed while loading must not get between the replies.
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        head = requests.read(8)
        if len(head) < 8:
            return
        reply = pickle.dumps(serve(*pickle.loads(requests.read(struct.unpack("<Q", head)[0]))))
        replies.write(struct.pack("<Q", len(reply)) + reply)
        replies.flush()


main()
