"""gunicorn for several processes. A buffering proxy belongs in front: slow clients would hold these threads."""

import multiprocessing
import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", min(4, multiprocessing.cpu_count())))
# As many as the database pool has connections (loyalty_portal/database.py).
threads = 16
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
# The portal writes its own log lines, without the addresses of people's cards.
accesslog = None
# A writable place isn't needed where nobody asks for it.
control_socket_disable = True
