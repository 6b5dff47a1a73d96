"""Model services: bytes of a service -> canonical events. One file per service; nobody outside knows them."""
