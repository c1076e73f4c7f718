from tests.registry.conftest import hold, media  # noqa: F401 the same sittings, their own files
from tests.registry.test_signatures import (  # noqa: F401 the same signed minutes
    accounts,
    demonstration,
    minutes,
)
