"""Tool calls of chat completions: fragments by index -> calls. Several may grow side by side."""

from __future__ import annotations

import json

from penstock.core.events import Json
from penstock.providers.answer_writer import AnswerWriter
from penstock.providers.foreign_json import as_count, as_object, as_text


class _Slot:
    """What is known of the call at one index; it opens once it has a name."""

    __slots__ = ("arguments", "given_id", "name", "open_id")

    def __init__(self, given_id: str | None) -> None:
        self.given_id = given_id
        self.name: str | None = None
        self.arguments: list[str] = []
        self.open_id: str | None = None


class ToolCallReader:
    """Reads the items of ``delta.tool_calls`` in order and writes the calls."""

    def __init__(self, writer: AnswerWriter) -> None:
        """Start without a call."""
        self._writer = writer
        self._slots: dict[int, _Slot] = {}
        self._opened = 0

    def read(self, item: dict[str, Json]) -> None:
        """Take one item: the first of a call has its id and name, the others more of its arguments."""
        call_id = as_text(item.get("id"))
        function = as_object(item.get("function"))
        slot = self._find(as_count(item.get("index")), call_id)
        slot.name = slot.name or as_text(function.get("name"))
        arguments = _read_arguments(function.get("arguments"))
        if arguments:
            slot.arguments.append(arguments)
        if slot.name is not None:
            self._write(slot)

    def end(self) -> None:
        """Open the calls that never had a name; to be called before the parts end."""
        for slot in self._slots.values():
            if slot.open_id is None and (slot.arguments or slot.given_id):
                self._write(slot)
        self._slots.clear()

    def _find(self, index: int | None, call_id: str | None) -> _Slot:
        """Find the call an item continues: by index, but a new id is a new call (some services number all 0)."""
        if index is None:
            known = [key for key, slot in self._slots.items() if call_id is None or slot.given_id == call_id]
            index = known[-1] if known else len(self._slots)
        slot = self._slots.get(index)
        if slot is None or (call_id is not None and slot.given_id not in {None, call_id}):
            slot = self._slots[index] = _Slot(call_id)
        slot.given_id = slot.given_id or call_id
        return slot

    def _write(self, slot: _Slot) -> None:
        if slot.open_id is None:
            wanted = slot.given_id or f"call-{self._opened}"
            slot.open_id = self._writer.start_call(wanted, slot.name or "")
            self._opened += 1
        for fragment in slot.arguments:
            self._writer.write_arguments(slot.open_id, fragment)
        slot.arguments.clear()


def _read_arguments(value: Json) -> str:
    """Read raw arguments; gateways before services that parse them themselves give them as an object."""
    if isinstance(value, dict) and value:
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str) else ""
