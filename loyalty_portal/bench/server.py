"""The web server that is measured, as a process of its own: `python -m loyalty_portal.bench.server PORT`."""

from __future__ import annotations

import logging
import sys

from waitress import serve

from loyalty_portal.app import create_app
from loyalty_portal.bench import usual


def main() -> None:
    """Serves the portal of the environment's settings, and beside it the usual way."""
    # Eight connections and eight threads: waitress need not say so.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app = create_app()
    app.register_blueprint(usual.blueprint)
    serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=8, ident=None, _quiet=True)


if __name__ == "__main__":
    main()
