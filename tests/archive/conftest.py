from tests.registry.conftest import (  # noqa: F401 the same sittings, signers and minutes
    accounts,
    demonstration,
    hold,
    media,
    minutes,
)
