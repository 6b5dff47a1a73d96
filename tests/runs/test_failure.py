"""What the end of a run says of what broke it."""

from __future__ import annotations

import pytest

from penstock.core import events as e
from penstock.core.errors import ProtocolError, ProviderError, UpstreamEndedError
from penstock.runs.failure import INTERNAL_ERROR, failure_of


def test_a_services_error_keeps_its_words():
    error = ProviderError("Too fast.", code="rate_limited", is_retryable=True, retry_after_s=3)

    failed = e.RunFailed(code="rate_limited", message="Too fast.", retryable=True, retry_after_s=3)
    assert failure_of(error, "run-1") == failed


def test_bytes_that_just_end_are_an_interruption():
    assert failure_of(UpstreamEndedError("Cut."), "run-1") == e.RunInterrupted(cause="upstream-eof")


@pytest.mark.parametrize("error", [ProtocolError("A delta of nothing."), KeyError("a secret")])
def test_our_own_defects_say_nothing_of_the_inside(error: Exception, caplog: pytest.LogCaptureFixture):
    assert failure_of(error, "run-1") == e.RunFailed(code="internal", message=INTERNAL_ERROR)
    assert "run-1" in caplog.text
