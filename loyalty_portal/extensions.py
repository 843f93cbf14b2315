"""Flask extensions that know no HTTP."""

from __future__ import annotations

from flask_migrate import Migrate

migrate = Migrate()
