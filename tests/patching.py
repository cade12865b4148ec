"""Replace a function wherever it is known by name, so that a test need not know who imports it."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from unittest import mock

OURS = ("minzheng", "quality", "assets", "pipelines", "simulation")


@contextlib.contextmanager
def everywhere(place: str, **how) -> Iterator[mock.Mock]:
    """`module.function` replaced by one mock in its own module and in every loaded module of ours that imported it.

    Modules that are loaded meanwhile would keep the mock, so load them before.
    """
    module, name = place.rsplit(".", 1)
    original = getattr(importlib.import_module(module), name)
    stand_in = mock.MagicMock(**how)
    with contextlib.ExitStack() as stack:
        for known in list(sys.modules.values()):
            if known.__name__.split(".")[0] in OURS and getattr(known, name, None) is original:
                stack.enter_context(mock.patch.object(known, name, stand_in))
        yield stand_in
