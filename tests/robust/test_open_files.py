"""The engine keeps no file of a user's process open: loky's own tests look for such."""

from __future__ import annotations

import os

import pytest

from tests.robust import child


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc to see open files")
def test_none_is_opened(path: str) -> None:
    child.run("files:none_opened", path=path).check(says="opened in the child: []")
