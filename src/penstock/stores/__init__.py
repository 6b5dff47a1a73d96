"""Adapters of the storage port: conversations, messages, runs and their logs on SQL."""
