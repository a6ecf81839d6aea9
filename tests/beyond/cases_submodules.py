"""Submodules that a function reaches through getattr with a constant name.

Each case has a package of its own: what one imports, others would find imported.
"""

from __future__ import annotations

from tests.beyond.case import RIGHT, WRONG, Case

BY_GETATTR = "submodules taken by getattr"

CASES = [
    Case(
        "a submodule by getattr",
        BY_GETATTR,
        WRONG,
        """
        import xml, xml.dom
        def obj(): return getattr(xml, "dom").Node.ELEMENT_NODE
        """,
        "assert obj() == 1",
    ),
    Case(
        "a submodule of a submodule by two getattrs",
        BY_GETATTR,
        WRONG,
        """
        import email, email.mime.text
        def obj(): return getattr(getattr(email, "mime"), "text").MIMEText("said")
        """,
        "assert obj().get_payload() == 'said'",
    ),
    Case(
        "a submodule by an attribute and a getattr",
        BY_GETATTR,
        WRONG,
        """
        import xml.sax.saxutils
        def obj(): return getattr(xml.sax, "saxutils").escape("<")
        """,
        "assert obj() == '&lt;'",
    ),
    Case(
        "a submodule by getattr of a closure's package",
        BY_GETATTR,
        WRONG,
        """
        def make():
            import html, html.parser
            return lambda: getattr(html, "parser").HTMLParser
        obj = make()
        """,
        "assert obj().__name__ == 'HTMLParser'",
    ),
    Case(
        "a submodule by getattr with a default",
        BY_GETATTR,
        WRONG,
        """
        import http, http.cookies
        def obj(): return getattr(http, "cookies", None)
        """,
        "assert obj().SimpleCookie",
    ),
    Case(
        "a submodule by getattr in a method",
        BY_GETATTR,
        WRONG,
        """
        import wsgiref, wsgiref.util
        class obj:
            def kind(self): return getattr(wsgiref, "util").FileWrapper
        """,
        "assert obj().kind().__name__ == 'FileWrapper'",
    ),
    Case(
        "a submodule by its name",
        BY_GETATTR,
        RIGHT,
        """
        import urllib, urllib.robotparser
        def obj(): return urllib.robotparser.RobotFileParser
        """,
        "assert obj().__name__ == 'RobotFileParser'",
    ),
]
