"""Customers at the register: who they are, how they are found, what they agreed to, their cards, and parked sales.

What is known of a person stands here and never in the ledger, which bears the
customer's random id alone: a person is erased, and the books stay (N11). Search
asks B-trees only; the words of names are kept once for all customers, with the
ways in which they may be meant (docs/decisions/0008).
"""

import peewee

TABLES = """
CREATE TABLE customer (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'merged', 'erased', 'withdrawn')),
    kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'company')),
    name TEXT NOT NULL DEFAULT '',
    nickname TEXT NOT NULL DEFAULT '',
    company TEXT NOT NULL DEFAULT '',
    vat_id TEXT NOT NULL DEFAULT '',
    birth_date TEXT,
    type TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    street TEXT NOT NULL DEFAULT '',
    postcode TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '',
    latitude BIGINT CHECK (latitude BETWEEN -90000000 AND 90000000),
    longitude BIGINT CHECK (longitude BETWEEN -180000000 AND 180000000),
    notes TEXT NOT NULL DEFAULT '',
    details INTEGER NOT NULL DEFAULT 0 CHECK (details IN (0, 1)),
    banned TEXT,
    merged_into TEXT REFERENCES customer (id),
    imported TEXT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    CHECK (merged_into <> id),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX customer_merged ON customer (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX customer_imported ON customer (imported) WHERE imported IS NOT NULL;
CREATE INDEX customer_birthday ON customer (substr(birth_date, 6)) WHERE birth_date IS NOT NULL;
CREATE INDEX customer_place ON customer (latitude, longitude) WHERE latitude IS NOT NULL AND state = 'active';
CREATE TABLE contact (
    customer TEXT NOT NULL REFERENCES customer (id),
    channel TEXT NOT NULL CHECK (channel IN ('phone', 'email')),
    value TEXT {c_collation} NOT NULL CHECK (value <> ''),
    opt_in INTEGER NOT NULL DEFAULT 0 CHECK (opt_in IN (0, 1)),
    verified_at BIGINT,
    PRIMARY KEY (customer, channel)
) {clustered};
CREATE INDEX contact_value ON contact (value);
CREATE TABLE consent (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('phone', 'email')),
    given INTEGER NOT NULL CHECK (given IN (0, 1)),
    about TEXT NOT NULL,
    wording BIGINT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    lane TEXT NOT NULL,
    "by" TEXT NOT NULL
);
CREATE INDEX consent_customer ON consent (customer, channel, id);
CREATE TABLE person_key (
    customer TEXT PRIMARY KEY REFERENCES customer (id),
    wrapped TEXT NOT NULL
);
CREATE TABLE id_document (
    customer TEXT NOT NULL REFERENCES customer (id),
    kind TEXT NOT NULL CHECK (kind IN ('licence', 'medical')),
    sealed TEXT NOT NULL,
    PRIMARY KEY (customer, kind)
) {clustered};
CREATE TABLE customer_merge (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customer (id),
    merged_into TEXT NOT NULL REFERENCES customer (id),
    at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    undone_at BIGINT,
    undone_by TEXT
);
CREATE UNIQUE INDEX customer_merge_once ON customer_merge (customer) WHERE undone_at IS NULL;
CREATE TABLE customer_import (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    file TEXT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    undone_at BIGINT,
    undone_by TEXT
);
CREATE TABLE customer_import_before (
    import TEXT NOT NULL REFERENCES customer_import (id),
    customer TEXT NOT NULL REFERENCES customer (id),
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (import, customer)
) {clustered};
CREATE INDEX customer_import_before_customer ON customer_import_before (customer);
CREATE TABLE customer_key (
    key TEXT {c_collation} NOT NULL,
    customer BIGINT NOT NULL,
    PRIMARY KEY (key, customer)
) {clustered};
CREATE TABLE name_word (
    word TEXT {c_collation} PRIMARY KEY
) {clustered};
CREATE TABLE name_part (
    part TEXT {c_collation} NOT NULL,
    word TEXT {c_collation} NOT NULL,
    PRIMARY KEY (part, word)
) {clustered};
CREATE TABLE name_slip (
    slip TEXT {c_collation} NOT NULL,
    word TEXT {c_collation} NOT NULL,
    PRIMARY KEY (slip, word)
) {clustered};
CREATE TABLE card_new (
    id TEXT PRIMARY KEY,
    code TEXT {c_collation} UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('voucher', 'bonus')),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked', 'closed')),
    customer TEXT REFERENCES customer (id),
    issued_at BIGINT NOT NULL,
    issued_by TEXT NOT NULL,
    sale TEXT,
    CHECK (code IS NOT NULL OR customer IS NOT NULL)
);
INSERT INTO card_new (id, code, kind, state, issued_at, issued_by, sale)
SELECT id, code, kind, state, issued_at, issued_by, sale FROM card;
DROP TABLE card;
ALTER TABLE card_new RENAME TO card;
CREATE INDEX card_customer ON card (customer) WHERE customer IS NOT NULL;
CREATE TABLE points_move (
    entry TEXT NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    card TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (entry, card)
) {clustered};
CREATE INDEX points_move_card ON points_move (card, entry);
CREATE INDEX sale_customer ON sale (customer, at) WHERE customer IS NOT NULL;
CREATE TABLE parked (
    key TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'recalled', 'deleted')),
    lane TEXT NOT NULL REFERENCES lane (id),
    name TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    customer TEXT,
    content TEXT NOT NULL,
    items BIGINT NOT NULL,
    total BIGINT NOT NULL,
    locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    CHECK (state <> 'waiting' OR (name <> '' AND content <> ''))
);
CREATE INDEX parked_waiting ON parked (at) WHERE state = 'waiting';
CREATE INDEX parked_customer ON parked (customer) WHERE customer IS NOT NULL
"""

UNCHANGEABLE = ("consent",)

SQLITE_TRIGGERS = """
CREATE TRIGGER points_move_no_update BEFORE UPDATE OF entry, card, amount ON points_move BEGIN
    SELECT RAISE(ABORT, 'points_move is never changed or deleted');
END;
CREATE TRIGGER points_move_no_delete BEFORE DELETE ON points_move BEGIN
    SELECT RAISE(ABORT, 'points_move is never changed or deleted');
END;
CREATE TRIGGER points_move_before_entry BEFORE INSERT ON points_move BEGIN
    SELECT RAISE(ABORT, 'the entry of this move is closed') WHERE EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry);
END;
CREATE TRIGGER customer_stays BEFORE DELETE ON customer BEGIN
    SELECT RAISE(ABORT, 'customer is never deleted');
END;
CREATE TRIGGER customer_is_fixed BEFORE UPDATE OF id, number ON customer BEGIN
    SELECT RAISE(ABORT, 'customer is never another one');
END;
CREATE TRIGGER customer_stays_erased BEFORE UPDATE OF state ON customer WHEN OLD.state = 'erased' BEGIN
    SELECT RAISE(ABORT, 'who is erased stays erased') WHERE NEW.state <> 'erased';
END;
CREATE TRIGGER card_stays BEFORE DELETE ON card BEGIN
    SELECT RAISE(ABORT, 'card is never deleted');
END
"""

POSTGRES_TRIGGERS = """
CREATE FUNCTION kiosk_move_before_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry) THEN
        RAISE EXCEPTION 'the entry of this move is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER points_move_before_entry BEFORE INSERT ON points_move
    FOR EACH ROW EXECUTE FUNCTION kiosk_move_before_entry();

CREATE TRIGGER points_move_no_update BEFORE UPDATE OF entry, card, amount ON points_move
    FOR EACH ROW EXECUTE FUNCTION kiosk_refuse();
CREATE TRIGGER points_move_no_delete BEFORE DELETE ON points_move FOR EACH ROW EXECUTE FUNCTION kiosk_refuse();
CREATE TRIGGER points_move_no_truncate BEFORE TRUNCATE ON points_move EXECUTE FUNCTION kiosk_refuse();
CREATE TRIGGER customer_stays BEFORE DELETE ON customer FOR EACH ROW EXECUTE FUNCTION kiosk_refuse();
CREATE TRIGGER customer_is_fixed BEFORE UPDATE OF id, number ON customer
    FOR EACH ROW EXECUTE FUNCTION kiosk_refuse();
CREATE TRIGGER customer_stays_erased BEFORE UPDATE OF state ON customer
    FOR EACH ROW WHEN (OLD.state = 'erased' AND NEW.state <> 'erased') EXECUTE FUNCTION kiosk_refuse();
CREATE TRIGGER card_stays BEFORE DELETE ON card FOR EACH ROW EXECUTE FUNCTION kiosk_refuse()
"""


def up(migrator: object, db: peewee.Database) -> None:
    """Make the tables and their triggers."""
    postgres = isinstance(db, peewee.PostgresqlDatabase)
    collation, clustered = ('COLLATE "C"', "") if postgres else ("", "WITHOUT ROWID")
    for statement in TABLES.format(c_collation=collation, clustered=clustered).split(";\n"):
        db.execute_sql(statement)
    for statement in POSTGRES_TRIGGERS.split("\n\n") if postgres else _statements(SQLITE_TRIGGERS):
        db.cursor().execute(statement)
    for table in UNCHANGEABLE:
        for deed in ("UPDATE", "DELETE"):
            db.execute_sql(_refusal(table, deed, postgres))
        if postgres:
            db.execute_sql(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION kiosk_refuse()"
            )


def _statements(script: str) -> list[str]:
    """A script of triggers, statement by statement: each ends at a line of its own."""
    found: list[str] = []
    for line in script.strip().splitlines():
        if line.startswith("CREATE "):
            found.append("")
        found[-1] += line + "\n"
    return [statement.strip().removesuffix(";") for statement in found]


def _refusal(table: str, deed: str, postgres: bool) -> str:
    name = f"{table}_no_{deed.lower()}"
    if postgres:
        return f"CREATE TRIGGER {name} BEFORE {deed} ON {table} FOR EACH ROW EXECUTE FUNCTION kiosk_refuse()"
    return (
        f"CREATE TRIGGER {name} BEFORE {deed} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is never changed or deleted'); END"
    )
