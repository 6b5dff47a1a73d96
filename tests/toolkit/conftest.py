"""An emulator, and clients of its models, for the tests of this folder."""

from support.toolkit_fixtures import client, distant_emulator, emulator, own_environment, sync_client

__all__ = ["client", "distant_emulator", "emulator", "own_environment", "sync_client"]
