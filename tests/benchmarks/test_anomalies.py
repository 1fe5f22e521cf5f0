"""The benchmark of anomalies says what it is asked with, where it is asked with nothing or with half of a pair."""

import pytest

from benchmarks.anomalies import main
from benchmarks.quality import USAGE


@pytest.mark.parametrize("places", [[], ["firm"], ["firm", "home", "other"]])
def test_firms_without_a_home_are_refused(places: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(places) == USAGE
    assert "such as FIRM HOME FIRM HOME" in capsys.readouterr().err
