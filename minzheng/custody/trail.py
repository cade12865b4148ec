"""The audit trail: who loaded, looked, approved, released, decrypted or erased, and when, in the ledger's chain of hashes.

An act is written down before it is done, so that nobody looks first and pulls the plug; what failed is written too. The
ledger refuses changed and deleted lines, and each line carries the hash of all before it. No line holds a person.
"""

import contextlib
import functools
import os
import pwd
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from minzheng.custody.home import Home
from minzheng.custody.ledger import Ledger

ACT = "act"
LONG = ("by", "statement", "signature", "change")
"""Parts of an event that a line of the trail leaves out: who it is told of, and what only a program reads."""


@dataclass(frozen=True)
class Act:
    """One line of the trail: when, who (user of the operating system), what, and about what."""

    at: str
    who: str
    what: str
    about: dict


def user() -> str:
    """The user whom the operating system knows, whatever LOGNAME says; behind sudo, who became root."""
    own = _name(os.getuid())
    behind = os.environ.get("SUDO_UID", "")
    return f"{_name(int(behind))} as {own}" if os.getuid() == 0 and behind.isdigit() else own


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def note(home: Home, what: str, **about: object) -> None:
    """Append one act; it is on disk when this returns. `about` holds months, places, counts, never a person."""
    with Ledger(home) as ledger:
        ledger.record(ACT, {"who": user(), "what": what, "about": about})


def witnessed(what: str, *names: str, when: str | None = None) -> Callable:
    """Note a command before it runs, with its parameters `names`, and its failure; with `when`, only if that flag is set.

    The command must take `home`.
    """

    def wrap(command: Callable) -> Callable:
        @functools.wraps(command)
        def noted(**parameters: object) -> object:
            if when and not parameters[when]:
                return command(**parameters)
            about = {
                name: str(parameters[name])
                for name in names
                if parameters.get(name) not in (None, ())
            }
            note(parameters["home"], what, **about)
            try:
                return command(**parameters)
            except Exception as error:
                with contextlib.suppress(
                    Exception
                ):  # the reason of the failure is what must be told
                    note(parameters["home"], f"{what}: failed", **about, fault=type(error).__name__)
                raise

        return noted

    return wrap


def acts(ledger: Ledger) -> Iterator[Act]:
    """The trail in order."""
    for event in ledger.events(ACT, "confirmed", "opened", "delivery", "approver"):
        if event.kind == ACT:
            yield Act(event.at, event.body["who"], event.body["what"], event.body["about"])
        else:
            about = {name: value for name, value in event.body.items() if name not in LONG}
            yield Act(event.at, event.body.get("by", ""), event.kind, about)
