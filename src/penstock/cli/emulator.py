"""``penstock emulator``."""

from __future__ import annotations

from penstock.cli.failure import USAGE, fail
from penstock.emulator.server import Emulator, run_emulator


def serve_emulator(*, host: str, port: int, profile: str, api_key: str | None) -> None:
    """Run until a signal ends it."""

    def say(emulator: Emulator) -> None:
        print(f"The emulator is ready: {emulator.url}")
        print(
            f"export AZURE_OPENAI_ENDPOINT={emulator.url} AZURE_OPENAI_API_KEY={api_key or 'any'} "
            "AZURE_OPENAI_DEPLOYMENT=gpt-5.4-mini",
            flush=True,
        )

    try:
        run_emulator(host, port, profile, api_key=api_key, on_ready=say)
    except OSError as error:
        sentence = f"{host}:{port} cannot be listened on ({error.strerror}): choose another --port."
        raise fail(sentence) from None
    except ValueError as error:
        raise fail(str(error), code=USAGE) from None
