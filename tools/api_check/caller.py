"""Prints the header by which the caller of this check is known."""

import json
import os

with open(os.environ["API_CHECK_SCENE"], encoding="utf-8") as file:
    headers = json.load(file)["callers"][os.environ["API_CHECK_CALLER"]]
for name, value in headers.items():
    print(f"{name}: {value}")
