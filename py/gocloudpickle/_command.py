"""The command gocloudpickle where there is none in Go: what pickletools can do.

The wheel of a platform has the program of cmd/gocloudpickle instead. Flags and exit codes
are the same, as far as this goes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import pickletools
import platform
import sys

from gocloudpickle import _explain_command
from gocloudpickle._version import __version__

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    from typing import IO, Any, NoReturn

# As in cmd/gocloudpickle/run.go.
FINE, INCONCLUSIVE, USAGE = 0, 2, 3
LACKS = (
    "this is the command in Python, which lists opcodes only: the bytecode of code "
    "objects and --json of dis need the command in Go, docs/command.md says how to get it"
)
ANNOTATE_COLUMN = 30


class Parser(argparse.ArgumentParser):
    """Ends with the exit code that the command in Go has for wrong usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"gocloudpickle: {message}; see {self.prog} --help\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough. The interpreter would flush once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return USAGE
    return code


def parser() -> Parser:
    """Return the parser of the command line."""
    top = Parser(
        prog="gocloudpickle",
        description="Show what a pickle holds, without loading it.",
        epilog="Exit status: 0 fine, 1 a negative answer, 2 damaged input, 3 wrong usage or I/O. "
        f"Note: {LACKS}.",
    )
    commands = top.add_subparsers(metavar="command", required=True)
    version = commands.add_parser("version", help="print the version")
    version.add_argument("--json", action="store_true", help="print one JSON object")
    version.set_defaults(run=show_version)
    dis = commands.add_parser("dis", help="list the opcodes of pickles", epilog=f"Note: {LACKS}.")
    dis.add_argument("file", nargs="*", help="a file with pickles; - is standard input")
    dis.add_argument("-a", "--annotate", action="store_true", help="describe each opcode")
    dis.add_argument("-l", "--indentlevel", type=int, default=4, metavar="N")
    dis.add_argument("-m", "--memo", action="store_true", help="keep the memo for the next pickle")
    dis.add_argument("--only", choices=["opcodes"], help="for the command in Go")
    dis.set_defaults(run=dis_files)
    explain = commands.add_parser(
        "explain",
        help="tell what in an object can't be pickled, and what its bytes are for",
        description=_explain_command.DESCRIPTION,
        epilog="Exit status: 0 it can be pickled, 1 it can't, 2 it can't be told, 3 wrong usage or I/O.",
    )
    _explain_command.add_arguments(explain)
    return top


def show_version(options: argparse.Namespace) -> int:
    """Print the version."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    if options.json:
        print(json.dumps({"version": __version__, "python": python, "platform": sys.platform}))
    else:
        print(f"gocloudpickle {__version__} ({python}, {sys.platform})\n{LACKS}")
    return FINE


def dis_files(options: argparse.Namespace) -> int:
    """List each file, and return the worst exit code."""
    names = options.file or ["-"]
    if not options.file and sys.stdin.isatty():
        print("gocloudpickle: name a file, or - for standard input", file=sys.stderr)
        return USAGE
    worst = FINE
    memo: dict[int, Any] = {}
    for number, name in enumerate(names):
        label = "standard input" if name == "-" else name
        if len(names) > 1:
            print("\n" * (number > 0) + f"==> {label} <==")
        code, error = FINE, ""
        try:
            if name == "-":
                dis_file(sys.stdin.buffer, options, memo)
            else:
                with open(name, "rb") as file:
                    dis_file(file, options, memo)
        except BrokenPipeError:
            raise
        except OSError as e:
            code, error = USAGE, str(e)
        except (ValueError, IndexError) as e:
            code, error = INCONCLUSIVE, f"{label}: {e}; it is damaged, or no pickle"
        if code != FINE:
            sys.stdout.flush()
            print(f"gocloudpickle: {error}", file=sys.stderr)
        worst = max(worst, code)
    return worst


def dis_file(file: IO[bytes], options: argparse.Namespace, memo: dict[int, Any]) -> None:
    """List the pickles of one file."""
    data = file.read()
    if not data:
        raise ValueError("there is no pickle in it")
    stream = io.BytesIO(data)  # a pipe can't tell where it is
    while stream.tell() < len(data):
        if not options.memo:
            memo.clear()
        annotate = ANNOTATE_COLUMN if options.annotate else 0
        pickletools.dis(stream, None, memo, options.indentlevel, annotate)


if __name__ == "__main__":
    sys.exit(main())
