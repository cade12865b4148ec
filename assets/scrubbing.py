"""What Dagster would print of a failed step: the kind of error and the place in our code, never its text.

Libraries put rows into their messages. DAGSTER_REDACT_USER_CODE_ERRORS keeps them out of the event log, but writes them with
the whole traceback to the process's standard error instead; this takes them out there too, and every log record passes
the egress gate. Our own faults
(`MinzhengError`) name files, months and rules only, and are shown.
"""

import contextlib
import logging
import os
import re
from collections.abc import Iterator

import dagster as dg

from minzheng.custody.egress.kinds import identities
from minzheng.errors import MinzhengError, of_the_machine, places

REDACTED = "dagster.redacted_errors"
_LONG_NUMBER = re.compile(r"\d{14}|\d[eE]\+?17|\d{4}[ -]\d{4}[ -]\d{4}|\d{6}[ -]\d{8}")


class StepFault(dg.Failure):
    """What a step tells of why it failed: `fault`, whose Chinese line the UI shows. Nothing else of a failure is ever kept."""

    def __init__(self, fault: MinzhengError):
        super().__init__(fault.zh)
        self.fault = fault

    @property
    def _redacted_error_uuid(self) -> None:
        """Dagster marks what it masks by this attribute; this error is fit to be read as it is, and stays unmarked."""
        return None

    @_redacted_error_uuid.setter
    def _redacted_error_uuid(self, _: str) -> None:
        pass


@contextlib.contextmanager
def scrubbed_faults() -> Iterator[None]:
    """Let nothing out of a step but faults of ours and, for anything else, its kind and place; never what caused them."""
    try:
        yield
    except StepFault:
        raise
    except MinzhengError as error:
        raise StepFault(error) from None
    except Exception as error:
        kept = cause_of(error)
        internal = MinzhengError(
            f"internal error {kept}; nothing more is shown, for it could name a person",
            f"程序内部错误({kept}),请转给维护人员",
        )
        raise StepFault(of_the_machine(error) or internal) from None


class Scrub(logging.Filter):
    """Reduces an exception on a log record to what may be told, and drops what the UI and the command line tell anyhow."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without traceback and text, unless a step has said it in its own words."""
        if record.exc_info and isinstance(record.exc_info[1], StepFault):
            return False
        if record.exc_info and record.exc_info[1] is not None:
            record.msg, record.args = f"{record.getMessage()}: {cause_of(record.exc_info[1])}", ()
        record.exc_info, record.exc_text, record.stack_info = None, None, None
        return True


def cause_of(error: BaseException) -> str:
    """The innermost cause: a fault of ours in its words, anything else by its type and the places in our code."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (
        str(error)
        if isinstance(error, MinzhengError)
        else f"{type(error).__name__} at {places(error)}"
    )


class Gated(logging.LogRecord):
    """A log record that is withheld when it holds an id number or an account: logs leave the restricted zone."""

    def getMessage(self) -> str:  # noqa: N802  logging's own name
        """The message, or what kinds of identity it held."""
        message = super().getMessage()
        if not _LONG_NUMBER.search(message):
            return message

        kinds = sorted({kind for _, kind, _ in identities([message], ())})
        return f"withheld: {', '.join(kinds)}" if kinds else message


def keep_private() -> None:
    """Make this process tell nothing more, and its files its owner's alone whatever its umask was; may be called again."""
    os.umask(0o077)
    os.environ.setdefault("DAGSTER_REDACT_USER_CODE_ERRORS", "1")
    logging.setLogRecordFactory(Gated)
    logger = logging.getLogger(REDACTED)
    if not any(isinstance(one, Scrub) for one in logger.filters):
        logger.addFilter(Scrub())
