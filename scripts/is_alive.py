"""`python -m scripts.is_alive`: exit with 0 if the server on PORT responds; the container's health check."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    address = f"http://127.0.0.1:{os.environ.get('PORT', '5001')}/health/live"
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return 0 if response.status == 200 else 1
    except (urllib.error.URLError, OSError) as error:
        print(f"{address}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
