"""One call that a service answers with a stream, read to its end."""

from __future__ import annotations

from typing import Protocol

from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.core.events import Event
from penstock.providers.error_shapes import Service
from penstock.providers.http_client import HttpCall, Timeouts
from penstock.providers.retry import SilenceError
from penstock.providers.silence import SilenceWatch


class Decoder(Protocol):
    """Bytes of one answer -> events, without I/O. After each `feed` and `end`, look at `error`."""

    error: ProviderError | None
    is_done: bool

    @property
    def is_finished(self) -> bool:
        """Whether the service proved that the answer is complete."""
        ...

    @property
    def has_started(self) -> bool:
        """Whether `StepStarted` was given."""
        ...

    @property
    def has_content(self) -> bool:
        """Whether anything was given that a reader may have seen: then no retry."""
        ...

    def feed(self, data: bytes) -> tuple[Event, ...]:
        """Take the bytes of one socket read; they may be cut anywhere."""
        ...

    def end(self) -> tuple[Event, ...]:
        """Say that no more bytes come."""
        ...


class Attempt:
    """Reads the call into its decoder; `leave` it in the end, however it ended."""

    def __init__(self, call: HttpCall, decoder: Decoder, service: Service, limits: Timeouts) -> None:
        """Begin to watch for silence."""
        self._call = call
        self._decoder = decoder
        self._service = service
        self._limits = limits
        self._left_bytes = limits.after_finish_bytes
        self._has_content = False
        self._is_finished = False
        self._silence = f"said nothing for {limits.first_token_s:g} s (first-token timeout)"
        self._was_silent = False
        self._watch = SilenceWatch(limits.first_token_s, self._cut_for_silence)

    def __repr__(self) -> str:
        """Show the call and the decoder."""
        return f"Attempt({self._call!r}, {self._decoder!r})"

    async def read(self) -> tuple[Event, ...]:
        """Give what the next socket read brings, and nothing at the end; raises why there is no more, if not whole."""
        decoder = self._decoder
        while not decoder.is_done:
            data = await self._call.read()
            batch = decoder.feed(data) if data and self._left_bytes > 0 else decoder.end()
            if self._is_finished:
                self._left_bytes -= len(data)
            elif decoder.is_finished:
                self._is_finished = True
                self._watch.change(self._limits.after_finish_s)
            elif batch:
                self._note_content()
            if batch:
                return batch
        if decoder.error is not None:
            raise self._explain(decoder.error)
        return ()

    def leave(self) -> None:
        """Give the connection back after a whole answer; cut it after any other."""
        self._watch.cancel()
        if self._decoder.is_done and self._decoder.error is None:
            self._call.finish()
        else:
            self._call.cut()

    def _note_content(self) -> None:
        if self._has_content:
            self._watch.touch()
        elif self._decoder.has_content:
            self._has_content = True
            self._silence = f"stopped in the middle of the answer for {self._limits.between_tokens_s:g} s"
            self._watch.change(self._limits.between_tokens_s)

    def _cut_for_silence(self) -> None:
        self._was_silent = True
        self._call.cut()

    def _explain(self, error: ProviderError) -> ProviderError:
        """Tell a cut of our own for silence from one of the service."""
        if not isinstance(error, UpstreamEndedError) or not self._was_silent:
            return error
        return SilenceError(f"{self._service.name} {self._silence}. Try again.")
