"""Who may call: the resource's key as ``api-key`` or as a bearer, or an Entra token.

Signatures are not checked; expiry and audience are.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from penstock.emulator import refusals
from penstock.emulator.refusals import Reply

_JWT = re.compile(r"[\w-]+\.([\w-]+)\.[\w-]*")
_FOUNDRY = "https://ai.azure.com"
_CLASSIC = "https://cognitiveservices.azure.com"


class _Claims(Struct):
    aud: str
    exp: float


def refuse(headers: Mapping[str, str], *, api_key: str | None, audience: str | None) -> Reply | None:
    """Give the 401 that these headers deserve, or None when they may pass.

    Without an ``api_key`` of the emulator's own, any key passes, and none too; an Entra token is always looked at.
    ``audience`` None accepts both of Azure's audiences.
    """
    bearer = headers.get("Authorization", "").removeprefix("Bearer ").strip()
    jwt = _JWT.fullmatch(bearer)
    if jwt is not None:
        return None if _is_good_token(jwt[1], audience) else refusals.wrong_token()
    if api_key is None:
        return None
    given = headers.get("api-key") or bearer
    return None if hmac.compare_digest(given.encode(), api_key.encode()) else refusals.wrong_key()


def audience_of(*, is_classic: bool) -> str:
    """Give the audience that a surface's own documentation names."""
    return _CLASSIC if is_classic else _FOUNDRY


def _is_good_token(payload: str, audience: str | None) -> bool:
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=_Claims)
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError):
        return False
    accepted = {_FOUNDRY, _CLASSIC} if audience is None else {audience}
    return claims.aud.rstrip("/") in accepted and claims.exp > time.time()
