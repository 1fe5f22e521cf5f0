from hypothesis import given
from hypothesis import strategies as st

from models.finding import ONCE, finding_id, parse_finding_id

ENTITIES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PERIODS = st.sampled_from([ONCE, "2026-W14", "2026-03-31"])


@given(st.from_regex(r"[a-z][a-z_]*", fullmatch=True), ENTITIES, PERIODS)
def test_an_identity_gives_back_what_it_was_built_from(check: str, entity: str, period: str) -> None:
    identity = finding_id(check, entity, period)
    assert parse_finding_id(identity) == (check, entity, period)
    assert not set(identity) & set(" /?#%\n") - {"%"}, "it stands in a URL as it is"


@given(ENTITIES, ENTITIES)
def test_two_entities_have_two_identities(one: str, other: str) -> None:
    assert (finding_id("dispute", one) == finding_id("dispute", other)) == (one == other)


def test_an_identity_is_readable() -> None:
    assert finding_id("collections", "INV-7") == "collections:INV-7:once"
    assert finding_id("collections", "a:b/c") == "collections:a%3Ab%2Fc:once"
