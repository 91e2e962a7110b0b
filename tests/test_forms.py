"""The forms of explanations and notices: valid, self-contained, accessible, safe, and worded as they must be."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import unmet
from tests.shipped import CASE_FILES, case, kb, name_of
from tests.strategies import Focus, Scenario, scenarios
from tests.test_explain import thorough
from tests.writers import write_case, write_knowledge_base
from unmet.diagnostics import Span
from unmet.explanation import Answer, Change, ChangeKind, Enumeration, Example, Explanation, Factor, Feature, Reason
from unmet.notice import Notice, gather
from unmet.render import asking, explained, html, json, markdown, noticed, text, wording
from unmet.results import Evidence, Origin, Status, Verdict
from unmet.slots import SLOTS
from unmet.values import Values
from unmet.vocabulary import Attribute, Type

SAMPLE = tuple({(p.parent, p.stem.partition("_")[0]): p for p in reversed(CASE_FILES)}.values())
"""A case of every policy and verdict."""

EVERY_SLOT = {slot.name: f"Text of {slot.name}" for slot in SLOTS}


@cache
def explanation(path: Path, silence: str = "open") -> Explanation:
    return kb().explain(case(path), silence=silence)


@cache
def notice(path: Path, silence: str = "open") -> Notice:
    return gather(explanation(path, silence), case(path), kb().policies, {})


def as_text(found: Explanation) -> str:
    plain = io.StringIO()
    text.show(explained.explanation(found), plain)
    return plain.getvalue()


def silences(path: Path) -> tuple[str, ...]:
    """With silence closed too where that changes the verdict."""
    return ("open", "closed") if path.stem.startswith("pended") else ("open",)


def pages(path: Path) -> Iterator[str]:
    """The pages of a case."""
    for silence in silences(path):
        yield html.explanation(explanation(path, silence))
        yield html.notice(notice(path, silence))


def parsed(page: str) -> Element:
    """A page as a tree; a fault of its HTML raises."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root = parser.parse(page)
    assert isinstance(root, Element)
    return root


def said(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_a_page_is_valid_self_contained_and_accessible(path: Path) -> None:
    for page in pages(path):
        root = parsed(page)
        assert page.startswith("<!DOCTYPE html>\n")
        assert root.get("lang") == "en"
        assert said(next(root.iter("title")))
        _nothing_is_fetched(root, page)
        _places_are_unique_and_found(root)
        _headings_are_in_order(root)
        _landmarks_are_there(root)
        assert not [e for e in root.iter("th") if e.get("scope") not in ("row", "col")]
        assert not [d for d in root.iter("details") if next(iter(d)).tag != "summary"]


def _nothing_is_fetched(root: Element, page: str) -> None:
    for element in root.iter():
        assert element.tag not in ("script", "link", "img", "iframe", "object", "embed", "base", "form", "svg"), element
        assert not [name for name in element.attrib if name.startswith("on") or name in ("src", "srcset", "style")]
    (style,) = root.iter("style")
    assert "url(" not in (style.text or "")
    assert "@import" not in (style.text or "")
    assert "http:" not in page
    assert "https:" not in page


def _places_are_unique_and_found(root: Element) -> None:
    ids = [i for e in root.iter() if (i := e.get("id")) is not None]
    assert len(ids) == len(set(ids))
    assert not [i for i in ids if not re.fullmatch(r"[\w-]+", i)]
    targets = [href for e in root.iter("a") if (href := e.get("href"))]
    targets += [f"#{i}" for e in root.iter() for i in (e.get("aria-labelledby") or "").split()]
    assert {t.removeprefix("#") for t in targets} <= set(ids)


def _headings_are_in_order(root: Element) -> None:
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert not [(a, b) for a, b in pairwise(levels) if b > a + 1]


def _landmarks_are_there(root: Element) -> None:
    for landmark in ("header", "main", "footer"):
        assert len(list(root.iter(landmark))) == 1, landmark
    assert all(said(e) for tag in ("h1", "h2", "h3", "h4", "h5", "summary", "th") for e in root.iter(tag))
    skip = next(e for e in root.iter("a"))
    assert skip.get("href") == "#content"
    (main,) = root.iter("main")
    assert main.get("id") == "content"


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_a_status_and_a_verdict_is_never_by_colour_alone(path: Path) -> None:
    words = {str(s) for s in (*Status, *Verdict)}
    for page in pages(path):
        badges = [e for e in parsed(page).iter("span") if "badge" in (e.get("class") or "").split()]
        for badge in badges:
            mark, word = said(badge).split()
            assert word in words
            assert len(mark) == 1
            assert next(iter(badge)).get("aria-hidden") == "true"


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_the_page_holds_the_whole_tree(path: Path) -> None:
    """Every criterion with its status, its place in the document and its evidence."""
    found = explanation(path)
    whole = said(parsed(html.explanation(found)))
    for line in found.determination.lines:
        criteria = [*line.criteria, *(c for level in line.levels for c in level.criteria)]
        for criterion in criteria:
            assert " ".join(f"{criterion.text} [{criterion.citation}]".split()) in whole
            for evidence in filter(wording.tells, criterion.evidence):
                assert " ".join(wording.evidence(evidence).split()) in whole
                assert " ".join((evidence.quote or "").split()) in whole


def luminance(colour: str) -> float:
    """The relative luminance of `#rgb` or `#rrggbb` (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_can_be_read_in_light_in_dark_and_in_print() -> None:
    style = (Path(html.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
    schemes = [dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)]
    assert len(schemes) == 3
    for colours in schemes:
        pairs = [(each, paper) for each in ("ink", "soft", "link") for paper in ("paper", "raised")]
        pairs += [(each, f"{each}-paper") for each in ("good", "bad", "open", "other")]
        pairs += [("open", "paper")]
        assert not [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5]


# --- what comes from outside -----------------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script> \"'><img src=x onerror=alert(2)> {{ 7*7 }} {% raw %} [x](javascript:alert(3)) `*_|#&amp;"
)


def hostile() -> dict[str, Any]:
    """A case whose texts are all hostile."""
    stated = {"value": True, "source": HOSTILE, "quote": f"{HOSTILE}\n# heading\n- {HOSTILE}"}
    return {
        "title": HOSTILE,
        "request": {
            "date_of_service": "2025-09-02",
            "lines": [{"line": "left_hip", "code": "S2325", "side": "left", "setting": "outpatient"}],
        },
        "patient": {"age": {"value": 51, "source": HOSTILE, "quote": HOSTILE}},
        "hip": {"left": {"hip_pain": stated, "radiology_report": stated}},
    }


def test_hostile_texts_stay_texts() -> None:
    read = kb().case(hostile(), name=HOSTILE)
    slots = dict.fromkeys(EVERY_SLOT, HOSTILE)
    found = kb().notice(read, slots=slots)
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown.notice(found))
    assert "alert(3)" in rendered
    for page in (html.explanation(kb().explain(read)), html.notice(found), rendered):
        root = html5lib.parse(page, namespaceHTMLElements=False)
        tags = {str(e.tag) for e in root.iter()}
        assert not tags & {"script", "img", "code"}
        assert not [e for e in root.iter("a") if not (e.get("href") or "").startswith("#")]
        assert not [e for e in root.iter() if any(name.startswith("on") for name in e.attrib)]
        shown = " ".join("".join(root.itertext()).split())
        assert " ".join(HOSTILE.split()) in shown
        if page != rendered:
            parsed(page)


def test_markdown_shows_text_as_it_is() -> None:
    for plain in (
        "*a*",
        "_a_",
        "a_b",
        "__a__",
        "`a`",
        "[a](b)",
        "![a](b)",
        "<b>",
        "&amp;",
        "a|b",
        "~~a~~",
        "\\*",
        "a_",
        "<!-- a",
    ):
        shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(f"- {markdown.escaped(plain)}")
        root = html5lib.parse(shown, namespaceHTMLElements=False)
        (item,) = root.iter("li")
        assert (said(item), list(item)) == (plain, [])


# --- what must be said, and what must not ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_what_is_not_documented_is_never_called_absent(path: Path) -> None:
    """Nor is anything advised; the words of policies, vocabulary and case apart."""
    found = explanation(path)
    forms = [as_text(found), *pages(path), markdown.notice(notice(path))]
    policies = [kb().policy(p.policy, p.effective) for p in found.determination.lines if p.policy]
    theirs = " ".join(c.text for p in policies for c in p.criteria.values())
    theirs += " ".join(part.text for p in policies for part in p.parts.values())
    theirs += " ".join(str(r.options) for p in policies for r in p.readings.values())
    theirs += " ".join(a.label for a in kb().vocabulary.attributes.values()) + path.read_text(encoding="utf-8")
    for word in ("absent", "absence", "should", "recommend that", "we advise", "must be treated"):
        if word not in theirs.lower():
            assert not [form for form in forms if word in form.lower()], word


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_every_form_says_that_it_recommends(path: Path) -> None:
    found, it = explanation(path), notice(path)
    assert it.draft
    for form in (as_text(found), html.explanation(found), markdown.notice(it), html.notice(it)):
        assert wording.RECOMMENDATION in " ".join(form.split())
    for form in (markdown.notice(it), html.notice(it)):
        assert noticed.BANNER in " ".join(form.split())


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_a_draft_denies_nothing(path: Path) -> None:
    for silence in silences(path):
        it = notice(path, silence)
        for form in (markdown.notice(it), html.notice(it)):
            heads = re.findall(r"^(?:##? .*|<h[12].*>.*</h[12]>)$", form, re.M)
            assert heads
            assert not [head for head in heads if re.search(r": (denied|approved)\b", head)]
            assert "Draft recommendation" in heads[0]


def test_a_notice_is_final_when_every_slot_is_filled() -> None:
    path = next(p for p in CASE_FILES if name_of(p) == "hip_core_decompression/denied_age_fifty")
    read = case(path)
    for name in EVERY_SLOT:
        if name == "response_deadline":
            continue
        without = kb().notice(read, slots={k: v for k, v in EVERY_SLOT.items() if k != name})
        assert without.draft, name
        assert f"{name}: to be filled in" in markdown.notice(without)
        assert f"{name}: to be filled in" in html.notice(without)
        assert "## Line left_hip: recommended for denial" in markdown.notice(without)
    it = kb().notice(read, slots=EVERY_SLOT)
    assert not it.draft
    for form in (markdown.notice(it), html.notice(it)):
        assert "Line left_hip: denied" in form
        assert "reviewed by Text of reviewer_name, Text of reviewer_credentials" in form
        assert "to be filled in" not in form
        assert "Draft" not in form


@pytest.mark.parametrize("path", SAMPLE, ids=name_of)
def test_a_notice_holds_what_it_must(path: Path) -> None:
    """Policy, version and section of each reason; what is needed and why; evidence, readings, what is missing."""
    it = notice(path, silences(path)[-1])
    for form in (markdown.notice(it).replace("\\", ""), said(parsed(html.notice(it)))):
        whole = " ".join(form.split()).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        for line in it.lines:
            if line.policy:
                assert (
                    f"({line.policy}), version {line.version}, in force since {line.effective}; {line.document}"
                    in whole
                )
            for unit in line.units:
                assert all(wording.feature(f)[1:] in whole for r in unit.reasons for f in r.features)
                assert all(wording.change(c)[1:] in whole for c in (unit.fix.changes if unit.fix else ()))
                assert all(noticed.question(q) in whole for q in unit.questions)
            for evidence in (*line.evidence, *line.not_documented):
                assert wording.subject(evidence.entity, evidence.label) in whole
            assert all(f"{r.name}={r.option}: {r.meaning}" in whole for r in line.readings)
            assert line.cause is None or line.cause.message in whole


# --- generated cases -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("silence", ["open", "closed"])
def test_every_form_of_a_generated_case_is_whole(silence: str) -> None:
    @thorough
    @given(scenarios(Focus(leaves=4, groups=4, keyed=True, listed=True, small=True)))
    def whole(scenario: Scenario) -> None:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            write_knowledge_base(scenario.kb, directory)
            write_case(scenario.kb, scenario.case, directory / "case.yaml")
            base = unmet.load(directory)
            try:
                read = base.read_case(directory / "case.yaml")
            except unmet.CaseError:
                return
            options: dict[str, Any] = {"silence": silence, "readings": scenario.chosen}
            found, it = base.explain(read, **options), base.notice(read, **options)
        parsed(html.explanation(found))
        parsed(html.notice(it))
        assert wording.RECOMMENDATION in as_text(found)
        assert markdown.notice(it).startswith("# Draft recommendation: ")
        json.dump(json.explanation(found))
        json.dump(json.notice(it))

    whole()


STOPPED = Enumeration(0, None, True, False, 32)


@pytest.mark.parametrize("form", ["text", "page", "notice", "notice page"])
def test_a_search_that_stopped_is_never_worded_as_its_end(form: str) -> None:
    """Where nothing was found before the cap, that is all that is said."""
    path = next(p for p in CASE_FILES if name_of(p) == "hip_core_decompression/denied_age_fifty")
    found = explanation(path)
    ((unit,),) = (line.units for line in found.lines)
    assert unit.denial
    denial = replace(
        unit.denial, reasons=(), reasons_found=STOPPED, factors=(), fixes=(), fixes_found=STOPPED, blockers=()
    )
    stopped = replace(found, lines=(replace(found.lines[0], units=(replace(unit, denial=denial),)),))
    it = gather(stopped, case(path), kb().policies, {})
    shown = {
        "text": as_text(stopped),
        "page": html.explanation(stopped),
        "notice": markdown.notice(it),
        "notice page": html.notice(it),
    }[form]
    assert shown.casefold().count("none found; the search did not go to its end") == 2
    for claim in (
        "no path",
        "nothing that can still change",
        "forces it by itself",
        "is not documented; what",
        "fewest",
    ):
        assert claim not in shown.casefold()


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("stage_2", "stage 2"),
        ("5..10", "5 to 10"),
        ("-5..-2", "-5 to -2"),
        ("6..", "at least 6"),
        ("-2..", "at least -2"),
        ("..0.5", "at most 0.5"),
        ("..-5 or 3 or 7.5..", "at most -5 or 3 or at least 7.5"),
        ("hip(left) pain_weeks 6..", "hip(left) pain weeks at least 6"),
        ("0.1..3", "0.1 to 3"),
        ("yes", "yes"),
        ("mild, moderate", "mild, moderate"),
    ],
)
def test_values_are_spoken(value: str, words: str) -> None:
    assert wording.spoken(value) == words


@given(st.data())
def test_a_range_is_written_as_a_case_writes_it(data: st.DataObject) -> None:
    """It is read back as the same values; an end at the attribute's own is left open, unless both are."""
    places = data.draw(st.integers(0, 2))
    low, high = sorted(data.draw(st.lists(st.integers(-300, 300), min_size=2, max_size=2, unique=True)))
    attribute = Attribute("weeks", "patient", Type.NUMBER, Span("", 1, 1), low=low, high=high, places=places)
    first, last = sorted(data.draw(st.lists(st.integers(low, high), min_size=2, max_size=2, unique=True)))
    values = Values(intervals=((first, last),))
    written = attribute.format(values)
    assert attribute.parse(written) == values
    assert written.startswith("..") == (first == low and last < high)
    assert written.endswith("..") == (last == high and first > low)


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ("patient", ""),
        ("request", ""),
        ("si_joint", "si joint"),
        ("hip(left)", "left hip"),
        ("injection(2)", "injection 2"),
        ('level("L2-L3")', "level L2-L3"),
    ],
)
def test_records_are_spoken(entity: str, words: str) -> None:
    assert wording.record(entity) == words


@pytest.mark.parametrize(
    ("found", "shown", "words"),
    [
        (Enumeration(1, 1, True, True, 9), 1, "one fix"),
        (Enumeration(4, 4, True, True, 9), 4, "4 fixes"),
        (Enumeration(32, 16384, True, False, 32), 8, "16,384 fixes in all, 8 shown"),
        (Enumeration(9, None, True, False, 9), 8, "at least 9 fixes, 8 shown; the search did not go to its end"),
        (Enumeration(0, None, True, False, 9), 0, "none found; the search did not go to its end"),
        (Enumeration(0, 0, True, True, 9), 0, "none"),
    ],
)
def test_how_far_a_search_went_is_said(found: Enumeration, shown: int, words: str) -> None:
    assert wording.how_many(found, "fix", shown) == words


def test_silence_is_not_documented() -> None:
    silent = Evidence("hip(left)", "pain", "Pain", "", None, Origin.SILENT)
    unclear = Evidence("hip(left)", "pain", "Pain", "", None, Origin.UNCLEAR)
    assert wording.evidence(silent) == "Pain (left hip): not documented"
    assert wording.evidence(unclear) == "Pain (left hip): documented without a usable value"


def test_every_kind_of_change_is_worded() -> None:
    assert set(wording.CHANGE_WORDS) == set(ChangeKind)
    assert all(re.match("would (need|have) ", words) for words in wording.CHANGE_WORDS.values())


def test_a_change_is_worded_by_what_the_policy_would_need() -> None:
    example = Example("injection(2)", "relief", "Relief", "%", "70..100", None, True)
    change = Change("a", "Relief", "1.a", Status.UNMET, Status.MET, ChangeKind.OBTAIN, 1, True, (example,))
    assert wording.change(change) == "Relief [1.a] is not established and would have to be met"
    assert wording.taking(change).endswith("for example Relief (a further injection): 70 to 100 %")
    finding = Change("patient age", "Age: 50", None, None, None, ChangeKind.CLINICAL, 1, False, ())
    assert wording.change(finding) == "Age: 50 (as stated) would have to be otherwise"


def answered(attribute: str, value: str) -> Answer:
    return Answer("patient", attribute, attribute.upper(), "", value)


def test_answers_and_reasons_without_members_are_said() -> None:
    assert asking.together(()) == "nothing more"
    none = Answer("injection(2)", None, "a further injection", "", "none", True, 1)
    assert [*map(asking.together, asking.choices([(none,)]))] == ["no further injection"]
    some = replace(none, entity="injection(3)", value="some", further=2)
    assert [*map(asking.together, asking.choices([(some,)]))] == ["a second further injection"]
    relief = Answer("injection(3)", "relief", "Relief", "%", "70..100", True, 2)
    assert [*map(asking.together, asking.choices([(relief,)]))] == ["Relief (a second further injection): 70 to 100 %"]
    assert "approves no case" in wording.reason(Reason((), Verdict.DENIED))
    both = tuple(Feature(n, n.upper(), "1", Status.UNMET) for n in "ab")
    assert wording.reason(Reason(both, None)) == "A [1] is unmet; and B [1] is unmet"


def test_sets_that_differ_in_one_value_are_taken_together() -> None:
    said = ("a1 b1", "a2 b1", "a1 b2", "a2 b2", "a3 b1", "b4")
    sets = [tuple(answered(*pick) for pick in each.split()) for each in said]
    rows = asking.choices(sets)
    assert [*map(asking.together, rows)] == ["A: 1 or 2; and B: 1 or 2", "A: 3; and B: 1", "B: 4"]
    spread = {
        frozenset(zip("ab", pick, strict=False)) for row in rows[:2] for pick in product(*(c.values for c in row))
    }
    assert spread == {frozenset((x.attribute, x.value) for x in s) for s in sets[:5]}


def test_what_sets_share_is_told_once() -> None:
    assert wording.shared([("a", "b"), ("a", "c")]) == (("a",), (("b",), ("c",)))
    assert wording.shared([("a", "b")]) == (("a", "b"), ((),))
    assert wording.shared([]) == ((), ())


def test_alternatives_that_are_all_choices_of_so_many_are_one_line() -> None:
    def factor(*alternatives: str) -> Factor:
        changes = {c: Change(c, c, None, None, None, ChangeKind.CLINICAL, 1, False, ()) for c in "abcd"}
        return Factor(tuple(tuple(changes[c] for c in names) for names in alternatives))

    def said(found: Factor) -> tuple[int, str] | None:
        some = wording.any_of(found)
        return None if some is None else (some[0], "".join(c.criterion for c in some[1]))

    assert said(factor("ab", "ac", "bc")) == (2, "abc")
    assert said(factor("abc", "abd", "acd", "bcd")) == (3, "abcd")
    assert said(factor("a", "b", "c")) is None
    assert said(factor("ab", "ac")) is None
    assert said(factor("abc")) is None
    assert said(factor("ab", "c")) is None
