import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.estimators.payment_time import EDGES, QUANTILES, PaymentTime, Runs, agree, in_runs, quantiles

Floats = NDArray[np.float64]
BORDERS = (0.0, 30.0)
RANGE = np.array([0.1, 0.5, 0.9])
POSITIONS = st.integers(-150, 800)
CHANCES = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: (max(pair), min(pair)))
HAZARDS = st.lists(st.floats(1e-4, 0.9), min_size=len(EDGES) - 1, max_size=len(EDGES) - 1)


def without_runs(rows: int) -> Runs:
    return Runs(np.zeros(rows), np.zeros(rows), np.zeros(rows, dtype=np.int64))


def curve(hazards: list[float], position: float) -> Floats:
    """P(days late <= edge) of one invoice still open at `position`."""
    hazard = np.where(EDGES[1:] > position, hazards, 0.0)
    return np.concatenate([[0.0], 1.0 - np.cumprod(1.0 - hazard)])[None, :]


@given(HAZARDS, POSITIONS, CHANCES)
def test_the_distribution_says_what_the_classifiers_say_at_their_borders(
    hazards: list[float], position: int, chances: tuple[float, float]
) -> None:
    at = {border: np.array([chance]) for border, chance in zip(BORDERS, chances, strict=True)}
    where = np.array([float(position)])
    bent = agree(curve(hazards, position), position=where, at=at)
    assert (np.diff(bent[0]) >= 0).all()
    assert bent.min() >= 0
    assert bent.max() <= 1
    assert (bent[0][position >= EDGES] == 0).all(), "nothing is paid in days that are over"
    for border, chance in zip(BORDERS, chances, strict=True):
        if position < border:
            assert 1 - bent[0][np.searchsorted(EDGES, border)] == pytest.approx(chance, abs=1e-9)


@given(HAZARDS, POSITIONS, CHANCES)
def test_dates_rise_and_lie_ahead(hazards: list[float], position: int, chances: tuple[float, float]) -> None:
    at = {border: np.array([chance]) for border, chance in zip(BORDERS, chances, strict=True)}
    where = np.array([float(position)])
    bent = agree(curve(hazards, position), position=where, at=at)
    days = quantiles(bent, where, at=QUANTILES)[0]
    assert (np.diff(days) >= 0).all()
    # A payment falls on whole days, so the first that is left is the day after `position`.
    assert (np.ceil(days) > position).all()
    low, middle, high = quantiles(bent, where, at=RANGE)[0]
    assert low <= middle <= high


def test_without_borders_nothing_is_bent() -> None:
    plain = curve([0.2] * (len(EDGES) - 1), -30)
    assert agree(plain, position=np.array([-30.0]), at={}) == pytest.approx(plain)


def test_a_year_overdue_and_open_is_paid_on_the_next_day_at_the_earliest() -> None:
    where = np.array([364.0, 365.0, 500.0])
    open_still = np.zeros((3, len(EDGES)))
    assert quantiles(open_still, where, at=np.array([0.5])).ravel().tolist() == [365, 366, 501]


@pytest.fixture(scope="module")
def learned() -> PaymentTime:
    """Clients of feature 0 pay on the day, those of feature 1 twenty days late; a third of all is still open on the day ten."""
    draw = np.random.default_rng(3)
    kind = draw.integers(0, 2, 1500).astype(float)
    paid = np.where(kind == 1, draw.integers(15, 26, 1500), draw.integers(-6, 3, 1500)).astype(float)
    seen = np.where(draw.random(1500) < 0.33, 10.0, 200.0)
    known = np.where(paid <= seen, paid, np.nan)
    return PaymentTime.fit(kind[:, None], position=np.full(1500, -21.0), runs=without_runs(1500), days_late=known, observed=seen)


@pytest.mark.parametrize(("kind", "expected"), [(0.0, -2.0), (1.0, 20.0)])
def test_an_open_invoice_counts_as_evidence_and_the_median_is_found(learned: PaymentTime, kind: float, expected: float) -> None:
    where = np.array([-21.0])
    found = quantiles(learned.cumulative(np.array([[kind]]), where, runs=without_runs(1)), where, at=RANGE)[0]
    assert found[1] == pytest.approx(expected, abs=3)
    assert found[2] - found[0] < 16


def test_what_is_past_is_left_out(learned: PaymentTime) -> None:
    cumulative = learned.cumulative(np.array([[1.0], [1.0]]), np.array([-21.0, 18.0]), runs=without_runs(2))
    assert (cumulative[1][EDGES <= 18] == 0).all()
    assert (np.diff(cumulative, axis=1) >= 0).all()


def test_text_gives_back_the_same_numbers(learned: PaymentTime) -> None:
    values, where = np.array([[0.0], [1.0]]), np.array([-21.0, 3.0])
    again = PaymentTime.from_text(learned.to_text())
    found, wanted = (one.cumulative(values, where, runs=without_runs(2)) for one in (again, learned))
    assert (found == wanted).all()


def test_what_is_paid_and_not_yet_on_record_is_expected_at_once() -> None:
    """Half of what is open ten days after its due date had been paid the day before, as the records learn later; the rest on day 50."""
    paid = np.where(np.arange(1200) % 2 == 0, 9.0, 50.0)
    where, runs = np.full(1200, 10.0), without_runs(1200)
    model = PaymentTime.fit(np.zeros((1200, 1)), position=where, runs=runs, days_late=paid, observed=np.full(1200, 200.0))
    told = model.cumulative(np.zeros((1, 1)), where[:1], runs=without_runs(1))[0]
    assert told[np.searchsorted(EDGES, 14.0)] == pytest.approx(0.5, abs=0.05)
    assert told[np.searchsorted(EDGES, 45.0)] == pytest.approx(0.5, abs=0.05)


def test_of_a_client_with_runs_next_to_nothing_is_paid_between_them() -> None:
    """Runs every 15 days, the next of each row a day of its own: a curve that knows them rises in the periods that hold one alone."""
    many = 1500
    draw = np.random.default_rng(4)
    wait = draw.integers(1, 16, many).astype(float)
    runs = Runs(np.full(many, 15.0), wait, np.zeros(many, dtype=np.int64))
    nominal = wait + 15.0 * draw.integers(0, 2, many)
    weekend = np.maximum(nominal % 7 - 4, 0)
    carried_out = nominal + np.where(weekend > 0, 3 - weekend, 0)
    position = np.zeros(many)
    model = PaymentTime.fit(np.zeros((many, 1)), position=position, runs=runs, days_late=carried_out, observed=np.full(many, 200.0))
    one = Runs(np.array([15.0]), np.array([8.0]), np.array([0]))
    told = model.cumulative(np.zeros((1, 1)), np.zeros(1), runs=one)[0]
    at = {day: told[np.searchsorted(EDGES, float(day))] for day in (7, 10, 18, 24)}
    assert at[7] < 0.05
    assert at[10] == pytest.approx(0.5, abs=0.1)
    assert at[18] - at[10] < 0.05
    assert at[24] > 0.9


@pytest.mark.parametrize(
    ("start", "end", "many"),
    [(0, 4, 0), (4, 5, 0), (5, 6, 0), (6, 7, 1), (0, 14, 2), (7, 14, 1), (7, 13, 0)],
    ids=["before it", "a Saturday", "a Sunday", "its Monday", "two", "the second", "before the second"],
)
def test_a_run_of_a_weekend_is_counted_on_the_monday(start: int, end: int, many: int) -> None:
    """On a Monday, with the next run in five days, a Saturday, and then every seven."""
    runs = Runs(np.array([7.0]), np.array([5.0]), np.array([0]))
    assert runs.carried_out(np.array([0]), np.array([float(start)]), np.array([float(end)])).tolist() == [many]


def test_who_keeps_to_no_run_has_no_number_of_them() -> None:
    assert np.isnan(without_runs(1).carried_out(np.array([0]), np.array([0.0]), np.array([30.0]))).all()


def test_a_client_that_keeps_to_runs_pays_on_one_of_them() -> None:
    """Ten days after due, runs every 15 days, the next in 4: on the days 14, 29, 44. A client without runs stays where it was."""
    days = np.array([[11.0, 20.0, 22.0, 40.0]] * 2)
    told = {"position": np.array([10.0, 10.0]), "period": np.array([15.0, 0.0]), "wait": np.array([4.0, 0.0])}
    assert in_runs(days, **told, borders=()).tolist() == [[14, 14, 29, 44], [11, 20, 22, 40]]
    assert in_runs(days, **told, borders=(21.0,)).tolist() == [[14, 14, 29, 44], [11, 20, 22, 40]]
    assert in_runs(days, **told, borders=(12.0, 28.0)).tolist() == [[11, 14, 14, 44], [11, 20, 22, 40]]


def test_what_the_last_run_paid_comes_on_record_the_next_day() -> None:
    """Ten days after due, runs every 30 days, the last two days ago: what is expected about now was paid in it, and not in 28 days."""
    told = {"position": np.array([10.0]), "period": np.array([30.0]), "wait": np.array([28.0])}
    assert in_runs(np.array([[11.0, 20.0, 30.0]]), **told, borders=()).tolist() == [[11, 11, 38]]


@given(
    st.lists(st.floats(0, 400), min_size=1, max_size=20).map(sorted), st.integers(-60, 60), st.sampled_from([0, 7, 15, 30]), st.floats(0, 1)
)
def test_moved_to_runs_dates_stay_in_order_ahead_and_on_their_side_of_a_border(
    after: list[float], position: int, period: int, part: float
) -> None:
    days = position + 0.5 + np.array([after])
    wait = np.array([max(1.0, np.ceil(part * period))])
    moved = in_runs(days, position=np.array([float(position)]), period=np.array([float(period)]), wait=wait, borders=BORDERS)
    assert (np.diff(moved[0]) >= 0).all()
    assert (moved > position).all()
    for border in BORDERS:
        assert ((moved > border) == (days > border)).all()
