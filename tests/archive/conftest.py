import pytest

from tests.held import sign
from tests.registry.conftest import (  # noqa: F401 the same sittings, signers and minutes
    accounts,
    demonstration,
    hold,
    june,
    media,
    minutes,
    secretary,
)


@pytest.fixture
def signed(minutes, accounts):  # noqa: F811 the fixtures above
    """Adopted minutes with both signatures."""
    sign(minutes, "president", accounts[0])
    sign(minutes, "secretaire-1", accounts[1])
    return minutes
