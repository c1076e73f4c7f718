import pytest

from tests.held import sign
from tests.registry.conftest import accounts, demonstration, hold, june, media, minutes, secretary  # noqa: F401 the same sittings, signers and minutes


@pytest.fixture
def signed(minutes, accounts):  # noqa: F811 the fixtures above
    """Adopted minutes with both signatures."""
    sign(minutes, "president", accounts[0])
    sign(minutes, "secretaire-1", accounts[1])
    return minutes
