"""The vocabulary of Penstock: events, their order, their fold, messages, errors and ports. No I/O, no clock."""
