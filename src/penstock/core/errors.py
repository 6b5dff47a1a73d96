"""Every error that Penstock raises on purpose, and whose fault it is.

An error has a stable ``code`` (what programs test), says whether trying again can help, and carries one sentence a
person can act on. Adapters translate foreign errors into these once, by a table, with ``raise ... from``. No HTTP
status lives here: the server maps codes to statuses.
"""

from __future__ import annotations


class PenstockError(Exception):
    """The root: ``code`` is stable, ``message`` is for a person, ``is_retryable``: the same call may succeed later."""

    code: str = "internal"
    is_retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        is_retryable: bool | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        """Keep the sentence, and what differs from the class's own code and retryability."""
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s
        if code is not None:
            self.code = code
        if is_retryable is not None:
            self.is_retryable = is_retryable

    def __repr__(self) -> str:
        """Show the observable state."""
        return f"{type(self).__name__}(code={self.code!r}, message={self.message!r}, is_retryable={self.is_retryable})"


class CallerError(PenstockError):
    """The request is at fault; nothing was changed. ``field`` names the part of the request, as a dotted path."""

    code = "invalid_request"

    def __init__(self, message: str, *, field: str | None = None, code: str | None = None) -> None:
        """Keep the name of the field at fault beside the sentence."""
        super().__init__(message, code=code)
        self.field = field


class NotFoundError(CallerError):
    """No such thing for this owner. Another owner's thing gives exactly the same error."""

    code = "not_found"


class ConflictError(CallerError):
    """The thing changed since the caller read it, or is in a state that forbids the call."""

    code = "conflict"


class GoneError(CallerError):
    """The thing existed and was dropped on purpose: a run's log after its retention time."""

    code = "gone"


class ProviderError(PenstockError):
    """The model service refused or failed. ``status`` is its HTTP status, if it answered with one."""

    code = "provider_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        is_retryable: bool | None = None,
        retry_after_s: float | None = None,
        status: int | None = None,
    ) -> None:
        """Keep the service's HTTP status beside the sentence."""
        super().__init__(message, code=code, is_retryable=is_retryable, retry_after_s=retry_after_s)
        self.status = status


class UpstreamEndedError(ProviderError):
    """The stream ended without a proof of completion: the run is interrupted, never finished."""

    code = "upstream_eof"
    is_retryable = True


class ProtocolError(PenstockError):
    """Somebody broke the order of events or the framing of a wire: a defect, not a condition."""

    code = "protocol_error"


class StoreError(PenstockError):
    """The database refused: locked, full, newer than this program, or away."""

    code = "store_error"
    is_retryable = True


class UnavailableError(PenstockError):
    """The server takes no new work now: it drains, or a limit is reached."""

    code = "unavailable"
    is_retryable = True
