"""Places for files, behind one port."""

from services.storage.incoming import IncomingFile
from services.storage.local import LocalStore
from services.storage.port import Store

__all__ = ["IncomingFile", "LocalStore", "Store"]
