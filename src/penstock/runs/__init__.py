"""The use cases: begin, follow, stop, recover. They know core and its ports; no adapter, no wire, no HTTP."""
