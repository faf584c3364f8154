"""A folder served over HTTP on this machine, as a publisher or a mirror serves its log."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    """Serves files, and notes what was asked for; `odd` answers a path in another way."""

    asked: list[str]
    odd: dict

    def __init__(self, *args, asked, odd, **options):
        self.asked, self.odd = asked, odd
        super().__init__(*args, **options)

    def do_GET(self):
        name = self.path.lstrip("/")
        self.asked.append(name)
        if name in self.odd:
            code, headers, body = self.odd[name]
            self.send_response(code)
            for header, value in headers.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body)
            if code == 503:
                del self.odd[name]
            return
        super().do_GET()

    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """Give the address, what was asked for, and what is to be answered in another way."""
    asked: list[str] = []
    odd: dict = {}
    handler = partial(Handler, directory=str(folder), asked=asked, odd=odd)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked, odd
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
