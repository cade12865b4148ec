"""A home at work, as the tests of privacy have it."""

from tests.privacy.conftest import busy, children, office, stored  # noqa: F401  fixtures, asked for by name
