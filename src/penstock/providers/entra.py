"""Entra ID tokens by azure-identity, which is imported on first use because it takes 0.3 s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core.errors import ProviderError

if TYPE_CHECKING:
    from azure.identity.aio import DefaultAzureCredential


class EntraTokens:
    """Tokens of whoever runs this: a managed identity, a workload, a developer's sign-in.

    The library keeps each token and renews it in time.
    """

    def __init__(self, scope: str) -> None:
        """Prepare; nobody is asked."""
        self._scope = scope
        self._credential: DefaultAzureCredential | None = None

    def __repr__(self) -> str:
        """Show the scope."""
        return f"EntraTokens(scope={self._scope!r})"

    async def token(self) -> str:
        """Give a token that is valid now; raises `ProviderError` (``authentication``)."""
        from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415 - see the module's docstring

        try:
            token = await self._find().get_token(self._scope)
        except ClientAuthenticationError as error:
            message = (
                "No Entra ID sign-in was found. Sign in with `az login`, give this machine a managed identity, "
                "or set an API key."
            )
            raise ProviderError(message, code="authentication") from error
        return token.token

    async def close(self) -> None:
        """Release the connections to the sign-in service."""
        if self._credential is not None:
            await self._credential.close()
            self._credential = None

    def _find(self) -> DefaultAzureCredential:
        if self._credential is None:
            from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - see the module's docstring

            self._credential = DefaultAzureCredential()
        return self._credential
