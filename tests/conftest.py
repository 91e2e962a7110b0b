"""Knowledge bases are read anew in tests, unless a test says otherwise."""

from __future__ import annotations

import os

os.environ["UNMET_CACHE"] = "off"
