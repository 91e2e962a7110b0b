"""Hostile texts: what a case holds is shown, and never acts on a terminal, a page or the line it stands in."""

from __future__ import annotations

import io
import json
from typing import Any

import html5lib
import pytest
from rich.text import Text

from tests.shipped import kb
from unmet.render import explained, html, markdown, text
from unmet.render import json as as_json
from unmet.values import HIDDEN, visible

ACTS = "\x1b[2J\x1b]0;title\x07\x9b31m \u202edeined\u202c \x7f\x00\u2028"
FORMS = ("determination", "explanation", "page", "notice", "markdown", "json")


def form(name: str) -> str:
    """A form of the answer to a case whose texts act."""
    data: dict[str, Any] = {
        "title": ACTS,
        "request": {"date_of_service": "2025-09-02", "lines": [{"line": "a", "code": "S2325", "side": "left"}]},
        "patient": {"age": {"value": 51, "source": ACTS, "quote": f"{ACTS}\n{ACTS}"}},
    }
    case = kb().case(data, name=ACTS)
    answer, found = kb().explain(case), kb().notice(case)
    stream = io.StringIO()
    match name:
        case "determination":
            text.show(text.determination(answer.determination), stream)
        case "explanation":
            text.show(explained.explanation(answer), stream)
    made = {
        "page": html.explanation(answer),
        "notice": html.notice(found),
        "markdown": markdown.notice(found),
        "json": as_json.dump(as_json.explanation(answer)),
    }
    return made.get(name) or stream.getvalue()


@pytest.mark.parametrize("name", FORMS)
def test_nothing_in_an_answer_acts(name: str) -> None:
    found = form(name)
    assert not [hex(ord(c)) for c in found if ord(c) in HIDDEN]
    assert "deined" in found


@pytest.mark.parametrize("name", ["page", "notice"])
def test_a_page_shows_what_would_act(name: str) -> None:
    shown = "".join(html5lib.parse(form(name), namespaceHTMLElements=False).itertext())
    assert "\\x1b[2J\\x1b]0;title\\x07\\x9b31m \\u202edeined\\u202c \\x7f\\x00\\u2028" in shown


def test_json_holds_what_the_case_holds() -> None:
    assert json.loads(form("json"))["determination"]["request"]["case"] == ACTS


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_is_sent_the_colours_of_the_program_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    text.show(Text.assemble((f"a{ACTS}", "bold red")), stream)
    assert stream.getvalue().startswith("\x1b[1;31ma\\x1b[2J\\x1b]0;title")
    assert stream.getvalue().count("\x1b") == 2


def test_what_is_closed_is_not_written_to() -> None:
    text.show(Text("a"), None)


def test_words_of_all_scripts_stay() -> None:
    for words in ("Ünïcödé 🦴", "עברית", "हिन्दी", "a\tb\r\nc", "\u200f\u200d"):
        assert visible(words) == words
