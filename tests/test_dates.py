"""Numbers that follow from two dates: completed years and weeks, days, calendar months with the days beyond."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unmet
from tests.shipped import kb
from unmet.case import interval
from unmet.diagnostics import Span
from unmet.vocabulary import Attribute, Derivation, Entity, Type

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def span_of_time(unit: str, start: str | date, end: str | date, places: int = 0) -> int:
    """The time between two dates as the program computes it, scaled by the places."""
    attribute = Attribute(
        "time", "patient", Type.NUMBER, Span("", 1, 1), places=places, derivation=Derivation(unit, "start", "end")
    )
    first, last = (date.fromisoformat(d) if isinstance(d, str) else d for d in (start, end))
    return interval(attribute, first, last)


def later(day: date, months: int) -> date:
    """The same day some months later, or the last one of that month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def completed(day: date, end: date, step: int) -> int:
    """How often `step` months have gone by, counted one by one."""
    count = 0
    while later(day, step * (count + 1)) <= end:
        count += 1
    return count


# --- years -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        ("1975-09-03", "2025-09-02", 49),  # the day before the birthday
        ("1975-09-02", "2025-09-02", 50),
        ("2025-09-02", "2025-09-02", 0),
        ("2004-02-29", "2022-02-27", 17),
        ("2004-02-29", "2022-02-28", 18),  # no 29th in 2022: completed with the last day of February
        ("2004-02-29", "2024-02-28", 19),
        ("2004-02-29", "2024-02-29", 20),
        ("1904-02-29", "2024-02-29", 120),
    ],
)
def test_years_are_completed(born: str, day: str, years: int) -> None:
    assert span_of_time("years", born, day) == years


@given(DAYS, DAYS)
def test_years_as_birthdays_are_counted(first: date, second: date) -> None:
    start, end = sorted((first, second))
    assert span_of_time("years", start, end) == completed(start, end, 12)


# --- days and weeks --------------------------------------------------------------------------------------------------


@given(DAYS, st.integers(0, 5000))
def test_days_are_all_of_them_and_weeks_the_completed(start: date, days: int) -> None:
    end = start + timedelta(days)
    assert span_of_time("days", start, end) == days
    assert span_of_time("weeks", start, end) == days // 7


@pytest.mark.parametrize(("day", "days"), [("2024-03-01", 2), ("2024-02-29", 1), ("2024-02-28", 0)])
def test_a_leap_day_is_a_day(day: str, days: int) -> None:
    assert span_of_time("days", "2024-02-28", day) == days


# --- months ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "tenths"),
    [
        ("2025-01-15", "2025-04-15", 30),  # three months exactly
        ("2025-01-15", "2025-04-16", 31),  # and a day: never rounded away
        ("2025-01-15", "2025-04-14", 29),  # a day less: never rounded to three
        ("2025-01-15", "2025-04-30", 35),
        ("2025-01-31", "2025-04-30", 30),  # from the end of a month to the end of a shorter one
        ("2025-01-31", "2025-05-01", 31),
        ("2025-01-31", "2025-04-29", 29),
        ("2024-11-30", "2025-02-28", 30),
        ("2023-11-30", "2024-02-28", 29),
        ("2023-11-30", "2024-02-29", 30),
        ("2024-02-29", "2025-02-28", 120),
        ("2025-03-10", "2025-03-10", 0),
        ("2025-03-10", "2025-03-11", 1),
    ],
)
def test_months_are_those_of_the_calendar_with_a_fraction(start: str, end: str, tenths: int) -> None:
    assert span_of_time("months", start, end, places=1) == tenths


@given(DAYS, DAYS)
def test_a_fraction_is_never_a_whole_month(first: date, second: date) -> None:
    """More than n months is true of n months and a day, and n months of nothing less."""
    start, end = sorted((first, second))
    whole = completed(start, end, 1)
    tenths = span_of_time("months", start, end, places=1)
    assert span_of_time("months", start, end) == whole
    assert tenths // 10 == whole
    assert (tenths % 10 == 0) == (later(start, whole) == end)


@given(DAYS, st.integers(0, 800), st.integers(0, 400))
def test_time_never_runs_back(start: date, days: int, more: int) -> None:
    for unit, places in (("days", 0), ("weeks", 0), ("months", 0), ("months", 1), ("years", 0)):
        sooner = span_of_time(unit, start, start + timedelta(days), places)
        assert sooner <= span_of_time(unit, start, start + timedelta(days + more), places)


@given(DAYS, st.integers(1, 800))
def test_an_end_before_the_start_is_less_than_nothing(start: date, days: int) -> None:
    """So that it lies outside the bounds of every attribute that begins with 0."""
    for unit, places in (("days", 0), ("weeks", 0), ("months", 0), ("months", 1), ("years", 0)):
        assert span_of_time(unit, start, start - timedelta(days), places) < 0


# --- in a case -------------------------------------------------------------------------------------------------------


def knee(day: str = "2025-06-10", **sections: dict[str, Any]) -> unmet.Case:
    """A request for a knee on a day, with what is stated of the patient and of the knee."""
    lines = [{"code": "27422", "side": "left"}]
    return kb().case({"request": {"date_of_service": day, "lines": lines}, **sections})


def derived(case: unmet.Case, entity: Entity, name: str) -> tuple[int, int] | None:
    statement = case.scenes[0].statements.get((entity, name))
    return statement.values.intervals[0] if statement and statement.values else None


KNEE = Entity("knee", "left")


@pytest.mark.parametrize(("onset", "tenths"), [("2025-03-10", 30), ("2025-03-09", 31), ("2025-03-11", 29)])
def test_a_case_has_what_follows_from_its_dates(onset: str, tenths: int) -> None:
    case = knee(knee={"left": {"patellofemoral_pain_onset": onset}})
    assert derived(case, KNEE, "patellofemoral_pain_months") == (tenths, tenths)
    assert derived(case, Entity("knee", "right"), "patellofemoral_pain_months") is None


def test_each_line_has_its_own_date() -> None:
    lines = [{"code": "27422", "side": "left", "date_of_service": day} for day in ("2025-06-09", "2025-06-10")]
    case = kb().case({"request": {"lines": lines}, "patient": {"birth_date": "2007-06-10"}})
    ages = [scene.statements[Entity("patient"), "age"].values for scene in case.scenes]
    assert [values.intervals for values in ages if values] == [((17, 17),), ((18, 18),)]


def test_nothing_follows_from_an_unclear_date() -> None:
    case = knee(knee={"left": {"patellofemoral_pain_onset": "unclear"}})
    assert derived(case, KNEE, "patellofemoral_pain_months") is None


def test_a_statement_that_agrees_with_the_dates_stands_beside_them() -> None:
    case = knee(knee={"left": {"patellofemoral_pain_onset": "2025-01-10", "patellofemoral_pain_months": "4.."}})
    assert derived(case, KNEE, "patellofemoral_pain_months") == (50, 50)


def complaints(day: str = "2025-06-10", **sections: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    with pytest.raises(unmet.CaseError) as refused:
        knee(day, **sections)
    return [(d.code, d.message, d.path) for d in refused.value.diagnostics]


def test_a_statement_that_contradicts_the_dates_is_refused() -> None:
    left = {"patellofemoral_pain_onset": "2025-01-10", "patellofemoral_pain_months": "..3"}
    assert complaints(knee={"left": left}) == [
        (
            "contradiction",
            "`patellofemoral_pain_months` is `..3`, "
            "and `5` by patellofemoral_pain_onset 2025-01-10, date_of_service 2025-06-10",
            "knee.left.patellofemoral_pain_months",
        )
    ]


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1904-06-10", 121),
        ("2025-06-11", -1),  # born on the day after the date of service
        ("2025-12-01", -1),
        ("2030-01-01", -4),
    ],
)
def test_an_age_out_of_its_bounds_is_refused(born: str, age: int) -> None:
    assert complaints(patient={"birth_date": born}) == [
        (
            "contradiction",
            f"`age` would be `{age}` by birth_date {born}, date_of_service 2025-06-10",
            "patient.birth_date",
        )
    ]


def test_an_onset_after_the_date_of_service_is_refused() -> None:
    ((code, message, path),) = complaints(knee={"left": {"patellofemoral_pain_onset": "2025-06-11"}})
    assert (code, path) == ("contradiction", "knee.left.patellofemoral_pain_onset")
    assert message.startswith("`patellofemoral_pain_months` would be `-0.1` by ")


@pytest.mark.parametrize("day", ["2025-02-29", "2025-13-01", "2025-04-31", "0000-01-01"])
def test_a_date_that_does_not_exist_is_refused(day: str) -> None:
    assert [code for code, _, _ in complaints(day)] == ["no-such-date"]


def test_the_last_days_of_the_calendar_are_dates() -> None:
    assert [code for code, _, _ in complaints("9999-12-31", patient={"birth_date": "0001-01-01"})] == ["contradiction"]
    assert span_of_time("months", "0001-01-31", "9999-12-31", places=1) == 1199870
    assert span_of_time("months", "9999-11-30", "9999-12-31", places=1) == 11
