"""A home at work, as the tests of privacy have it."""

from tests.privacy.conftest import children, office  # noqa: F401
