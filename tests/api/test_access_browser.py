"""A real browser logs in to a real service, and a page from another port gets nowhere."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import uvicorn

from assay.api.service import make
from assay.api.serving import Serving
from assay.core.values.scope import Scope
from assay.workflows.access.people import add_person
from tests.api.conftest import parts_over
from tests.browser import Browser, browser
from tests.workflows.workspace import copied

PASSWORD = "four words of no relation"
ASK = """fetch({url!r}, {{method: {method!r}, credentials: "include", headers: {headers},
  body: {body}}}).then(said => said.status + " " + said.type).catch(() => "refused")"""


class Foreign(BaseHTTPRequestHandler):
    """A page of another program on this machine."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>another program</p>")

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def service(workspace: Path, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a service that listens, with one person."""
    parts = parts_over(copied(workspace, tmp_path / "home"), Serving(port=0))
    add_person(parts.door, "Anna", PASSWORD, Scope)
    config = uvicorn.Config(
        make(parts), port=0, log_level="error", lifespan="off", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    running = threading.Thread(target=server.run)
    running.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    running.join()
    parts.desk.close()


@pytest.fixture
def foreign() -> Iterator[str]:
    """Yield the address of another program's page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def show(page: Browser, address: str) -> None:
    """Show a page and wait for it."""
    page.ask("Page.navigate", url=address)
    while page.run("document.readyState + location.href") != f"complete{address}":
        time.sleep(0.02)


def ask(page: Browser, method: str, url: str, body: str = "undefined", headers: str = "{}") -> str:
    """Return the status with which a page is answered, or that the browser refused to say."""
    found: str = page.run(ASK.format(url=url, method=method, headers=headers, body=body))
    return found


def test_a_browser_is_let_in_and_another_programs_page_is_not(service: str, foreign: str) -> None:
    access = f"{service}/api/v1/access"
    body = f"""JSON.stringify({{name: "Anna", password: {PASSWORD!r}}})"""
    is_json = """{"content-type": "application/json"}"""
    socket = f"""new Promise(done => {{
      const made = new WebSocket("{service.replace("http", "ws")}/api/v1/push");
      made.onopen = () => done("open"); made.onclose = () => done("closed"); }})"""
    with browser() as page:
        show(page, f"{service}/healthz")
        before = ask(page, "GET", f"{access}/me")
        login = ask(page, "POST", f"{access}/login", body, is_json)
        me = page.run(f"fetch({access + '/me'!r}).then(said => said.json())")
        seen = page.run("document.cookie")
        cookies = page.ask("Network.getCookies")["cookies"]
        unproven = ask(page, "POST", f"{access}/ticket")
        proven = ask(
            page, "POST", f"{access}/ticket", headers=f"""{{"x-assay-csrf": "{me["csrf"]}"}}"""
        )
        show(page, foreign)
        theirs = [
            ask(page, "GET", f"{access}/me"),
            ask(page, "POST", f"{access}/ticket"),
            ask(page, "POST", f"{access}/logout"),
            page.run(socket),
        ]
        show(page, f"{service}/healthz")
        after = ask(page, "GET", f"{access}/me")

    assert (before, login, unproven, proven) == ("401 basic", "200 basic", "403 basic", "200 basic")
    assert me["kind"] == "session"
    assert seen == ""
    assert [(one["name"], one["httpOnly"], one["secure"], one["sameSite"]) for one in cookies] == [
        ("__Host-assay-0", True, True, "Strict")
    ]
    assert theirs == ["refused"] * 3 + ["closed"]
    assert after == "200 basic"
