"""Text files: read into a StringIO; everything else about them refused."""

import contextlib
import io
import os
import pickle
import sys
import tempfile

from tests.corpus.case import Shelf, refused_below_2

# They travel as a StringIO, which protocols 0 and 1 refuse.
# The name of the file is in the payload.
shelf = Shelf("files", repeatable=False)

REFUSED = (pickle.PicklingError, TypeError)


@contextlib.contextmanager
def _some_file():
    """A file that the factories below open."""
    global PATH
    with tempfile.TemporaryDirectory() as folder:
        PATH = os.path.join(folder, "corpus.txt")
        with open(PATH, "w", encoding="utf-8", newline="") as file:
            file.write("first\nsecond é\r\nthird")
        try:
            yield
        finally:
            for opened in OPENED:
                opened.close()
            OPENED.clear()


PATH = ""
OPENED: list = []


def _open(*args, **options):
    file = open(PATH, *args, **options)
    OPENED.append(file)
    return file


def _positioned(position):
    file = _open(encoding="utf-8")
    file.seek(position)
    return file


shelf.add(
    "reading",
    lambda: _open(encoding="utf-8"),
    lambda f: f.read() == "first\nsecond é\nthird",
    setup=_some_file,
    raises=refused_below_2,
)
shelf.add(
    "reading_from_the_middle",
    lambda: _positioned(6),
    lambda f: f.read().startswith("second"),
    setup=_some_file,
    raises=refused_below_2,
)
shelf.add(
    "reading_no_newline_translation",
    lambda: _open(encoding="utf-8", newline=""),
    lambda f: "\r\n" in f.read(),
    setup=_some_file,
    raises=refused_below_2,
)
shelf.add(
    "reading_and_writing",
    lambda: _open("r+", encoding="utf-8"),
    lambda f: f.read().startswith("first"),
    setup=_some_file,
    raises=refused_below_2,
)
shelf.add(
    "writing_with_plus",
    lambda: _open("w+", encoding="utf-8"),
    lambda f: f.read() == "",
    setup=_some_file,
    raises=refused_below_2,
)
shelf.add(
    "twice",
    lambda: (lambda f: [f, f])(_open(encoding="utf-8")),
    lambda fs: fs[0] is fs[1],
    setup=_some_file,
    raises=refused_below_2,
)
shelf.add(
    "name_is_kept",
    lambda: _open(encoding="utf-8"),
    lambda f: f.name.endswith("corpus.txt"),
    setup=_some_file,
    raises=refused_below_2,
)
shelf.add("writing", lambda: _open("w", encoding="utf-8"), setup=_some_file, raises=REFUSED)
shelf.add("appending", lambda: _open("a", encoding="utf-8"), setup=_some_file, raises=REFUSED)
shelf.add(
    "closed",
    lambda: (lambda f: (f.close(), f)[1])(_open(encoding="utf-8")),
    setup=_some_file,
    raises=REFUSED,
)
shelf.add("binary", lambda: _open("rb"), setup=_some_file, raises=REFUSED)
shelf.add(
    "not_decodable",
    lambda: _open(encoding="ascii"),
    setup=_some_file,
    raises=(pickle.PicklingError, UnicodeDecodeError),
)
shelf.add("wrapper_without_a_name", lambda: io.TextIOWrapper(io.BytesIO(b"text")), raises=REFUSED)


@contextlib.contextmanager
def standard_streams():
    """Real text files in place of the streams, whatever the test runner made of them."""
    kept = sys.stdin, sys.stdout, sys.stderr
    with open(os.devnull) as nothing, open(os.devnull, "w") as out, open(os.devnull, "w") as err:
        sys.stdin, sys.stdout, sys.stderr = nothing, out, err
        try:
            yield
        finally:
            sys.stdin, sys.stdout, sys.stderr = kept


shelf.add("stdout", lambda: sys.stdout, lambda f: f is sys.stdout, setup=standard_streams)
shelf.add("stderr", lambda: sys.stderr, lambda f: f is sys.stderr, setup=standard_streams)
shelf.add("stdin", lambda: sys.stdin, setup=standard_streams, raises=REFUSED)


@contextlib.contextmanager
def _terminal():
    """A pseudo terminal: files on one are refused."""
    global TERMINAL
    main, other = os.openpty()
    TERMINAL = io.TextIOWrapper(io.FileIO(other, "r+"), write_through=True)
    try:
        yield
    finally:
        TERMINAL.close()
        os.close(main)


TERMINAL = None
shelf.add("terminal", lambda: TERMINAL, setup=_terminal, raises=REFUSED)


@contextlib.contextmanager
def _pipe():
    """A file that can't be told where it is."""
    global PIPE
    reading, writing = os.pipe()
    PIPE = open(reading, encoding="utf-8")
    try:
        yield
    finally:
        PIPE.close()
        os.close(writing)


PIPE = None
shelf.add("pipe", lambda: PIPE, setup=_pipe, raises=REFUSED)
