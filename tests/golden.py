"""Golden outputs: every form of a few cases, whole; `python -m tests.golden` writes them anew."""

from __future__ import annotations

import io
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import unmet
from tests.shipped import KB, ROOT
from unmet.notice import gather
from unmet.render import explained, html, json, markdown, text

FOLDER = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Golden:
    """A case, and how it is run."""

    name: str
    case: str
    options: dict[str, Any] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)


GOLDEN = (
    Golden("denied_no_path", "hip_core_decompression/denied_age_fifty"),
    Golden("denied_many_fixes", "si_joint_fusion_open/denied_nothing_documented"),
    Golden("pended", "hip_core_decompression/pended_other_side_imaged"),
    Golden("approved_presumed", "hip_core_decompression/approved_arthritis_presumed_absent"),
    Golden("levels", "lumbar_fusion/partial_one_level_of_two"),
    Golden("lines", "requests/denied_additional_level_moot"),
    Golden("referred", "hip_core_decompression/referred_other_indication"),
    Golden(
        "closed",
        "si_joint_fusion_minimally_invasive/denied_determination",
        {"silence": "closed"},
        {
            "plan_name": "Example Health Plan",
            "reference_number": "2025-0616-001",
            "member": "Member 000-00",
            "requesting_provider": "Example Clinic",
            "decision_date": "2025-06-20",
            "reviewer_name": "A. Reviewer",
            "reviewer_credentials": "MD, orthopedic surgery",
            "peer_to_peer": "By telephone at the plan",
            "appeal_rights": "In writing to the plan",
            "external_review": "Through the state",
            "criteria_copy": "On request from the plan",
            "contact": "The plan's member services",
            "language_help": "Interpreters are free of charge",
        },
    ),
)


def forms(golden: Golden) -> dict[str, str]:
    """Every form of a case, by the ending of its file.

    The knowledge base is loaded for it alone, as a command does: which of several examples is given depends on what
    was asked before.
    """
    base = unmet.load(KB)
    with chdir(ROOT):
        case = base.read_case(Path("cases") / f"{golden.case}.yaml")
    explanation = base.explain(case, **golden.options)
    notice = gather(explanation, case, base.policies, golden.slots)
    plain = io.StringIO()
    text.show(explained.explanation(explanation), plain)
    return {
        "txt": plain.getvalue(),
        "json": json.dump(json.explanation(explanation)) + "\n",
        "html": html.explanation(explanation),
        "notice.md": markdown.notice(notice),
        "notice.html": html.notice(notice),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for each in GOLDEN:
        for ending, content in forms(each).items():
            (FOLDER / f"{each.name}.{ending}").write_text(content, encoding="utf-8")
