"""The policy from its draft: metadata, the outline of its rules, and what follows from all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unmet.diagnostics import did_you_mean
from unmet.policy import Policy, Rule
from unmet.source import checks
from unmet.source.contents import Body, Call
from unmet.source.draft import Draft, ReadRule
from unmet.source.statements import POLICY, Fact, acknowledgement
from unmet.vocabulary import LEVEL, Mode, Vocabulary


def assemble(draft: Draft) -> Policy | None:
    """The policy of a draft, None where it has no name."""
    kinds = checks.variable_kinds(draft)
    named = _one("policy", draft)
    version, document = _one("version", draft), _one("document", draft)
    effective, review = _one("effective", draft), _one("review_due", draft, required=False)
    days = _one("days", draft, required=False)
    if named is None:
        return None
    cuts: dict[str, set[int]] = {}
    for rule in draft.every_rule():
        for attribute, points in rule.body.cuts.items():
            cuts.setdefault(attribute, set()).update(points)

    def outlined(table: Mapping[str, list[ReadRule]]) -> dict[str, tuple[Rule, ...]]:
        return {
            name: tuple(_outlined(r, kinds[id(r)], draft.vocabulary) for r in rules) for name, rules in table.items()
        }

    return Policy(
        name=named.values[0],
        title=named.values[1],
        version=version.values[0] if version else "",
        document=document.values[0] if document else "",
        effective=effective.values[0] if effective else "",
        review_due=review.values[0] if review else None,
        covers=_all("covers", draft),
        unlisted=_all("unlisted", draft),
        population=_all("population", draft),
        setting=_all("setting", draft),
        days=days.values if days else None,
        per=_per(draft),
        criteria=draft.criteria,
        parts=draft.parts,
        readings=draft.readings,
        rules=outlined(draft.rules),
        part_rules=outlined(draft.part_rules),
        helper_rules=outlined(draft.helper_rules),
        attributes=frozenset(a for rule in draft.every_rule() for a in rule.body.attributes),
        cuts={name: frozenset(points) for name, points in cuts.items()},
        spares=checks.spares(draft, kinds),
        path=draft.path,
        span=named.span,
        complementary=tuple(f.values for f in draft.facts.get("complementary", ())),
        acknowledged=tuple(map(acknowledgement, draft.facts.get("acknowledged", ()))),
        places={name: facts[0].span for name, facts in draft.facts.items() if facts},
        locators=_locators(draft),
    )


def _locating(body: Body) -> tuple[str, ...]:
    """The attributes of which every use in a body binds the key of a keyed record."""
    binding = [attribute.name for variable, attribute in body.words.items() if variable in body.keys]
    return tuple(name for name in dict.fromkeys(binding) if binding.count(name) == body.attributes.count(name))


def _locators(draft: Draft) -> frozenset[str]:
    """The attributes whose every use binds the key of a keyed record, where no rule names such a key."""
    rules = draft.every_rule()
    named = {kind for rule in rules for kind in rule.body.named} | draft.vocabulary.named
    found: set[str] = set()
    for rule in rules:
        for variable, attribute in rule.body.words.items():
            if rule.body.keys.get(variable, "") not in named | {""}:
                found.add(attribute.name)
    other = {
        attribute
        for rule in rules
        for attribute in rule.body.attributes
        if attribute not in {a.name for v, a in rule.body.words.items() if v in rule.body.keys}
    }
    return frozenset(found - other - {n for link in draft.vocabulary.links for n in link})


def _per(draft: Draft) -> str | None:
    """The kind by whose entries the policy is decided one by one; a policy that reads the level must say so."""
    fact = _one("per", draft, required=False)
    reading = next((r for r in draft.every_rule() if LEVEL in r.body.attributes), None)
    if fact is None:
        if reading is not None:
            draft.report.add(
                "missing-statement",
                f"the policy reads `{LEVEL}`, and a line may name several",
                reading.span,
                f"write `per({LEVEL}).`",
            )
        return None
    record, attribute = draft.vocabulary.records.get(fact.values[0]), draft.vocabulary.attributes.get(LEVEL)
    if fact.values[0] != LEVEL or record is None or record.mode is not Mode.KEYED or attribute is None:
        message = f"a policy is decided per `{LEVEL}` only, a keyed record and an attribute of the request"
        draft.report.add("unknown-record", message, fact.span)
        return None
    return LEVEL


def _one(name: str, draft: Draft, *, required: bool = True) -> Fact | None:
    """The only fact of this name; a diagnostic where there are more, or none of a required one."""
    found = draft.facts.get(name, [])
    for extra in found[1:]:
        draft.report.add("declared-twice", f"`{name}` is stated twice", extra.span)
    if not found and required and not any(tried == name for tried, _ in draft.tried):
        usage = f"{name}({', '.join(label for label, _ in POLICY[name])})"
        draft.report.add(
            "missing-statement", f"the policy does not state its `{name}`", draft.home, f"write `{usage}.`"
        )
    return found[0] if found else None


def _all(name: str, draft: Draft) -> tuple[Any, ...]:
    """The values of the facts of this name, each once."""
    values: list[Any] = []
    for fact in draft.facts.get(name, ()):
        code = fact.values[0]
        if code in values:
            draft.report.add(
                "covered-twice" if name == "covers" else "declared-twice",
                f"`{code}` stands twice in `{name}`",
                fact.spans[0],
            )
            continue
        values.append(code)
        if name == "unlisted" and code not in _covered(draft):
            message, usage = f"`{code}` is unlisted and not covered", f'write `covers("{code}").`'
            draft.report.add("missing-statement", message, fact.spans[0], usage)
        setting = draft.vocabulary.attributes.get("setting")
        if name == "setting" and setting is not None and code not in setting.options:
            help = did_you_mean(code, setting.options)
            draft.report.add("unknown-option", f"`{code}` is not an option of `setting`", fact.spans[0], help)
    return tuple(values)


def _covered(draft: Draft) -> set[str]:
    return {f.values[0] for f in draft.facts.get("covers", ())}


def _outlined(rule: ReadRule, kinds: Mapping[str, str], vocabulary: Vocabulary) -> Rule:
    """The rule without its terms."""
    body = rule.body
    listed = sorted({k for k in kinds.values() if vocabulary.records[k].mode is Mode.LISTED})
    return Rule(
        head=rule.name,
        position=rule.position,
        span=rule.span,
        guards=tuple((name, option) for name, option, _ in body.guards),
        children=tuple(body.children),
        threshold=body.threshold,
        parts=_names(body.parts),
        helpers=_names(body.helpers),
        attributes=tuple(dict.fromkeys(body.attributes)),
        documented=tuple(dict.fromkeys(body.documented)),
        locators=_locating(body),
        named=tuple(sorted(body.named)),
        listed=tuple(listed),
        cuts=tuple((name, cut) for name, points in body.cuts.items() for cut in sorted(points)),
        steps=tuple((name, word) for name, words in body.steps.items() for word in sorted(words)),
    )


def _names(calls: list[Call]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(call.name for call in calls))
