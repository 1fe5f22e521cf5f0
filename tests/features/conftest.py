"""The worked example as a lake, made once."""

import pytest

from records.lake import Lake
from tests.features.worked import worked


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return worked().lake(tmp_path_factory.mktemp("worked"))
