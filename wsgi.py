"""The WSGI entry: `wsgi:app` for servers, found by `flask` on its own."""

import os
import sys

from loyalty_portal.app import create_app
from loyalty_portal.bench.command import bench
from loyalty_portal.cli import start_problems
from loyalty_portal.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"The portal can't start: {error}")

app.cli.add_command(bench)

# Commands such as `flask db upgrade` must run on a database that isn't ready; a server must not.
if os.environ.get("FLASK_RUN_FROM_CLI") != "true" and (problems := start_problems(app)):
    sys.exit(f"The portal can't start: {'; '.join(problems)}")
