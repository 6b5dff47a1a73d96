"""Codecs, events <-> bytes: one file per dialect. No I/O, no clock, and no dialect knows another."""
