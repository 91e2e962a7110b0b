"""The rules that relate the lines of a request, against the same definitions written in plain Python.

`encodings/lines.lp`, `request.lp`, `stay.lp` and the shipped `kb/coding.lp` on one side; on the other the tables
below, copied from the documents by hand, and a function that decides line by line. Each claim
of it has a test of its own as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from random import Random

import clingo
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.shipped import CASES, KB, ROOT, answer, inner, kb
from unmet.determine import request_outcome
from unmet.determine.request import MESSAGES
from unmet.document import read
from unmet.facts.request import Related, Row, coding_facts, row_facts
from unmet.knowledge import REQUEST
from unmet.results import Determination, Verdict

APPROVED, DENIED, PARTIAL, PENDED, REFERRED, BUNDLED, MOOT = Verdict

FUSIONS = frozenset({"22630", "22633", "22634", "lumbar_fusion"})
HIP = frozenset({"26992", "27071", "27170", "27299", "S2325"})
VERTEBRAL = frozenset({"22510", "22511", "22512", "22513", "22514", "22515"})

ADDS_TO = {
    "20933": HIP,
    "22216": {"22214"},
    "22512": {"22510", "22511"},
    "22515": {"22513", "22514"},
    "22634": {"22633"},
    "22843": FUSIONS,
    "22848": FUSIONS,
    "63052": {"22630", "22633"},
    "63053": {"63052"},
    "01941": VERTEBRAL,
    "01942": VERTEBRAL,
}
"""What each add-on code may add to: codes, or a policy by whose name a line asks."""

THORACIC = frozenset(f"T{n}" for n in range(1, 13))
LUMBAR = frozenset(f"L{n}" for n in range(1, 6))
LUMBAR_PAIRS = frozenset({"L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"})

REGIONS = {
    **dict.fromkeys(("22510", "22513", "01941"), THORACIC),
    **dict.fromkeys(("22511", "22514", "01942"), LUMBAR),
    **dict.fromkeys(("22630", "22633", "22634", "63052", "63053"), LUMBAR_PAIRS),
    "22214": LUMBAR | LUMBAR_PAIRS,
}
"""The levels that a code speaks of, where it speaks of any."""

STAY, EXPLORATION = "inpatient_stay", "22830"
STANDING = frozenset({APPROVED, PARTIAL})
FAILED = frozenset({DENIED, MOOT})


# --- the reference ---------------------------------------------------------------------------------------------------


@dataclass
class Reference:
    """The lines of a request, decided one by one."""

    rows: Sequence[Row]
    known: dict[str, Verdict | None] = field(default_factory=dict)

    def decided(self, row: Row) -> Verdict | None:
        """The verdict of a line within its request; None while it is not decided itself."""
        if row.line not in self.known:
            self.known[row.line] = self._decided(row)
        return self.known[row.line]

    def _decided(self, row: Row) -> Verdict | None:
        own = judged(row)
        if own is None:
            return None
        if row.policy == STAY:
            return self._stay(row, own)
        if row.code in ADDS_TO and own is not DENIED:
            return self._added(row, own)
        if row.code == EXPLORATION and self.bundles(row):
            return BUNDLED
        return own

    def _added(self, row: Row, own: Verdict) -> Verdict:
        """It follows the best of its primaries, and never outranks it."""
        found = {self.decided(p) for p in self.primaries(row)}
        if found & STANDING:
            return own
        if not found or PENDED in found:
            return PENDED
        if REFERRED in found:
            return PENDED if own is PENDED else REFERRED
        return MOOT

    def primaries(self, row: Row) -> list[Row]:
        """What an add-on adds to: those of its own stage, if there are any."""
        found = [p for p in self.rows if p is not row and (p.code or p.policy) in ADDS_TO[row.code or ""]]
        near = [p for p in found if row.stage is not None and p.stage == row.stage]
        return near or found

    def bundles(self, row: Row) -> bool:
        """Whether something beside an exploration is approved or pended."""
        beside = [r for r in self.rows if together(row, r) and r.code != EXPLORATION and r.policy != STAY]
        return any(self.decided(r) in STANDING | {PENDED} for r in beside)

    def served(self, row: Row) -> list[Row]:
        """The lines that a stay serves."""
        others = [r for r in self.rows if together(row, r) and r.policy != STAY]
        return [r for r in others if self.decided(r) is not BUNDLED]

    def ambulatory_only(self, row: Row) -> bool:
        served = self.served(row)
        return bool(served) and all(r.outpatient for r in served)

    def _stay(self, row: Row, own: Verdict) -> Verdict:
        verdicts = [self.decided(r) for r in self.served(row)]
        if self.ambulatory_only(row):
            return own
        if all(v in FAILED for v in verdicts):
            return MOOT
        return REFERRED if all(v is REFERRED for v in verdicts) else own

    def tally(self, row: Row, kinds: Iterable[str] | None) -> tuple[int, int]:
        """How many units of what a stay serves are approved for certain, and how many may be."""
        kinds = None if kinds is None else set(kinds)
        served = [r for r in self.served(row) if kinds is None or (r.code or r.policy) in kinds]
        sure = sum(r.units.count(APPROVED) for r in served if self.decided(r) in STANDING)
        open_ = sum(len(r.units) - r.units.count(DENIED) for r in served if self.decided(r) not in FAILED)
        return sure, open_


def judged(row: Row) -> Verdict | None:
    """A line on its own: what would be approved at a level of another region is pended."""
    wrong = row.code in REGIONS and set(row.levels) - REGIONS[row.code]
    return PENDED if wrong and row.own in STANDING else row.own


def together(one: Row, other: Row) -> bool:
    """Whether two lines belong to one stage, as far as is known."""
    return one is not other and (one.stage is None or other.stage is None or one.stage == other.stage)


def fractures(rows: Iterable[Row]) -> tuple[int, int] | None:
    """How many vertebrae a request treats, at least and at most; None where no line is for one."""
    amounts = [r.amount for r in rows if r.code in VERTEBRAL]
    return (sum(least for least, _ in amounts), sum(most for _, most in amounts)) if amounts else None


# --- generated requests ----------------------------------------------------------------------------------------------

POLICIES = {
    **dict.fromkeys(("22630", "22633", "22634", "22843"), "lumbar_fusion"),
    **dict.fromkeys(("63052", "63053"), "spinal_decompression"),
    **dict.fromkeys(("22214", "22216"), "spinal_osteotomy"),
    **dict.fromkeys((*sorted(VERTEBRAL), "01941", "01942"), "vertebral_augmentation"),
    **dict.fromkeys((*sorted(HIP), "20933"), "hip_core_decompression"),
    "22848": "pelvic_fixation",
    EXPLORATION: "fusion_exploration",
    "27279": "si_joint_fusion_minimally_invasive",
    "27280": "si_joint_fusion_open",
}
PER_LEVEL = frozenset({"lumbar_fusion", "spinal_decompression"})

FAMILIES = (
    ("22630", "22633", "22634", "22843", "22848", "63052", "63053", EXPLORATION, "27280", None, STAY),
    ("22510", "22511", "22512", "22513", "22515", "01941", "01942", STAY),
    ("20933", "27299", "S2325", "27279", EXPLORATION, "99999", STAY),
    ("22214", "22216", "22633", EXPLORATION, STAY),
)
"""What is asked for together; None is a fusion by the name of its policy."""

OWN = st.sampled_from([APPROVED, DENIED, PENDED, REFERRED])


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    family = draw(st.sampled_from(FAMILIES))
    asked = draw(st.lists(st.sampled_from(family), min_size=1, max_size=5))
    asked += draw(st.sampled_from([(), (STAY,)]))
    return [draw(row(str(i + 1), what)) for i, what in enumerate(asked)]


@st.composite
def row(draw: st.DrawFn, name: str, what: str | None) -> Row:
    code = None if what in (None, STAY) else what
    policy = "lumbar_fusion" if what is None else STAY if what == STAY else POLICIES.get(what)
    pool = ["T12", "L1"] if policy == "vertebral_augmentation" else ["T12-L1", "L3-L4", "L4-L5"]
    levels = tuple(draw(st.lists(st.sampled_from(pool), max_size=2, unique=True)))
    if policy is None:
        units: tuple[Verdict, ...] = ()
        own = REFERRED
    else:
        count = max(len(levels), 1) if policy in PER_LEVEL else 1
        units = tuple(draw(st.lists(OWN, min_size=count, max_size=count)))
        own = PENDED if PENDED in units else units[0] if len(set(units)) == 1 else PARTIAL
    return Row(
        line=name,
        code=code,
        policy=policy,
        stage=draw(st.sampled_from([None, 1, 2])),
        levels=levels,
        amount=(len(levels), len(levels)) if levels else draw(st.sampled_from([(1, 1), (3, 3), (1, 20)])),
        own=own,
        units=units,
        outpatient=policy == "si_joint_fusion_minimally_invasive",
    )


EXAMPLES = int(os.environ.get("UNMET_EXAMPLES", "150"))

thorough = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@thorough
@given(rows())
def test_the_rules_decide_as_the_reference_does(lines: list[Row]) -> None:
    """Every verdict, what a stay reads of the lines it serves, what is counted; and a reason for every difference."""
    found, reference = inner().relate(lines), Reference(lines)
    decided = {line.line: reference.decided(line) for line in lines}
    event(f"outcome {outcome(v for v in decided.values() if v)}")
    assert found.decided == decided
    for line in lines:
        rules = {rule for rule, _ in found.because.get(line.line, ())}
        assert rules <= set(MESSAGES)
        assert rules or decided[line.line] is line.own
    stays = [line for line in lines if line.policy == STAY]
    tallies = {
        (stay.line, attribute): reference.tally(stay, kinds)
        for stay in stays
        for attribute, kinds in (("served_units_approved", None), ("fusion_levels_approved", FUSIONS))
    }
    assert found.least == {at: least for at, (least, _) in tallies.items()}
    assert found.most == {at: most for at, (_, most) in tallies.items()}
    assert found.ambulatory == {stay.line for stay in stays if reference.ambulatory_only(stay)}
    total = fractures(lines)
    counted = {} if total is None else {(r.line, "fractures_treated"): total for r in lines if r.code in VERTEBRAL}
    assert found.sums == counted


def models(lines: Iterable[Row]) -> int:
    """How many models the request rules have."""
    control = clingo.Control(["0"])
    for name in REQUEST:
        control.load(str(ROOT / "python" / "unmet" / "encodings" / f"{name}.lp"))
    facts = (*coding_facts(inner().coding), *row_facts(lines))
    control.add("base", [], "".join(f"{fact}." for fact in facts))
    control.ground([("base", [])])
    count = 0
    with control.solve(yield_=True) as found:
        for _ in found:
            count += 1
    return count


@settings(thorough, max_examples=max(EXAMPLES // 3, 1))
@given(rows())
def test_a_request_has_one_model(lines: list[Row]) -> None:
    """Also before any line is decided: the rules are asked for what they count first."""
    assert models(lines) == 1
    undecided = [replace(line, own=None, units=()) for line in lines]
    assert models(undecided) == 1
    assert inner().relate(undecided).sums == inner().relate(lines).sums


@settings(thorough, max_examples=max(EXAMPLES // 3, 1))
@given(rows(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_is_of_no_account(lines: list[Row], random: Random) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert inner().relate(shuffled) == inner().relate(lines)


# --- claim by claim --------------------------------------------------------------------------------------------------


def line(
    name: str,
    what: str,
    own: Verdict | None = APPROVED,
    *levels: str,
    stage: int | None = None,
    units: tuple[Verdict, ...] | None = None,
    outpatient: bool = False,
) -> Row:
    """A line for a code, or for a policy by its name."""
    code = what if what[0].isdigit() or what in HIP else None
    named = POLICIES.get(what) if code else what
    count = () if own is None else (own,) * max(len(levels), 1)
    return Row(name, code, named, stage, levels, (len(levels) or 1, len(levels) or 1), own, units or count, outpatient)


def decide(*lines: Row) -> Related:
    return inner().relate(lines)


def verdicts(*lines: Row) -> list[Verdict]:
    found = decide(*lines)
    return [found.decided[each.line] for each in lines]


RANK = {APPROVED: 2, PARTIAL: 2, PENDED: 1, REFERRED: 1, DENIED: 0, MOOT: 0}
"""Approved, at least in part; open; failed: an add-on is never further than its primary."""


@pytest.mark.parametrize("code", sorted(ADDS_TO))
@pytest.mark.parametrize("own", [APPROVED, DENIED, PENDED, REFERRED])
@pytest.mark.parametrize("primary", [APPROVED, PARTIAL, DENIED, PENDED, REFERRED])
def test_an_add_on_never_outranks_its_primary(code: str, own: Verdict, primary: Verdict) -> None:
    for to in sorted(ADDS_TO[code] - set(ADDS_TO)):
        both = [line("added", code, own), line("primary", to, primary)]
        found = verdicts(*both)
        assert found[1] is primary
        assert RANK[found[0]] <= RANK[primary], to
        assert found[0] is DENIED or own is not DENIED
        if own is not DENIED:
            followed = {APPROVED: own, PARTIAL: own, DENIED: MOOT, PENDED: PENDED}
            assert found[0] is followed.get(primary, PENDED if own is PENDED else REFERRED)


@pytest.mark.parametrize("code", sorted(ADDS_TO))
@pytest.mark.parametrize("own", [APPROVED, DENIED, PENDED, REFERRED])
def test_an_add_on_without_its_primary_is_pended(code: str, own: Verdict) -> None:
    found = decide(line("added", code, own), line("other", "27280", APPROVED))
    if own is DENIED:
        assert found.decided["added"] is DENIED
        assert "added" not in found.because
    else:
        assert found.decided["added"] is PENDED
        assert found.because["added"] == [("no_primary", None)]


def test_no_add_on_is_a_primary_of_its_own() -> None:
    assert verdicts(line("a", "63052"), line("b", "63052")) == [PENDED, PENDED]
    assert verdicts(line("screws", "22843"), line("more", "22843")) == [PENDED, PENDED]


def test_moot_runs_along_a_chain() -> None:
    chain = [line("fusion", "22633", DENIED), line("first", "63052"), line("second", "63053")]
    assert verdicts(*chain) == [DENIED, MOOT, MOOT]
    assert verdicts(replace(chain[0], own=PENDED), *chain[1:]) == [PENDED, PENDED, PENDED]
    assert verdicts(replace(chain[0], own=APPROVED), chain[1], replace(chain[2], own=DENIED)) == [
        APPROVED, APPROVED, DENIED,
    ]  # fmt: skip


def test_the_best_of_several_primaries_counts() -> None:
    added = line("added", "63052")
    assert verdicts(added, line("a", "22633", DENIED), line("b", "22630"))[0] is APPROVED
    assert verdicts(added, line("a", "22633", DENIED), line("b", "22630", PENDED))[0] is PENDED
    assert verdicts(added, line("a", "22633", DENIED), line("b", "22630", REFERRED))[0] is REFERRED


@pytest.mark.parametrize(("stage", "expected"), [(1, MOOT), (2, APPROVED), (None, APPROVED)])
def test_a_primary_of_the_same_stage_is_taken_first(stage: int | None, expected: Verdict) -> None:
    fusions = [line("early", "22633", DENIED, stage=1), line("late", "22633", stage=2)]
    assert verdicts(line("added", "63052", stage=stage), *fusions)[0] is expected


def test_a_primary_of_another_stage_is_better_than_none() -> None:
    assert verdicts(line("added", "63052", stage=1), line("late", "22633", stage=2)) == [APPROVED, APPROVED]


def test_any_lumbar_fusion_is_an_arthrodesis_and_that_of_the_sacroiliac_joint_is_not() -> None:
    for fusion in ("22630", "22633", "lumbar_fusion"):
        assert verdicts(line("screws", "22843"), line("fusion", fusion))[0] is APPROVED
    for other in ("27280", "27279", "63052", "22848"):
        assert verdicts(line("screws", "22843"), line("other", other))[0] is PENDED


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ((), DENIED),
        ((APPROVED,), BUNDLED),
        ((PARTIAL,), BUNDLED),
        ((PENDED,), BUNDLED),
        ((DENIED,), DENIED),
        ((REFERRED,), DENIED),
        ((DENIED, PENDED), BUNDLED),
    ],
)
def test_an_exploration_is_part_of_what_is_approved_or_pended(beside: tuple[Verdict, ...], expected: Verdict) -> None:
    others = [line(str(i), "22630", own) for i, own in enumerate(beside)]
    assert verdicts(line("exploration", EXPLORATION, DENIED), *others)[0] is expected


def test_an_exploration_is_no_part_of_a_stay_another_exploration_or_another_stage() -> None:
    exploration = line("exploration", EXPLORATION, DENIED, stage=1)
    assert verdicts(exploration, line("stay", STAY))[0] is DENIED
    assert verdicts(exploration, line("again", EXPLORATION, DENIED)) == [DENIED, DENIED]
    assert verdicts(exploration, line("fusion", "22630", stage=2))[0] is DENIED
    assert verdicts(exploration, line("fusion", "22630"))[0] is BUNDLED


@pytest.mark.parametrize("code", sorted(REGIONS))
def test_a_level_of_another_region_pends_what_would_be_approved(code: str) -> None:
    outside = "T3-T4" if code in ("22511", "22514", "01942") else "C7"
    for own, expected in (
        (APPROVED, PENDED),
        (PARTIAL, PENDED),
        (DENIED, DENIED),
        (PENDED, PENDED),
        (REFERRED, REFERRED),
    ):
        primary = [line("primary", to) for to in sorted(ADDS_TO.get(code, ()))[:1]]
        needed = [line("its own", "22633")] if code == "63053" else []
        found = decide(line("asked", code, own, min(REGIONS[code]), outside), *primary, *needed)
        assert found.decided["asked"] is expected
        assert (("region", outside) in found.because.get("asked", ())) == (own is not DENIED)
    inside = decide(line("asked", code, DENIED, *sorted(REGIONS[code])))
    assert "asked" not in inside.because


@pytest.mark.parametrize(
    ("served", "expected", "why"),
    [
        ((), MOOT, "served"),
        ((DENIED,), MOOT, "served"),
        ((DENIED, DENIED), MOOT, "served"),
        ((REFERRED,), REFERRED, "served_referred"),
        ((REFERRED, REFERRED), REFERRED, "served_referred"),
        ((REFERRED, DENIED), APPROVED, None),
        ((APPROVED, DENIED), APPROVED, None),
        ((PENDED, DENIED), APPROVED, None),
    ],
)
def test_a_stay_depends_on_what_it_serves(served: tuple[Verdict, ...], expected: Verdict, why: str | None) -> None:
    """Here its own criteria would approve it."""
    found = decide(line("stay", STAY), *(line(str(i), "27280", own) for i, own in enumerate(served)))
    assert found.decided["stay"] is expected
    assert found.because.get("stay", []) == ([(why, None)] if why else [])


def test_a_stay_for_outpatients_only_is_judged_by_its_own_criteria() -> None:
    for own in (APPROVED, DENIED, REFERRED):
        found = decide(line("stay", STAY, DENIED), line("joint", "27279", own, outpatient=True))
        assert found.decided["stay"] is DENIED
        assert found.ambulatory == {"stay"}
    mixed = decide(line("stay", STAY), line("joint", "27279", outpatient=True), line("open", "27280"))
    assert not mixed.ambulatory


def test_a_stay_serves_its_stage_and_not_what_is_part_of_something_else() -> None:
    found = decide(
        line("first", "22630", DENIED, stage=1),
        line("second", "22633", APPROVED, "L3-L4", "L4-L5", stage=2),
        line("exploration", EXPLORATION, DENIED, stage=2),
        line("stay_1", STAY, stage=1),
        line("stay_2", STAY, stage=2),
        line("stay", STAY),
    )
    assert [found.decided[s] for s in ("stay_1", "stay_2", "stay")] == [MOOT, APPROVED, APPROVED]
    assert [found.least[s, "served_units_approved"] for s in ("stay_1", "stay_2", "stay")] == [0, 2, 2]


def test_units_are_counted_from_least_to_most() -> None:
    units = (APPROVED, PENDED, DENIED)
    fusion = line("fusion", "22633", PENDED, "L2-L3", "L3-L4", "L4-L5", units=units)
    found = decide(fusion, line("screws", "22843", APPROVED, "L2-L3", "L3-L4"), line("stay", STAY, None))
    assert (found.least["stay", "fusion_levels_approved"], found.most["stay", "fusion_levels_approved"]) == (0, 2)
    # The screws are pended with their fusion: none of their levels is approved for certain.
    assert (found.least["stay", "served_units_approved"], found.most["stay", "served_units_approved"]) == (0, 4)


def test_units_of_a_moot_line_are_not_to_be_had() -> None:
    moot = [line("fusion", "22633", DENIED), line("more", "22634"), line("screws", "22843", PENDED)]
    found = decide(*moot, line("joint", "27280", PENDED), line("stay", STAY, None))
    assert [found.decided[each.line] for each in moot] == [DENIED, MOOT, MOOT]
    assert (found.least["stay", "served_units_approved"], found.most["stay", "served_units_approved"]) == (0, 1)
    assert found.most["stay", "fusion_levels_approved"] == 0


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        (((1, 1),), (1, 1)),
        (((1, 1), (3, 3)), (4, 4)),
        (((2, 2), (1, 1), (1, 1)), (4, 4)),
        (((1, 1), (1, 20)), (2, 21)),
    ],
)
def test_the_vertebrae_of_all_lines_add_up(amounts: tuple[tuple[int, int], ...], total: tuple[int, int]) -> None:
    codes = ("22513", "22515", "22515")
    asked = [replace(line(str(i), codes[i]), amount=n) for i, n in enumerate(amounts)]
    found = decide(*asked, line("anesthesia", "01941"))
    expected = {(r.line, "fractures_treated"): total for r in asked}
    assert found.sums == expected


# --- the request as a whole ------------------------------------------------------------------------------------------


def outcome(lines: Iterable[Verdict]) -> Verdict:
    """The first that matches, over the lines that are not bundled."""
    counted = {v for v in lines if v is not BUNDLED}
    cases = (
        (not counted, BUNDLED),
        (PENDED in counted, PENDED),
        (counted == {REFERRED}, REFERRED),
        (REFERRED in counted, PENDED),
        (counted == {APPROVED}, APPROVED),
        (counted <= {DENIED, MOOT}, DENIED),
        (True, PARTIAL),
    )
    return next(verdict for holds, verdict in cases if holds)


def test_the_outcome_of_a_request_follows_from_its_lines() -> None:
    for size in range(5):
        for lines in product(Verdict, repeat=size):
            assert request_outcome(lines) is outcome(lines), lines


# --- the tables ------------------------------------------------------------------------------------------------------


def test_the_tables_are_those_of_the_documents() -> None:
    coding = inner().coding
    groups = {**coding.groups}

    def members(names: Iterable[str]) -> set[str]:
        return {m for name in names for m in groups.get(name, (name,))}

    assert {code: members(to) for code, to in coding.add_ons.items()} == {c: set(to) for c, to in ADDS_TO.items()}
    assert {code: set(levels) for code, levels in coding.regions.items()} == {c: set(r) for c, r in REGIONS.items()}
    assert coding.incidental == {EXPLORATION}
    assert coding.stays == {STAY}
    assert {name: members(of) for name, of in coding.counts.items()} == {"fractures_treated": VERTEBRAL}
    assert {name: members(of) for name, of in coding.tallies.items()} == {
        "served_units_approved": {"any"},
        "fusion_levels_approved": FUSIONS,
    }
    assert coding.ambulatory == ("served_are_ambulatory",)
    assert (KB / "coding.lp").exists()


def test_days_of_stay_are_answered_apart() -> None:
    """More days than the document sets leave the stay approved; fewer are no objection."""
    asked = {
        "inpatient_stay/approved_more_days_than_set": ("5", "unmet"),
        "inpatient_stay/approved_two_fusion_levels_three_days": ("3", "met"),
        "inpatient_stay/approved_two_levels_of_one_line": ("2", "met"),
        "inpatient_stay/pended_fusion_open": ("2..4", "unknown"),
        "inpatient_stay/referred_revision_alone": (None, "unknown"),
    }
    for name, (requested, status) in asked.items():
        care = next(li.level_of_care for li in answer(name).lines if li.policy == STAY)
        assert care is not None
        assert care.days is not None
        assert (care.days.requested, care.days.allowed, care.days.status) == (requested, "2 to 3", status)


def test_a_reason_names_what_it_is_about() -> None:
    told = {
        ("requests/pended_thoracic_codes_at_lumbar_vertebra", "anesthesia"): (
            "the code 01941 speaks of another region than L1"
        ),
        ("requests/pended_decompression_without_fusion", "decompression"): (
            "the add-on code 63052 needs a primary procedure, and the request holds none"
        ),
        ("requests/denied_additional_level_moot", "additional_level"): (
            "the add-on code 22634 cannot outrank its primary: line fusion, denied"
        ),
        ("fusion_exploration/bundled_beside_approved_fusion", "exploration"): (
            "it is incidental to line fusion, approved"
        ),
        ("inpatient_stay/moot_fusion_denied", "stay"): "no line that the stay serves is approved or open",
        ("inpatient_stay/referred_all_that_it_serves_is", "stay"): "every line that the stay serves is referred",
    }
    for (name, of), message in told.items():
        (cause,) = (li.cause for li in answer(name).lines if li.line == of)
        assert cause is not None
        assert cause.message == message
    rules = {cause.code for name, of in told for li in answer(name).lines if li.line == of and (cause := li.cause)}
    assert rules == set(MESSAGES)


# --- what a request leaves open -------------------------------------------------------------------------------------


def augmentation(*lines: dict[str, object]) -> Determination:
    """Vertebral augmentation with every indication met, where nothing but the count of vertebrae is in question."""
    path = CASES / "requests" / "approved_three_vertebrae_by_units.yaml"
    data = read(path).data
    request = {"date_of_service": data["request"]["date_of_service"], "lines": list(lines)}
    return kb().determine(kb().case({"request": request, "patient": data["patient"]}))


@pytest.mark.parametrize("units", ["5..7", "unclear"])
def test_vertebrae_that_are_not_counted_exactly_are_not_presumed_to_be_one(units: str) -> None:
    found = augmentation({"code": "22514"}, {"code": "22515", "units": units})
    assert [line.verdict for line in found.lines] == [PENDED, PENDED]


def test_more_vertebrae_than_the_vocabulary_counts() -> None:
    found = augmentation({"code": "22514"}, {"code": "22515", "units": 20})
    assert [line.verdict for line in found.lines] == [PENDED, PENDED]


def test_a_line_that_fails_its_criteria_is_not_denied_because_of_its_region() -> None:
    lines = [{"code": "22633", "levels": "T12-L1"}]
    request = {"date_of_service": "2024-10-15", "lines": lines}
    found = kb().determine(kb().case({"request": request, "level": {"T12-L1": {"spinal_stenosis": "none"}}}))
    assert found.lines[0].verdict is DENIED
    assert found.lines[0].cause is None


# --- lines that no rule concerns --------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [None, *(v for v in Verdict if v not in (BUNDLED, MOOT))])
def test_what_is_said_of_lines_that_no_rule_concerns(own: Verdict | None) -> None:
    """The rules are not run for them: they would say what is said."""
    knowledge_ = inner()
    codes = sorted({code for p in knowledge_.policies for code in p.covers})
    free = [code for code in codes if not knowledge_.coding.concerns(code, None)]
    assert 0 < len(free) < len(codes)
    for first, second in zip(free, [*free[1:], free[0]], strict=True):
        rows = tuple(
            Row(f"line {i}", code, None, stage, (), (1, 2), own, () if own is None else (own,))
            for i, (code, stage) in enumerate(((first, 1), (second, 1), (first, 2), (second, None)))
        )
        assert knowledge_.relate(rows) == knowledge_._ground_request(rows)
