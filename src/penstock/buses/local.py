"""The bus of a single process: who produces a run hears its stop at once."""

from __future__ import annotations

from collections.abc import Callable


class LocalBus:
    """Stop signals within one process."""

    def __init__(self) -> None:
        """Start with nobody listening."""
        self._handlers: dict[str, list[Callable[[], None]]] = {}

    def __repr__(self) -> str:
        """Show how many runs are listened for."""
        return f"LocalBus(runs={len(self._handlers)})"

    async def send_stop(self, run_id: str) -> bool:
        """Call every handler of the run; True when there was one."""
        handlers = tuple(self._handlers.get(run_id, ()))
        for handler in handlers:
            handler()
        return bool(handlers)

    def on_stop(self, run_id: str, handler: Callable[[], None]) -> Callable[[], None]:
        """Call ``handler`` when a stop for the run arrives; the result unsubscribes and may be called twice."""
        self._handlers.setdefault(run_id, []).append(handler)

        def unsubscribe() -> None:
            handlers = self._handlers.get(run_id, [])
            if handler in handlers:
                handlers.remove(handler)
            if not handlers:
                self._handlers.pop(run_id, None)

        return unsubscribe

    async def close(self) -> None:
        """Forget every handler."""
        self._handlers = {}
