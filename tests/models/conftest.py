import pytest

from tests.training.firm import Home, home


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A small firm with a challenger of each risk; shared, so only read."""
    return home(tmp_path_factory.getbasetemp())
