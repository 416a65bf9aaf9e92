"""What the configuration of schemathesis cannot say: which refusals of a well-formed request are the shop's own rules,
and which requests would saw off the branch the run sits on."""

import itertools
import os

import schemathesis

# The row id of the admin whose login it is; `tests/api/schema.rs` asks with the second admin of its shop.
ASKING = os.environ.get("DVORIK_TEST_ADMIN", "2")

KEY, CASES = "Idempotency-Key", itertools.count()

# The rows that these leave alone.
SPARED = {
    "admins_disable": ASKING,
    "admins_edit": ASKING,
    "users_erase": "1",
    "segments_delete": "1",
    "broadcasts_cancel": "1",
}

# What no schema says: rules between two fields, between a field and what the shop has, or the clock, or the config. Each is
# the field and the beginning of what is said of it.
BEYOND_SCHEMAS = [
    ("page", "page × per_page is at most 10,000"),
    ("from", "the beginning is after the end"),
    ("age_from", "the beginning is after the end"),
    ("from", "a period has at most 3660 days"),
    ("after", "goes with the orders created_at and -created_at"),
    ("value", "a value is needed: 0.01 % to 100 %"),
    ("template_id", "a link hands out no gift for subscribing or for a birthday"),
    ("at", "this time is over"),
    ("send_at", "this time is over"),
    ("telegram.mode", "webhooks need another value in the config"),
]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Aims elsewhere what would take the run's own rights away, or the rows the document's examples name. Gives requests
    that are in order a key of their own: a key that was used for another body is refused before anything else is seen."""
    operation, row = case.operation.definition.raw.get("operationId"), str(case.path_parameters.get("id"))
    if row == SPARED.get(operation):
        case.path_parameters["id"] = 999_999
    if KEY in case.headers and case.meta and case.meta.generation.mode.is_positive:
        case.headers[KEY] = f"case-{next(CASES)}"


@schemathesis.check
def documented_refusals(context, response, case):
    """A refusal carries a code its operation documents; a request that fits the schema is a VALIDATION_ERROR only for one
    of the rules above."""
    kind = response.headers.get("content-type", [""])[0]
    if response.status_code < 400 or response.status_code == 405 or not kind.startswith("application/problem+json"):
        return None
    problem = response.json()
    code = problem["code"]
    documented = case.operation.definition.raw["responses"].get(str(response.status_code), {}).get("x-codes", [])
    assert code in documented, f"{code} is not among the documented codes of {response.status_code}: {documented}"
    if code == "VALIDATION_ERROR" and case.meta and case.meta.generation.mode.is_positive:
        for error in problem["errors"]:
            is_beyond = any(error["field"] == field and error["message"].startswith(words) for field, words in BEYOND_SCHEMAS)
            assert is_beyond, f"the schema allows what is refused: {error}"
    return None
