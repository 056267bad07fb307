"""What people.py and hooks.py know of the API."""

import requests

PASSWORD = "plum velvet anchor sixteen"
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


class Api:
    """The API for whom these headers name."""

    def __init__(self, url, headers):
        self.url, self.session = url, requests.Session()
        self.session.headers.update(headers)

    def get(self, path):
        answer = self.session.get(f"{self.url}/api/v1{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def items(self, path):
        """The items of a list; none where there is no such list."""
        answer = self.session.get(f"{self.url}/api/v1{path}", timeout=30)
        return answer.json()["items"] if answer.ok else []

    def post(self, path, body):
        return self.send("POST", path, body)

    def put(self, path):
        return self.send("PUT", path, None)

    def send(self, method, path, body):
        answer = self.session.request(method, f"{self.url}/api/v1{path}", json=body, timeout=30)
        if not answer.ok:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None
