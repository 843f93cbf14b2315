"""The ledger's guards in the database: append-only, and each entry continues the one before.

They hold against any client, not only against this application. Alembic's batch mode drops SQLite's triggers
silently, so every migration ends with `create_triggers`, and the portal refuses to start when one is missing.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

TRIGGERS = frozenset({"ledger_no_update", "ledger_no_delete", "ledger_appends"})

_SQLITE = (
    """
    CREATE TRIGGER ledger_no_update BEFORE UPDATE ON loyalty_transactions
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_no_delete BEFORE DELETE ON loyalty_transactions
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    # INSERT OR REPLACE removes the row it collides with, so every possible collision is refused first.
    """
    CREATE TRIGGER ledger_appends BEFORE INSERT ON loyalty_transactions
    BEGIN
        SELECT RAISE(ABORT, 'the ledger is append-only')
        WHERE EXISTS (SELECT 1 FROM loyalty_transactions WHERE id = NEW.id)
           OR EXISTS (SELECT 1 FROM loyalty_transactions WHERE voids_id = NEW.voids_id)
           OR EXISTS (
               SELECT 1 FROM loyalty_transactions
               WHERE vendor_id = NEW.vendor_id AND reference = NEW.reference AND voids_id IS NULL
           );
        SELECT RAISE(ABORT, 'the entry does not continue the ledger')
        FROM loyalty_cards AS card
        LEFT JOIN loyalty_transactions AS last
            ON last.card_id = card.id
            AND last.seq = (SELECT MAX(seq) FROM loyalty_transactions WHERE card_id = card.id)
        WHERE card.id = NEW.card_id AND (
            NEW.seq <> COALESCE(last.seq, 0) + 1
            OR NEW.stamps_after <> COALESCE(last.stamps_after, 0) + NEW.stamps_delta
            OR NEW.points_after <> COALESCE(last.points_after, 0) + NEW.points_delta
            OR NEW.prev_hash <> COALESCE(last.hash, card.head_hash)
        );
    END
    """,
)

_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION ledger_continue() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        last_seq integer := 0;
        last_stamps integer := 0;
        last_points integer := 0;
        last_hash text;
    BEGIN
        SELECT seq, stamps_after, points_after, hash INTO last_seq, last_stamps, last_points, last_hash
        FROM loyalty_transactions WHERE card_id = NEW.card_id ORDER BY seq DESC LIMIT 1;
        IF NOT FOUND THEN
            last_seq := 0; last_stamps := 0; last_points := 0;
            SELECT head_hash INTO last_hash FROM loyalty_cards WHERE id = NEW.card_id;
        END IF;
        IF NEW.seq <> last_seq + 1
            OR NEW.stamps_after <> last_stamps + NEW.stamps_delta
            OR NEW.points_after <> last_points + NEW.points_delta
            OR NEW.prev_hash <> last_hash
        THEN
            RAISE EXCEPTION 'the entry does not continue the ledger' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_no_update BEFORE UPDATE ON loyalty_transactions
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_no_delete BEFORE DELETE OR TRUNCATE ON loyalty_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
    """,
    """
    CREATE TRIGGER ledger_appends BEFORE INSERT ON loyalty_transactions
    FOR EACH ROW EXECUTE FUNCTION ledger_continue()
    """,
)


def drop_triggers(connection: Connection) -> None:
    """Removes the guards, for a migration that must rebuild the table or go down."""
    on = "" if connection.dialect.name == "sqlite" else " ON loyalty_transactions"
    for name in sorted(TRIGGERS):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
    if connection.dialect.name != "sqlite":
        connection.execute(text("DROP FUNCTION IF EXISTS ledger_refuse()"))
        connection.execute(text("DROP FUNCTION IF EXISTS ledger_continue()"))


def create_triggers(connection: Connection) -> None:
    """Puts all guards in place, anew. The last step of every migration."""
    drop_triggers(connection)
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def missing_triggers(connection: Connection) -> frozenset[str]:
    """The names of guards that the database should have and hasn't."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    return TRIGGERS - frozenset(connection.execute(text(query)).scalars())
