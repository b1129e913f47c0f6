"""A server on the loopback that answers `model pull` as the Hugging Face hub does."""

import hashlib
import http.server
import threading

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONFIG = b'{"model_cfg":{"quick_gelu":true}}'


class Hub:
    """Serves one model: /REPOSITORY/resolve/main/FILE leads to /cdn/FILE, as large files do."""

    def __init__(self, weights):
        hub = self
        self.weights = weights

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                hub.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # A client whose connection broke is the point of it.
        self.server.handle_error = lambda *_: None
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        name = request.path.rsplit("/", 1)[-1]
        if name.endswith(".safetensors"):
            content, etag = self.weights, hashlib.sha256(self.weights).hexdigest()
        elif name == "open_clip_config.json":
            blob = f"blob {len(CONFIG)}\0".encode() + CONFIG
            content, etag = CONFIG, hashlib.sha1(blob).hexdigest()
        else:
            return self.send(request, 404, {}, b"")
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"'}
        if content is self.weights and not request.path.startswith("/cdn/"):
            headers |= {"Location": f"{self.address}/cdn/{name}", "X-Linked-ETag": f'"{etag}"'}
            return self.send(request, 302, headers, b"")
        start, _, end = request.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        start, end = int(start), int(end) + 1 if end else len(content)
        if start >= len(content):
            return self.send(request, 416, {}, b"")
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        return self.send(request, 206, headers, content[start:end])

    def send(self, request, status, headers, body):
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
