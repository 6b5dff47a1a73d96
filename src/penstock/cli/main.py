"""The ``penstock`` command: its commands, each of which loads its own file when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from penstock import __version__

app = typer.Typer(
    name="penstock",
    help="Streaming chat on Azure OpenAI and other model services.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
database = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(database, name="db")

Config = Annotated[
    Path | None,
    typer.Option("--config", envvar="PENSTOCK_CONFIG", help="Settings file; default penstock.toml in this folder."),
]


@app.callback(invoke_without_command=True)
def penstock(
    is_version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Streaming chat on Azure OpenAI and other model services."""
    if is_version:
        print(__version__)
        raise typer.Exit


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    config: Config = None,
    workers: Annotated[int | None, typer.Option(help="Processes that serve; several need PostgreSQL.")] = None,
    is_insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen on other than loopback although nobody has to sign in.")
    ] = False,
) -> None:
    """Serve the web chat and the API."""
    from penstock.cli.serve import run_serve  # noqa: PLC0415 - each command loads what it needs

    run_serve(config=config, host=host, port=port, workers=workers, is_insecure=is_insecure)


@app.command()
def chat(
    prompt: Annotated[str | None, typer.Argument(help="What to ask; without it, a dialogue.")] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help="The model's id.")] = None,
    url: Annotated[str | None, typer.Option(help="A running server; without it the answer is made here.")] = None,
    config: Config = None,
) -> None:
    """Stream an answer in the terminal; Ctrl-C stops it and shows what it cost."""
    from penstock.cli.chat import run_chat  # noqa: PLC0415 - each command loads what it needs

    run_chat(prompt=prompt, model=model, url=url, config=config)


@app.command()
def emulator(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8001,
    profile: Annotated[str, typer.Option(help="Latency profile.")] = "azure-default",
    api_key: Annotated[str | None, typer.Option(help="The only key that passes; without it every key does.")] = None,
) -> None:
    """Run the Azure OpenAI emulator on its own."""
    from penstock.cli.emulator import serve_emulator  # noqa: PLC0415 - each command loads what it needs

    serve_emulator(host=host, port=port, profile=profile, api_key=api_key)


@app.command()
def models(config: Config = None) -> None:
    """List the configured models with their prices."""
    from penstock.cli.models import run_models  # noqa: PLC0415 - each command loads what it needs

    run_models(config=config)


@app.command()
def doctor(config: Config = None) -> None:
    """Say what is configured, try it, and name what to fix."""
    from penstock.cli.doctor import run_doctor  # noqa: PLC0415 - each command loads what it needs

    run_doctor(config=config)


@database.command()
def upgrade(config: Config = None) -> None:
    """Bring the database to this program's version."""
    from penstock.cli.database import run_upgrade  # noqa: PLC0415 - each command loads what it needs

    run_upgrade(config=config)


if __name__ == "__main__":
    app()
