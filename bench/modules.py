"""A function whose globals name packages, in a process with many modules.

cloudpickle looks at all of sys.modules for each package (its issue 576).
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

COUNT = 1500

# Real ones, as a program of some size has them, with what they import.
REAL = """
    asyncio argparse concurrent.futures ctypes csv curses dbm difflib doctest email.mime.text
    ensurepip ftplib http.client http.server imaplib importlib.metadata json logging.config
    logging.handlers multiprocessing.pool numpy optparse pandas pydoc sqlite3 tarfile unittest.mock
    urllib.request venv wsgiref.simple_server xml.dom.minidom xml.etree.ElementTree
    xml.sax.expatreader xmlrpc.client zipfile
""".split()


def fill() -> None:
    """Import the real modules, and make others up to COUNT."""
    for name in REAL:
        try:
            importlib.import_module(name)
        except ImportError:  # an optional part of Python, or not installed
            pass
    number = 0
    while len(sys.modules) < COUNT:
        package = f"made_up_{number // 20}"
        name = package if number % 20 == 0 else f"{package}.module_{number % 20}"
        module = ModuleType(name)
        if name == package:
            module.__path__ = []
        module.__package__ = package
        sys.modules[name] = module
        number += 1


SOURCE = """
import concurrent.futures, email.utils, xml.etree.ElementTree

def function(text):
    tag = xml.etree.ElementTree.fromstring(text).tag
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(email.utils.parseaddr, tag).result()
"""


def function() -> Any:
    """Return the function, once there are COUNT modules."""
    fill()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(SOURCE, namespace)
    return namespace["function"]
