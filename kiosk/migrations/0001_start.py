"""Catalogue, staff, ledger, sales, print jobs: everything a till that sells remembers.

The tables read the same on both engines; the triggers are said once for each,
because SQLite has no procedures and PostgreSQL no RAISE in a SELECT.

SQLite looks through the children of a table at each insert into it, so a
reference to a table that a checkout or a new card inserts into has an index,
or is a trigger: a posting's account is one.
"""

import peewee

TABLES = """
CREATE TABLE lane (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE CHECK (number BETWEEN 1 AND 99),
    name TEXT NOT NULL DEFAULT '',
    seq BIGINT NOT NULL DEFAULT 0,
    head TEXT NOT NULL DEFAULT '',
    receipt BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE account (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    highest BIGINT,
    overridable BIGINT,
    balance BIGINT NOT NULL DEFAULT 0,
    CHECK (balance <= highest),
    UNIQUE (kind, unit, owner)
);
CREATE TABLE entry (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL REFERENCES lane (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    clock_suspect INTEGER NOT NULL DEFAULT 0 CHECK (clock_suspect IN (0, 1)),
    business_date TEXT NOT NULL,
    shift TEXT,
    "by" TEXT NOT NULL,
    approved_by TEXT,
    kind TEXT NOT NULL,
    sale TEXT,
    reverses TEXT REFERENCES entry (id),
    trace TEXT NOT NULL DEFAULT '{{}}',
    digest TEXT NOT NULL DEFAULT '',
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (lane, seq)
);
CREATE TABLE posting (
    entry TEXT NOT NULL REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    account TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry, position)
) {clustered};
CREATE INDEX entry_reverses ON entry (reverses) WHERE reverses IS NOT NULL;
CREATE TABLE signing_key (
    id TEXT PRIMARY KEY,
    month TEXT NOT NULL,
    public TEXT NOT NULL UNIQUE,
    previous TEXT REFERENCES signing_key (id),
    signature TEXT NOT NULL
);
CREATE TABLE signature (
    lane TEXT NOT NULL REFERENCES lane (id),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    signing_key TEXT NOT NULL REFERENCES signing_key (id),
    signature TEXT NOT NULL,
    PRIMARY KEY (lane, seq)
) {clustered};
CREATE TABLE sale (
    id TEXT PRIMARY KEY,
    entry TEXT NOT NULL UNIQUE REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    lane TEXT NOT NULL REFERENCES lane (id),
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    business_date TEXT NOT NULL,
    "by" TEXT NOT NULL,
    customer TEXT,
    original TEXT REFERENCES sale (id),
    currency TEXT NOT NULL,
    tax_included INTEGER NOT NULL CHECK (tax_included IN (0, 1)),
    sum BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    discount_percent INTEGER,
    discount_reason TEXT NOT NULL DEFAULT '',
    rounding BIGINT NOT NULL,
    total BIGINT NOT NULL,
    settings BIGINT NOT NULL,
    UNIQUE (lane, number)
);
CREATE INDEX sale_original ON sale (original) WHERE original IS NOT NULL;
CREATE INDEX sale_date ON sale (business_date, number);
CREATE TABLE sale_line (
    sale TEXT NOT NULL REFERENCES sale (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    article TEXT NOT NULL,
    number TEXT NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    price BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    discount_percent INTEGER,
    discount_reason TEXT NOT NULL DEFAULT '',
    share BIGINT NOT NULL,
    final BIGINT NOT NULL,
    tax_code TEXT NOT NULL,
    tax_rate INTEGER NOT NULL,
    PRIMARY KEY (sale, position),
    CHECK (final = gross - discount - share)
);
CREATE TABLE sale_tax (
    sale TEXT NOT NULL REFERENCES sale (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    rate INTEGER NOT NULL,
    net BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    PRIMARY KEY (sale, position)
) {clustered};
CREATE TABLE sale_tender (
    sale TEXT NOT NULL REFERENCES sale (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    tender TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    given BIGINT NOT NULL,
    change BIGINT NOT NULL,
    reference TEXT NOT NULL DEFAULT '',
    pending TEXT,
    PRIMARY KEY (sale, position),
    CHECK (given = amount + change)
) {clustered};
CREATE UNIQUE INDEX sale_tender_pending ON sale_tender (pending) WHERE pending IS NOT NULL;
CREATE TABLE pending (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    lane TEXT NOT NULL REFERENCES lane (id),
    tender TEXT NOT NULL,
    amount BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'declined', 'returned')),
    reference TEXT NOT NULL DEFAULT '',
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    answered_at BIGINT
);
CREATE INDEX pending_key ON pending (key);
CREATE TABLE tender (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    opens_drawer INTEGER NOT NULL DEFAULT 0,
    gives_change INTEGER NOT NULL DEFAULT 0,
    refundable INTEGER NOT NULL DEFAULT 1,
    asks_terminal INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE setting (
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    value TEXT NOT NULL,
    at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    PRIMARY KEY (name, version)
);
CREATE TABLE tax (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE TABLE tax_rate (
    tax TEXT NOT NULL REFERENCES tax (code),
    valid_from TEXT NOT NULL,
    rate INTEGER NOT NULL CHECK (rate BETWEEN 0 AND 10000),
    PRIMARY KEY (tax, valid_from)
);
CREATE TABLE category (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    tax TEXT REFERENCES tax (code),
    position INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE article (
    id TEXT PRIMARY KEY,
    number TEXT {c_collation} NOT NULL UNIQUE,
    name TEXT NOT NULL,
    category TEXT REFERENCES category (id),
    tax TEXT NOT NULL REFERENCES tax (code),
    kind TEXT NOT NULL DEFAULT 'goods',
    price BIGINT,
    cost BIGINT,
    lowest_price BIGINT,
    highest_price BIGINT,
    unit TEXT NOT NULL DEFAULT 'piece' CHECK (unit IN ('piece', 'kg')),
    minimum_age INTEGER NOT NULL DEFAULT 0,
    discountable INTEGER NOT NULL DEFAULT 1,
    quick INTEGER UNIQUE CHECK (quick BETWEEN 1 AND 99),
    archived INTEGER NOT NULL DEFAULT 0,
    changed_at BIGINT NOT NULL
);
CREATE TABLE barcode (
    code TEXT {c_collation} PRIMARY KEY,
    article TEXT NOT NULL REFERENCES article (id)
) {clustered};
CREATE INDEX barcode_article ON barcode (article);
CREATE TABLE article_word (
    word TEXT {c_collation} NOT NULL,
    article TEXT NOT NULL REFERENCES article (id),
    PRIMARY KEY (word, article)
) {clustered};
CREATE INDEX article_word_article ON article_word (article, word);
CREATE TABLE staff (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('cashier', 'lead', 'manager', 'owner', 'technician')),
    language TEXT NOT NULL DEFAULT '',
    pin TEXT,
    badge TEXT UNIQUE,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 10),
    failed_at BIGINT,
    changed_at BIGINT NOT NULL
);
CREATE TABLE role_permission (
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('allowed', 'denied', 'approval')),
    PRIMARY KEY (role, action)
);
CREATE TABLE approval (
    key TEXT NOT NULL CHECK (key <> ''),
    action TEXT NOT NULL,
    "by" TEXT NOT NULL REFERENCES staff (id),
    approved_by TEXT NOT NULL REFERENCES staff (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (key, action, "by"),
    CHECK (approved_by <> "by")
);
CREATE TABLE draft (
    staff TEXT NOT NULL REFERENCES staff (id),
    lane TEXT NOT NULL REFERENCES lane (id),
    key TEXT NOT NULL,
    content TEXT NOT NULL,
    unreadable TEXT NOT NULL DEFAULT '',
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (staff, lane)
);
CREATE TABLE journal (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    lane TEXT NOT NULL,
    "by" TEXT,
    approved_by TEXT,
    action TEXT NOT NULL,
    facts TEXT NOT NULL DEFAULT '{{}}'
);
CREATE INDEX journal_action ON journal (action, id);
CREATE TABLE print_job (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    lane TEXT NOT NULL REFERENCES lane (id),
    kind TEXT NOT NULL,
    sale TEXT,
    document TEXT NOT NULL,
    copy INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'printing', 'printed', 'dropped')),
    drawer TEXT NOT NULL DEFAULT 'no' CHECK (drawer IN ('no', 'wanted', 'kicked')),
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    printed_at BIGINT
);
CREATE INDEX print_job_waiting ON print_job (lane, id) WHERE state IN ('waiting', 'printing')
"""

UNCHANGEABLE = ("entry", "posting", "sale", "sale_line", "sale_tax", "sale_tender", "signature", "signing_key")
PARTS_OF_A_SALE = ("sale_line", "sale_tax", "sale_tender")

SQLITE_TRIGGERS = """
CREATE TRIGGER posting_before_entry BEFORE INSERT ON posting BEGIN
    SELECT RAISE(ABORT, 'the entry of this posting is closed')
    WHERE EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry);
    SELECT RAISE(ABORT, 'unknown account') WHERE NOT EXISTS (SELECT 1 FROM account WHERE id = NEW.account);
END;
CREATE TRIGGER posting_moves_balance AFTER INSERT ON posting BEGIN
    UPDATE account SET balance = balance + NEW.amount WHERE id = NEW.account AND highest IS NOT NULL;
END;
CREATE TRIGGER account_starts_empty BEFORE INSERT ON account BEGIN
    SELECT RAISE(ABORT, 'an account is born empty') WHERE NEW.balance <> 0;
    SELECT RAISE(ABORT, 'account exists') WHERE EXISTS (SELECT 1 FROM account WHERE id = NEW.id);
END;
CREATE TRIGGER account_stays BEFORE DELETE ON account BEGIN
    SELECT RAISE(ABORT, 'account is never deleted');
END;
CREATE TRIGGER account_is_fixed BEFORE UPDATE OF id, kind, unit, owner, highest ON account BEGIN
    SELECT RAISE(ABORT, 'account is never changed');
END;
CREATE TRIGGER entry_guard BEFORE INSERT ON entry BEGIN
    SELECT RAISE(ABORT, 'entry does not sum to zero') WHERE EXISTS (
        SELECT 1 FROM posting JOIN account ON account.id = posting.account
        WHERE posting.entry = NEW.id GROUP BY account.unit HAVING SUM(posting.amount) <> 0);
    SELECT RAISE(ABORT, 'entry is not the next of its lane')
    WHERE NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND seq + 1 = NEW.seq AND head = NEW.previous_hash);
    SELECT RAISE(ABORT, 'limit exceeded without approval') WHERE NEW.approved_by IS NULL AND EXISTS (
        SELECT 1 FROM posting JOIN account ON account.id = posting.account
        WHERE posting.entry = NEW.id AND posting.amount > 0 AND account.balance > account.overridable);
END;
CREATE TRIGGER entry_moves_lane AFTER INSERT ON entry BEGIN
    UPDATE lane SET seq = NEW.seq, head = NEW.hash WHERE id = NEW.lane;
END;
CREATE TRIGGER lane_stays BEFORE DELETE ON lane BEGIN
    SELECT RAISE(ABORT, 'lane is never deleted');
END;
CREATE TRIGGER lane_is_fixed BEFORE UPDATE OF id, number ON lane BEGIN
    SELECT RAISE(ABORT, 'lane is never changed');
END;
CREATE TRIGGER sale_guard BEFORE INSERT ON sale BEGIN
    SELECT RAISE(ABORT, 'receipt is not the next of its lane')
    WHERE NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND receipt + 1 = NEW.number);
    SELECT RAISE(ABORT, 'sale after its entry') WHERE EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry);
END;
CREATE TRIGGER sale_moves_lane AFTER INSERT ON sale BEGIN
    UPDATE lane SET receipt = NEW.number WHERE id = NEW.lane;
END
"""

POSTGRES_TRIGGERS = """
CREATE FUNCTION kiosk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION kiosk_posting_before_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry) THEN
        RAISE EXCEPTION 'the entry of this posting is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM account WHERE id = NEW.account) THEN
        RAISE EXCEPTION 'unknown account' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posting_before_entry BEFORE INSERT ON posting
    FOR EACH ROW EXECUTE FUNCTION kiosk_posting_before_entry();

CREATE FUNCTION kiosk_posting_moves_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE account SET balance = balance + NEW.amount WHERE id = NEW.account AND highest IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER posting_moves_balance AFTER INSERT ON posting
    FOR EACH ROW EXECUTE FUNCTION kiosk_posting_moves_balance();

CREATE FUNCTION kiosk_account_starts_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance <> 0 THEN
        RAISE EXCEPTION 'an account is born empty' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_starts_empty BEFORE INSERT ON account
    FOR EACH ROW EXECUTE FUNCTION kiosk_account_starts_empty();
CREATE TRIGGER account_stays BEFORE DELETE ON account FOR EACH ROW EXECUTE FUNCTION kiosk_refuse();
CREATE TRIGGER account_is_fixed BEFORE UPDATE OF id, kind, unit, owner, highest ON account
    FOR EACH ROW EXECUTE FUNCTION kiosk_refuse();

CREATE FUNCTION kiosk_entry_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM posting JOIN account ON account.id = posting.account
               WHERE posting.entry = NEW.id GROUP BY account.unit HAVING SUM(posting.amount) <> 0) THEN
        RAISE EXCEPTION 'entry does not sum to zero' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND seq + 1 = NEW.seq AND head = NEW.previous_hash) THEN
        RAISE EXCEPTION 'entry is not the next of its lane' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.approved_by IS NULL AND EXISTS (
        SELECT 1 FROM posting JOIN account ON account.id = posting.account
        WHERE posting.entry = NEW.id AND posting.amount > 0 AND account.balance > account.overridable) THEN
        RAISE EXCEPTION 'limit exceeded without approval' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_guard BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION kiosk_entry_guard();

CREATE FUNCTION kiosk_entry_moves_lane() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE lane SET seq = NEW.seq, head = NEW.hash WHERE id = NEW.lane;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_moves_lane AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION kiosk_entry_moves_lane();
CREATE TRIGGER lane_stays BEFORE DELETE ON lane FOR EACH ROW EXECUTE FUNCTION kiosk_refuse();
CREATE TRIGGER lane_is_fixed BEFORE UPDATE OF id, number ON lane FOR EACH ROW EXECUTE FUNCTION kiosk_refuse();

CREATE FUNCTION kiosk_sale_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND receipt + 1 = NEW.number) THEN
        RAISE EXCEPTION 'receipt is not the next of its lane' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry) THEN
        RAISE EXCEPTION 'sale after its entry' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sale_guard BEFORE INSERT ON sale FOR EACH ROW EXECUTE FUNCTION kiosk_sale_guard();

CREATE FUNCTION kiosk_sale_moves_lane() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE lane SET receipt = NEW.number WHERE id = NEW.lane;
    RETURN NULL;
END $$;
CREATE TRIGGER sale_moves_lane AFTER INSERT ON sale FOR EACH ROW EXECUTE FUNCTION kiosk_sale_moves_lane();

CREATE FUNCTION kiosk_part_before_sale() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM sale WHERE id = NEW.sale) THEN
        RAISE EXCEPTION 'this sale is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def up(migrator: object, db: peewee.Database) -> None:
    """Make the tables and their triggers."""
    postgres = isinstance(db, peewee.PostgresqlDatabase)
    collation, clustered = ('COLLATE "C"', "") if postgres else ("", "WITHOUT ROWID")
    for statement in TABLES.format(c_collation=collation, clustered=clustered).split(";\n"):
        db.execute_sql(statement)
    for statement in POSTGRES_TRIGGERS.split("\n\n") if postgres else SQLITE_TRIGGERS.split("END;\n"):
        if statement.strip():
            ends = postgres or statement.rstrip().endswith("END")
            db.cursor().execute(statement if ends else statement + "END")
    for table in UNCHANGEABLE:
        for deed in ("UPDATE", "DELETE"):
            db.execute_sql(_refusal(table, deed, postgres))
        if postgres:
            db.execute_sql(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION kiosk_refuse()"
            )
    for table in PARTS_OF_A_SALE:
        db.execute_sql(_part_guard(table, postgres))


def _refusal(table: str, deed: str, postgres: bool) -> str:
    name = f"{table}_no_{deed.lower()}"
    if postgres:
        return f"CREATE TRIGGER {name} BEFORE {deed} ON {table} FOR EACH ROW EXECUTE FUNCTION kiosk_refuse()"
    return (
        f"CREATE TRIGGER {name} BEFORE {deed} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is never changed or deleted'); END"
    )


def _part_guard(table: str, postgres: bool) -> str:
    if postgres:
        return (
            f"CREATE TRIGGER {table}_before_sale BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION kiosk_part_before_sale()"
        )
    return (
        f"CREATE TRIGGER {table}_before_sale BEFORE INSERT ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'this sale is closed') WHERE EXISTS (SELECT 1 FROM sale WHERE id = NEW.sale); END"
    )
