"""What broke an answer -> the terminal that says so."""

from __future__ import annotations

import logging
from typing import Final

from penstock.core.errors import ProtocolError, ProviderError, UpstreamEndedError
from penstock.core.events import RunFailed, RunInterrupted, Terminal

INTERNAL_ERROR: Final = "Something went wrong inside the server. What was written so far is kept."

_log = logging.getLogger(__name__)


def failure_of(error: Exception, run_id: str) -> Terminal:
    """Give the terminal: a service's error in its own words; of ours nothing but that there was one, and a log line."""
    match error:
        case UpstreamEndedError():
            return RunInterrupted(cause="upstream-eof")
        case ProviderError():
            return RunFailed(
                code=error.code,
                message=error.message,
                retryable=error.is_retryable,
                retry_after_s=error.retry_after_s,
            )
        case ProtocolError():
            _log.error("Run %s broke the order of events: %s", run_id, error)
        case _:
            _log.error("Run %s broke.", run_id, exc_info=error)
    return RunFailed(code="internal", message=INTERNAL_ERROR)
