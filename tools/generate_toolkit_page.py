"""Write `docs/reference/toolkit.md` from the docstrings and signatures of what programs import.

python tools/generate_toolkit_page.py
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, is_typeddict

TARGET: Final = Path(__file__).resolve().parents[1] / "docs" / "reference" / "toolkit.md"

HEAD: Final = """# The toolkit

What `import penstock` and `penstock.integrations` offer a program, generated from the docstrings by
`tools/generate_toolkit_page.py`. How to use it: docs/howto.
"""

SECTIONS: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "Ask": (
        ("penstock.toolkit.asking_once", ("stream", "text_stream", "collect", "stream_sync", "collect_sync")),
        ("penstock.toolkit.asking", ("Asking",)),
    ),
    "Clients": (
        ("penstock.toolkit.client", ("Client", "Configuration")),
        ("penstock.toolkit.sync_client", ("SyncClient",)),
    ),
    "Answers": (
        ("penstock.toolkit.answer_stream", ("AnswerStream",)),
        ("penstock.toolkit.sync_client", ("SyncAnswerStream",)),
        ("penstock.toolkit.answer", ("Answer", "AnswerError")),
        ("penstock.toolkit.collector", ("Collector",)),
    ),
    "Pipelines of one's own": (
        ("penstock.core.requests", ("ModelRequest",)),
        ("penstock.toolkit.stages", ("Stage", "source")),
    ),
    "FastAPI and Starlette": (("penstock.integrations.asgi", ("Api", "StreamingAnswer")),),
    "Flask, and other WSGI programs": (
        ("penstock.integrations.flask", ("StreamingAnswer",)),
        ("penstock.integrations.wsgi", ("Api",)),
    ),
    "Errors": (
        ("penstock.core.errors", ("PenstockError", "CallerError", "ProviderError")),
        ("penstock.composition.settings", ("SettingsError",)),
    ),
}
"""Title -> the module and the names of what stands under it."""

GIVEN: Final = {"AnswerStream", "SyncAnswerStream"}
"""Classes that a program gets, and does not make."""


def write_page() -> str:
    """Give the page."""
    parts = [HEAD]
    for title, places in SECTIONS.items():
        parts.append(f"\n## {title}\n")
        for module, names in places:
            parts += [_describe(module, name) for name in names]
    return "".join(parts)


def _describe(module: str, name: str) -> str:
    thing = getattr(import_module(module), name)
    where = module if module.startswith("penstock.integrations") else "penstock"
    if inspect.isfunction(thing):
        return f"\n### `{name}`\n\n{_signature(name, thing)}\n{_text(thing)}\n"
    head = f"\n### `{name}`\n\n"
    if is_typeddict(thing):
        return f"{head}{_text(thing)}\n\n{_table(thing)}"
    source = f"    from {where} import {name}\n\n" if where != "penstock" else ""
    is_given = name in GIVEN or issubclass(thing, Exception) or _is_struct(thing)
    call = "" if is_given else f"{_signature(name, thing.__init__)}\n"
    made = "" if is_given or thing.__init__.__doc__ is None else _text(thing.__init__)
    about = "\n\n".join(text for text in (_text(thing), made) if text)
    return f"{head}{source}{call}{about}\n\n{_table(thing) if _is_struct(thing) else ''}{''.join(_members(thing))}"


def _members(kind: type) -> Iterator[str]:
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property) and member.fget is not None:
            returns = member.fget.__annotations__.get("return", "")
            yield f"- `{name}: {returns}`: {_line(member)}\n"
        elif inspect.isfunction(member) and inspect.getdoc(member):
            prefix = "await " if inspect.iscoroutinefunction(member) else ""
            yield f"- `{prefix}{name}{_arguments(member)}{_arrow(member)}`: {_line(member)}\n"


def _signature(name: str, function: Callable[..., Any]) -> str:
    prefix = "await " if inspect.iscoroutinefunction(function) else ""
    return f"    {prefix}{name}{_arguments(function)}{_arrow(function)}\n"


def _arrow(function: Callable[..., Any]) -> str:
    returns = function.__annotations__.get("return")
    return f" -> {returns}" if returns not in {None, "None"} else ""


def _arguments(function: Callable[..., Any]) -> str:
    signature = inspect.signature(function)
    kept = [parameter for name, parameter in signature.parameters.items() if name != "self"]
    plain = signature.replace(parameters=kept, return_annotation=inspect.Signature.empty)
    return re.sub(r": '([^']*)'", r": \1", str(plain))


def _table(kind: type) -> str:
    """List the fields, with what stands under them in the source."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(definition, ast.ClassDef):
        return ""
    rows: list[str] = []
    for node in definition.body:
        if isinstance(node, ast.AnnAssign):
            rows.append(f"- `{ast.unparse(node.target)}: {ast.unparse(node.annotation)}`")
        elif rows and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            rows[-1] += f": {' '.join(str(node.value.value).replace('``', '`').split())}"
        elif rows:
            break
    return "".join(f"{row}\n" for row in rows)


def _text(thing: object) -> str:
    return (inspect.getdoc(thing) or "").replace("\n::\n", "").replace("``", "`")


def _line(thing: object) -> str:
    return " ".join(_text(thing).split())


def _is_struct(kind: type) -> bool:
    return hasattr(kind, "__struct_fields__")


if __name__ == "__main__":
    TARGET.write_text(write_page(), encoding="utf-8")
