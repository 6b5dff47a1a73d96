"""A store in memory that keeps the port honestly, with a hand on every commit: for the tests of this room."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

import msgspec

from penstock.core.errors import ConflictError, GoneError, NotFoundError, StoreError
from penstock.core.log import Batch
from penstock.core.messages import Attachment, Conversation, Message, Run, TokenUsage
from penstock.core.storage import Beginning, Begun, Claim, ConversationPage, Ending, Expired, LiveRun, LogEnd
from penstock.core.usage import Cost

Committed = Callable[[StoreError | None], None]


class MemoryStore:
    """Commits on the next turn of the loop; `withhold` keeps appends back, and errors can be put in their way."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.logs: dict[str, list[Batch]] = {}
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, list[Message]] = {}
        self.waiting: deque[tuple[str, Batch, Committed]] = deque()
        self.is_withholding = False
        self.append_error: StoreError | None = None
        self.finish_errors: deque[StoreError] = deque()
        self.finish_count = 0
        self.begin_gate: asyncio.Event | None = None
        self.finish_gate: asyncio.Event | None = None
        self.swept: set[str] = set()
        self.endings: list[Ending] = []
        self.expired = Expired()
        self.asked_expired: tuple[float, float] | None = None
        self.purged: list[Expired] = []
        self.ended_leases: list[str] = []
        self.living: set[str] = set()

    # --- the journal

    def append(self, run_id: str, batch: Batch, committed: Committed) -> None:
        self.waiting.append((run_id, batch, committed))
        if not self.is_withholding:
            asyncio.get_running_loop().call_soon(self.commit)

    def commit(self) -> None:
        """Commit all that waits, as one group."""
        while self.waiting:
            run_id, batch, committed = self.waiting.popleft()
            error = self.append_error
            if error is None and not self.runs[run_id].is_live:
                error = StoreError("The run has ended.")
            if error is None and self.logs[run_id][-1].next_seq != batch.first_seq:
                error = StoreError("A batch before was lost.")
            if error is None:
                self.logs[run_id].append(batch)
            committed(error)

    async def read(self, run_id: str, *, after: int = -1, limit: int | None = None) -> list[Batch]:
        await asyncio.sleep(0)
        if run_id in self.swept:
            message = "The log is gone."
            raise GoneError(message)
        found = [batch.after(after) for batch in self.logs[run_id] if batch.next_seq > after + 1]
        return found[:limit]

    # --- runs

    async def begin(self, beginning: Beginning) -> Begun:
        await (asyncio.sleep(0) if self.begin_gate is None else self.begin_gate.wait())
        run = beginning.run
        conversation = beginning.conversation
        if conversation is not None:
            kept = self.conversations.get(conversation.id)
            if kept is not None and kept.owner != run.owner:
                message = "No such conversation."
                raise NotFoundError(message)
            if kept is not None and kept.deleted_at is not None:
                message = "The conversation was deleted."
                raise ConflictError(message)
        for other in self.runs.values():
            if run.client_message_id is not None and self._submit(other) == self._submit(run):
                return Begun(run=other, is_new=False)
        if conversation is not None:
            self.conversations.setdefault(conversation.id, conversation)
            self.messages.setdefault(conversation.id, []).extend(beginning.messages)
        self.runs[run.id] = run
        self.logs[run.id] = [beginning.first_batch]
        return Begun(run=run, is_new=True)

    @staticmethod
    def _submit(run: Run) -> tuple[str, str | None, str | None]:
        return run.owner, run.conversation_id, run.client_message_id

    async def finish(self, ending: Ending) -> bool:
        self.finish_count += 1
        await (asyncio.sleep(0) if self.finish_gate is None else self.finish_gate.wait())
        if self.finish_errors:
            raise self.finish_errors.popleft()
        run = self.runs[ending.run_id]
        if not run.is_live or run.epoch != ending.epoch:
            return False
        assert ending.last_batch.first_seq == (self.logs[run.id][-1].next_seq if self.logs[run.id] else 0), "a gap"
        folded = ending.folded
        self.runs[run.id] = msgspec.structs.replace(
            run,
            status=ending.status,
            ended_at=ending.ended_at,
            upstream_closed=ending.upstream_closed,
            usage=folded.usage,
            cost=folded.cost,
            timings=folded.timings,
        )
        self.logs[run.id].append(ending.last_batch)
        if ending.message is not None:
            self.messages[ending.message.conversation_id].append(ending.message)
        self.endings.append(ending)
        return True

    async def get_run(self, owner: str, run_id: str) -> Run:
        run = self.runs.get(run_id)
        if run is None or run.owner != owner:
            message = "No such run."
            raise NotFoundError(message)
        return run

    async def find_live_run(self, owner: str, conversation_id: str) -> Run | None:
        for run in reversed(self.runs.values()):
            if run.is_live and (run.owner, run.conversation_id) == (owner, conversation_id):
                return run
        return None

    async def list_runs(self, owner: str, conversation_id: str) -> list[Run]:
        return [run for run in self.runs.values() if (run.owner, run.conversation_id) == (owner, conversation_id)]

    async def request_stop(self, owner: str, run_id: str, *, at: float) -> Run:
        run = msgspec.structs.replace(await self.get_run(owner, run_id), stop_requested_at=at)
        self.runs[run_id] = run
        return run

    async def find_end(self, run_id: str) -> LogEnd:
        await self.read(run_id)
        log = self.logs[run_id]
        return LogEnd(log[-1].next_seq if log else 0, bool(log) and log[-1].is_terminal)

    async def renew_lease(self, instance: str, *, lease_s: float) -> list[LiveRun]:
        assert lease_s > 0
        own = [run for run in self.runs.values() if run.is_live and run.instance == instance]
        return [LiveRun(run.id, run.owner, run.stop_requested_at is not None) for run in own]

    async def end_lease(self, instance: str) -> None:
        self.ended_leases.append(instance)

    async def list_orphans(self, instance: str) -> list[Run]:
        return [run for run in self.runs.values() if run.is_live and run.instance not in {instance, *self.living}]

    async def claim_run(self, run: Run, instance: str) -> Claim | None:
        kept = self.runs[run.id]
        if not kept.is_live or kept.epoch != run.epoch:
            return None
        claimed = msgspec.structs.replace(kept, instance=instance, epoch=kept.epoch + 1)
        self.runs[run.id] = claimed
        tokens = [batch.resume_token for batch in self.logs.get(run.id, ()) if batch.resume_token is not None]
        return Claim(claimed, tokens[-1] if tokens else None)

    async def sweep(self, *, ended_before: float) -> int:
        old = {run.id for run in self.runs.values() if run.ended_at is not None and run.ended_at < ended_before}
        count = len(old - self.swept)
        self.swept |= old
        return count

    # --- conversations

    async def create_conversation(self, conversation: Conversation) -> Conversation:
        self.conversations[conversation.id] = conversation
        self.messages[conversation.id] = []
        return conversation

    async def get_conversation(self, owner: str, conversation_id: str) -> Conversation:
        kept = self.conversations.get(conversation_id)
        if kept is None or kept.owner != owner or kept.deleted_at is not None:
            message = "No such conversation."
            raise NotFoundError(message)
        return kept

    async def list_conversations(
        self, owner: str, *, query: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> ConversationPage:
        raise NotImplementedError

    async def update_conversation(
        self, owner: str, conversation_id: str, *, version: int, changes: dict[str, object]
    ) -> Conversation:
        kept = await self.get_conversation(owner, conversation_id)
        if kept.version != version:
            message = "It was changed meanwhile."
            raise ConflictError(message)
        changed = msgspec.structs.replace(kept, **changes, version=version + 1)
        self.conversations[conversation_id] = changed
        return changed

    async def suggest_title(
        self,
        owner: str,
        conversation_id: str,
        title: str,
        *,
        source: Literal["words", "model"],
        usage: TokenUsage | None = None,
        cost: Cost | None = None,
    ) -> Conversation:
        kept = await self.get_conversation(owner, conversation_id)
        if kept.title_source != "person":
            kept = msgspec.structs.replace(kept, title=title, title_source=source, version=kept.version + 1)
        named = msgspec.structs.replace(kept, title_usage=usage, title_cost=cost)
        self.conversations[conversation_id] = named
        return named

    async def mark_seen(self, owner: str, conversation_id: str, *, at: float) -> Conversation:
        raise NotImplementedError

    async def delete_conversation(self, owner: str, conversation_id: str, *, at: float) -> Conversation:
        kept = msgspec.structs.replace(await self.get_conversation(owner, conversation_id), deleted_at=at)
        self.conversations[conversation_id] = kept
        return kept

    async def restore_conversation(self, owner: str, conversation_id: str) -> Conversation:
        raise NotImplementedError

    async def list_messages(self, owner: str, conversation_id: str) -> list[Message]:
        await self.get_conversation(owner, conversation_id)
        return list(self.messages[conversation_id])

    # --- attachments

    async def add_attachment(self, attachment: Attachment, *, quota_bytes: int) -> Attachment:
        raise NotImplementedError

    async def get_attachment(self, owner: str, attachment_id: str) -> Attachment:
        raise NotImplementedError

    async def delete_attachment(self, owner: str, attachment_id: str) -> None:
        raise NotImplementedError

    async def list_expired(self, *, deleted_before: float, unsent_before: float, limit: int) -> Expired:
        self.asked_expired = (deleted_before, unsent_before)
        assert len(self.expired.conversation_ids) <= limit
        return self.expired

    async def purge(self, expired: Expired) -> None:
        self.purged.append(expired)
        self.expired = Expired()

    async def check(self) -> None:
        return

    async def close(self) -> None:
        return
