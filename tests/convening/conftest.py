"""Files of their own for each test of convening."""

import pytest


@pytest.fixture
def own_directory(settings, tmp_path):
    """Journals, dossiers and mails kept lie in a directory of the test."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path
