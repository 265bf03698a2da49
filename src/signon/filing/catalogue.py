"""The roles and registration types as facts for programs and as the page `docs/roles.md`."""

from collections.abc import Mapping, Sequence
from typing import Any

from signon.courts.registry import CourtType
from signon.filing.cases import EXAMPLES
from signon.filing.registration_types import REGISTRATION_TYPES
from signon.filing.roles import ROLES, Admission, Permission, RoleRow

_FORMS = {"attorney": "attorney", "non_attorney": "non-attorney"}
_ALL = frozenset(CourtType)


def describe() -> dict[str, Any]:
    """Everything, as JSON has it."""
    return {
        "roles": [_role(row) for row in ROLES.values()],
        "registrations": [
            {
                "type": row.type.value,
                "label": row.label,
                "description": row.description,
                "form": row.form.value,
                "admission": row.admission and row.admission.value,
                "cases": row.cases.value,
            }
            for row in REGISTRATION_TYPES.values()
        ],
        "admissions": [admission.value for admission in Admission],
        "case_numbers": {kind.value: example for kind, example in EXAMPLES.items()},
    }


def to_markdown(described: Mapping[str, Any]) -> str:
    """The same as the page that people read."""
    return PAGE.format(
        roles=_table(
            ("role", "for", "what it is"),
            [(f"`{row['role']}`", row["label"], row["description"]) for row in described["roles"]],
        ),
        rules=_table(
            ("role", "courts", "`ecf_permissions`", "cases", "form", "training", "principals"),
            [_rules(row) for row in described["roles"]],
        ),
        types=_table(
            ("type", "for", "what it is", "`ecf_admission`", "cases"),
            [
                (
                    f"`{row['type']}`",
                    row["label"],
                    row["description"],
                    f"`{row['admission']}`" if row["admission"] else "–",
                    row["cases"],
                )
                for row in described["registrations"]
            ],
        ),
        cases=_table(
            ("type of court", "a case number"),
            [(f"`{kind}`", f"`{example}`") for kind, example in described["case_numbers"].items()],
        ),
    )


PAGE = """\
# Filing roles

<!-- Made by `signon courts roles > docs/roles.md`; a test compares. -->

Pages, tokens, the REST interface and imports read this one table. A court offers all roles of its
type unless it names some (`signon courts set ID --roles …`), and switches registration types on
and off (`--registrations`).

{roles}

## What a role brings

{rules}

- Cases: `required` and `optional` limit the right to named cases; `none` is never limited.
- Training: whether a certificate is needed before the right is in force, as long as the court
  says nothing else (`--training`).
- A filing agent has no permissions of its own; it files for a principal who named it.
- For a proof of claim alone no role is needed: the court's ePOC page takes it without a login.

## What people register for

{types}

An imported attorney is admitted in full, with cases `pro_hac_vice`.

## Case numbers

{cases}

Courts differ in divisions, kinds and judges' initials; the form is checked by the type of court.
"""


def _role(row: RoleRow) -> dict[str, Any]:
    return {
        "role": row.role.value,
        "label": row.label,
        "description": row.description,
        "courts": [kind.value for kind in CourtType if kind in row.courts],
        "permissions": [one.value for one in Permission if one in row.permissions],
        "cases": row.cases.value,
        "form": row.form.value,
        "training": row.training,
        "needs_principal": row.needs_principal,
        "may_be_principal": row.may_be_principal,
    }


def _rules(row: Mapping[str, Any]) -> tuple[str, ...]:
    courts = row["courts"]
    principal = "needs one" if row["needs_principal"] else ""
    return (
        f"`{row['role']}`",
        "all" if len(courts) == len(_ALL) else ", ".join(courts),
        " ".join(f"`{name}`" for name in row["permissions"]) or "none of its own",
        row["cases"],
        _FORMS[row["form"]],
        "yes" if row["training"] else "no",
        "may be one" if row["may_be_principal"] else principal or "–",
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
