"""``penstock emulator``."""

from __future__ import annotations

import asyncio
import signal

from penstock.cli.failure import USAGE, fail
from penstock.emulator.server import start_emulator


async def run_emulator(*, host: str, port: int, profile: str, api_key: str | None) -> None:
    """Run until a signal ends it."""
    try:
        emulator = await start_emulator(host=host, port=port, profile=profile, api_key=api_key)
    except OSError as error:
        sentence = f"{host}:{port} cannot be listened on ({error.strerror}): choose another --port."
        raise fail(sentence) from None
    except ValueError as error:
        raise fail(str(error), code=USAGE) from None
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    print(f"The emulator is ready: {emulator.url}", flush=True)
    print(
        f"export AZURE_OPENAI_ENDPOINT={emulator.url} AZURE_OPENAI_API_KEY={api_key or 'any'} "
        "AZURE_OPENAI_DEPLOYMENT=gpt-5.4-mini",
        flush=True,
    )
    await ended.wait()
    await emulator.close()
