"""A home with three releases, made once a session."""

import pytest

from tests.site.releases import county_home


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return county_home(tmp_path_factory.mktemp("home"))
