"""The ledger's guards in the database: append-only, and each entry continues the one before.

They hold against any client, not only against this application. Alembic's batch mode drops SQLite's triggers
silently, so every migration ends with `create_triggers`, and the portal refuses to start when one is missing.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

TRIGGERS = {
    "ledger_no_update": "loyalty_transactions",
    "ledger_no_delete": "loyalty_transactions",
    "ledger_appends": "loyalty_transactions",
    "cards_no_delete": "loyalty_cards",
    "cards_no_replace": "loyalty_cards",
    "cards_no_rewrite": "loyalty_cards",
}
"""The guards, and the table that each stands on."""

# SQLite's clients may have foreign keys and recursive triggers switched off, so its guards rely on neither.
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
           OR EXISTS (SELECT 1 FROM loyalty_transactions WHERE voids_id = NEW.voids_id);
        SELECT RAISE(ABORT, 'the entry does not continue the ledger')
        WHERE NOT EXISTS (
            SELECT 1 FROM loyalty_cards AS card
            LEFT JOIN loyalty_transactions AS last
                ON last.card_id = card.id
                AND last.seq = (SELECT MAX(seq) FROM loyalty_transactions WHERE card_id = card.id)
            WHERE card.id = NEW.card_id
                AND card.vendor_id = NEW.vendor_id
                AND card.program_id = NEW.program_id
                AND NEW.seq = COALESCE(last.seq, 0) + 1
                AND NEW.stamps_after = COALESCE(last.stamps_after, 0) + NEW.stamps_delta
                AND NEW.points_after = COALESCE(last.points_after, 0) + NEW.points_delta
                AND NEW.prev_hash = COALESCE(last.hash, card.head_hash)
        );
        SELECT RAISE(ABORT, 'the entry voids none of its card')
        WHERE NEW.voids_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM loyalty_transactions
            WHERE id = NEW.voids_id AND card_id = NEW.card_id AND voids_id IS NULL
        );
    END
    """,
    """
    CREATE TRIGGER cards_no_delete BEFORE DELETE ON loyalty_cards
    WHEN EXISTS (SELECT 1 FROM loyalty_transactions WHERE card_id = OLD.id)
    BEGIN SELECT RAISE(ABORT, 'the card has a history'); END
    """,
    """
    CREATE TRIGGER cards_no_replace BEFORE INSERT ON loyalty_cards
    WHEN EXISTS (SELECT 1 FROM loyalty_cards WHERE id = NEW.id)
        OR EXISTS (SELECT 1 FROM loyalty_cards WHERE vendor_id = NEW.vendor_id AND code = NEW.code)
        OR EXISTS (SELECT 1 FROM loyalty_cards WHERE link_token = NEW.link_token)
        OR EXISTS (SELECT 1 FROM loyalty_cards WHERE apple_serial = NEW.apple_serial)
    BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: there is such a card'); END
    """,
    # UPDATE OR REPLACE removes the row it collides with, too.
    """
    CREATE TRIGGER cards_no_rewrite BEFORE UPDATE OF
        id, vendor_id, program_id, code, genesis_nonce, link_token, apple_serial ON loyalty_cards
    WHEN NEW.id <> OLD.id OR NEW.vendor_id <> OLD.vendor_id OR NEW.program_id <> OLD.program_id
        OR NEW.code <> OLD.code OR NEW.genesis_nonce <> OLD.genesis_nonce
        OR EXISTS (SELECT 1 FROM loyalty_cards WHERE link_token = NEW.link_token AND id <> OLD.id)
        OR EXISTS (SELECT 1 FROM loyalty_cards WHERE apple_serial = NEW.apple_serial AND id <> OLD.id)
    BEGIN SELECT RAISE(ABORT, 'what the chain of a card begins with does not change'); END
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
        last_program bigint;
        last_seq integer := 0;
        last_stamps integer := 0;
        last_points integer := 0;
        last_hash text;
    BEGIN
        -- Two clients that read the same last entry write the same seq: UNIQUE (card_id, seq) lets one of them through.
        SELECT program_id, seq, stamps_after, points_after, hash
        INTO last_program, last_seq, last_stamps, last_points, last_hash
        FROM loyalty_transactions WHERE card_id = NEW.card_id ORDER BY seq DESC LIMIT 1;
        IF NOT FOUND THEN
            last_seq := 0; last_stamps := 0; last_points := 0;
            SELECT program_id, head_hash INTO last_program, last_hash FROM loyalty_cards WHERE id = NEW.card_id;
        END IF;
        IF (NEW.program_id = last_program
            AND NEW.seq = last_seq + 1
            AND NEW.stamps_after = last_stamps + NEW.stamps_delta
            AND NEW.points_after = last_points + NEW.points_delta
            AND NEW.prev_hash = last_hash) IS NOT TRUE
        THEN
            RAISE EXCEPTION 'the entry does not continue the ledger' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.voids_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM loyalty_transactions
            WHERE id = NEW.voids_id AND card_id = NEW.card_id AND voids_id IS NULL
        ) THEN
            RAISE EXCEPTION 'the entry voids none of its card' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION cards_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a card with a history stays, and what its chain begins with does not change'
        USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION cards_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM loyalty_transactions WHERE card_id = OLD.id) THEN
            RAISE EXCEPTION 'the card has a history' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
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
    """
    CREATE TRIGGER cards_no_delete BEFORE DELETE ON loyalty_cards
    FOR EACH ROW EXECUTE FUNCTION cards_keep_history()
    """,
    """
    CREATE TRIGGER cards_no_replace BEFORE TRUNCATE ON loyalty_cards
    FOR EACH STATEMENT EXECUTE FUNCTION cards_refuse()
    """,
    """
    CREATE TRIGGER cards_no_rewrite
    BEFORE UPDATE OF id, vendor_id, program_id, code, genesis_nonce ON loyalty_cards
    FOR EACH ROW WHEN (
        (OLD.id, OLD.vendor_id, OLD.program_id, OLD.code, OLD.genesis_nonce)
        IS DISTINCT FROM (NEW.id, NEW.vendor_id, NEW.program_id, NEW.code, NEW.genesis_nonce)
    )
    EXECUTE FUNCTION cards_refuse()
    """,
)
_FUNCTIONS = ("ledger_refuse", "ledger_continue", "cards_refuse", "cards_keep_history")


def drop_triggers(connection: Connection) -> None:
    """Removes the guards, for a migration that must rebuild a table or go down."""
    is_sqlite = connection.dialect.name == "sqlite"
    for name, table in sorted(TRIGGERS.items()):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}" + ("" if is_sqlite else f" ON {table}")))
    for function in () if is_sqlite else _FUNCTIONS:
        connection.execute(text(f"DROP FUNCTION IF EXISTS {function}()"))


def create_triggers(connection: Connection) -> None:
    """Puts all guards in place, anew. The last step of every migration."""
    drop_triggers(connection)
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def missing_triggers(connection: Connection) -> frozenset[str]:
    """The names of guards that the database should have and hasn't."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
    return frozenset(
        name for name, _table in TRIGGERS.items() - {tuple(row) for row in connection.execute(text(query))}
    )
