"""The day at the till: shifts, counts, cash in and out, returns, refunds, credit notes, X and Z, daily totals.

A lane bears its open shift, so that a checkout learns it from the row that it
holds anyway, and each entry is of the shift that is open. What comes back and
what is given back stand in tables of their own: a plain sale writes neither.
"""

import peewee

TABLES = """
ALTER TABLE lane ADD COLUMN shift TEXT;
ALTER TABLE lane ADD COLUMN shifts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journal ADD COLUMN shift TEXT;
CREATE INDEX journal_shift ON journal (shift, action) WHERE shift IS NOT NULL;
CREATE UNIQUE INDEX entry_voided ON entry (reverses) WHERE kind = 'void';
CREATE TABLE shift (
    id TEXT PRIMARY KEY,
    lane TEXT NOT NULL REFERENCES lane (id),
    number BIGINT NOT NULL,
    business_date TEXT NOT NULL,
    at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    first_seq BIGINT NOT NULL,
    expected BIGINT NOT NULL,
    counted BIGINT,
    UNIQUE (lane, number)
);
CREATE INDEX shift_date ON shift (business_date);
CREATE TABLE cash_count (
    entry TEXT PRIMARY KEY REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    shift TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('open', 'count', 'close')),
    expected BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    difference BIGINT NOT NULL,
    pieces TEXT NOT NULL DEFAULT '{{}}',
    blind INTEGER NOT NULL DEFAULT 0 CHECK (blind IN (0, 1)),
    CHECK (difference = counted - expected)
);
CREATE INDEX cash_count_shift ON cash_count (shift);
CREATE TABLE cash_move (
    entry TEXT PRIMARY KEY REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED,
    shift TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    purpose TEXT NOT NULL,
    other TEXT NOT NULL DEFAULT '',
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX cash_move_shift ON cash_move (shift);
CREATE TABLE cash_report (
    id TEXT PRIMARY KEY,
    lane TEXT NOT NULL REFERENCES lane (id),
    shift TEXT NOT NULL REFERENCES shift (id),
    kind TEXT NOT NULL CHECK (kind IN ('x', 'z')),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    entry TEXT,
    facts TEXT NOT NULL,
    UNIQUE (shift, kind, number),
    CHECK ((kind = 'z') = (entry IS NOT NULL))
);
CREATE UNIQUE INDEX cash_report_entry ON cash_report (entry) WHERE entry IS NOT NULL;
CREATE TABLE day_total (
    figure TEXT NOT NULL,
    person TEXT NOT NULL DEFAULT '',
    business_date TEXT NOT NULL,
    lane TEXT NOT NULL,
    shift TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT '',
    count BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (figure, person, business_date, lane, shift, code)
) {clustered};
CREATE TABLE return_line (
    sale TEXT NOT NULL,
    position INTEGER NOT NULL,
    original TEXT,
    original_position INTEGER,
    quantity BIGINT NOT NULL,
    final BIGINT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    restock INTEGER NOT NULL DEFAULT 1 CHECK (restock IN (0, 1)),
    PRIMARY KEY (sale, position),
    CHECK ((original IS NULL) = (original_position IS NULL))
) {clustered};
CREATE INDEX return_line_original ON return_line (original, original_position) WHERE original IS NOT NULL;
CREATE TABLE refund (
    sale TEXT NOT NULL,
    position INTEGER NOT NULL,
    original TEXT NOT NULL,
    tender TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (sale, position)
) {clustered};
CREATE INDEX refund_original ON refund (original, tender);
CREATE TABLE card (
    id TEXT PRIMARY KEY,
    code TEXT {c_collation} NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('voucher')),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked', 'closed')),
    issued_at BIGINT NOT NULL,
    issued_by TEXT NOT NULL,
    sale TEXT
);
INSERT INTO tender (code, name, kind, position)
SELECT 'voucher',
    CASE (SELECT value FROM setting WHERE name = 'language' ORDER BY version DESC LIMIT 1)
        WHEN '"de"' THEN 'Gutschrift' WHEN '"fr"' THEN 'Avoir' WHEN '"it"' THEN 'Buono di credito'
        WHEN '"nl"' THEN 'Tegoedbon' ELSE 'Credit note' END,
    'voucher', (SELECT MAX(position) + 1 FROM tender)
WHERE EXISTS (SELECT 1 FROM tender)
    AND NOT EXISTS (SELECT 1 FROM tender WHERE kind = 'voucher' OR code = 'voucher')
"""

UNCHANGEABLE = ("shift", "cash_count", "cash_move", "cash_report", "day_total", "return_line", "refund")

ENTRY_GUARD = """
    SELECT RAISE(ABORT, 'entry does not sum to zero') WHERE EXISTS (
        SELECT 1 FROM posting JOIN account ON account.id = posting.account
        WHERE posting.entry = NEW.id GROUP BY account.unit HAVING SUM(posting.amount) <> 0);
    SELECT RAISE(ABORT, 'entry is not the next of its lane')
    WHERE NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND seq + 1 = NEW.seq AND head = NEW.previous_hash
        AND shift IS NEW.shift);
    SELECT RAISE(ABORT, 'limit exceeded without approval') WHERE NEW.approved_by IS NULL AND EXISTS (
        SELECT 1 FROM posting JOIN account ON account.id = posting.account
        WHERE posting.entry = NEW.id AND posting.amount > 0 AND account.balance > account.overridable);
"""

SQLITE_TRIGGERS = f"""
DROP TRIGGER entry_guard;
CREATE TRIGGER entry_guard BEFORE INSERT ON entry BEGIN
    {ENTRY_GUARD.strip()}
END;
CREATE TRIGGER shift_guard BEFORE INSERT ON shift BEGIN
    SELECT RAISE(ABORT, 'shift is not the next of its lane') WHERE NOT EXISTS (
        SELECT 1 FROM lane WHERE id = NEW.lane AND shift IS NULL
        AND shifts + 1 = NEW.number AND seq + 1 = NEW.first_seq);
END;
CREATE TRIGGER shift_opens AFTER INSERT ON shift BEGIN
    UPDATE lane SET shift = NEW.id, shifts = NEW.number WHERE id = NEW.lane;
END;
CREATE TRIGGER report_guard BEFORE INSERT ON cash_report BEGIN
    SELECT RAISE(ABORT, 'report is not of the open shift')
    WHERE NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND shift = NEW.shift);
    SELECT RAISE(ABORT, 'a Z closes with the last entry') WHERE NEW.kind = 'z' AND NOT EXISTS (
        SELECT 1 FROM lane JOIN entry ON entry.lane = lane.id AND entry.seq = lane.seq
        WHERE lane.id = NEW.lane AND entry.id = NEW.entry AND entry.kind = 'shift.closed' AND entry.shift = NEW.shift);
END;
CREATE TRIGGER shift_closes AFTER INSERT ON cash_report WHEN NEW.kind = 'z' BEGIN
    UPDATE lane SET shift = NULL WHERE id = NEW.lane;
END;
CREATE TRIGGER return_guard BEFORE INSERT ON return_line BEGIN
    SELECT RAISE(ABORT, 'this sale is closed') WHERE EXISTS (SELECT 1 FROM sale WHERE id = NEW.sale);
    SELECT RAISE(ABORT, 'not a line of this sale') WHERE NOT EXISTS (
        SELECT 1 FROM sale_line WHERE sale = NEW.sale AND position = NEW.position
        AND quantity = NEW.quantity AND final = NEW.final);
    SELECT RAISE(ABORT, 'unknown line') WHERE NEW.original IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM sale_line WHERE sale = NEW.original AND position = NEW.original_position);
    SELECT RAISE(ABORT, 'more returned than sold') WHERE EXISTS (
        SELECT 1 FROM
            (SELECT quantity AS sold, final AS paid FROM sale_line
             WHERE sale = NEW.original AND position = NEW.original_position) AS line,
            (SELECT COALESCE(SUM(quantity), 0) + NEW.quantity AS back, COALESCE(SUM(final), 0) + NEW.final AS money
             FROM return_line WHERE original = NEW.original AND original_position = NEW.original_position) AS returned
        WHERE abs(sold + back) > abs(sold) OR abs(paid + money) > abs(paid)
        OR (sold > 0 AND sold + back < 0) OR (sold < 0 AND sold + back > 0)
        OR (paid > 0 AND paid + money < 0) OR (paid < 0 AND paid + money > 0));
END;
CREATE TRIGGER refund_guard BEFORE INSERT ON refund BEGIN
    SELECT RAISE(ABORT, 'this sale is closed') WHERE EXISTS (SELECT 1 FROM sale WHERE id = NEW.sale);
    SELECT RAISE(ABORT, 'not a tender of this sale') WHERE NOT EXISTS (
        SELECT 1 FROM sale_tender WHERE sale = NEW.sale AND position = NEW.position
        AND tender = NEW.tender AND amount = NEW.amount);
    SELECT RAISE(ABORT, 'more given back than paid') WHERE EXISTS (
        SELECT 1 FROM
            (SELECT COALESCE(SUM(amount), 0) AS paid FROM sale_tender
             WHERE sale = NEW.original AND tender = NEW.tender AND NOT EXISTS (
                SELECT 1 FROM refund WHERE refund.sale = sale_tender.sale AND refund.position = sale_tender.position)
            ) AS tendered,
            (SELECT COALESCE(SUM(amount), 0) + NEW.amount AS back FROM refund
             WHERE original = NEW.original AND tender = NEW.tender) AS given
        WHERE abs(paid + back) > abs(paid) OR (paid > 0 AND paid + back < 0) OR (paid < 0 AND paid + back > 0));
END
"""

POSTGRES_TRIGGERS = """
CREATE OR REPLACE FUNCTION kiosk_entry_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM posting JOIN account ON account.id = posting.account
               WHERE posting.entry = NEW.id GROUP BY account.unit HAVING SUM(posting.amount) <> 0) THEN
        RAISE EXCEPTION 'entry does not sum to zero' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND seq + 1 = NEW.seq AND head = NEW.previous_hash
                   AND shift IS NOT DISTINCT FROM NEW.shift) THEN
        RAISE EXCEPTION 'entry is not the next of its lane' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.approved_by IS NULL AND EXISTS (
        SELECT 1 FROM posting JOIN account ON account.id = posting.account
        WHERE posting.entry = NEW.id AND posting.amount > 0 AND account.balance > account.overridable) THEN
        RAISE EXCEPTION 'limit exceeded without approval' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION kiosk_shift_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND shift IS NULL AND shifts + 1 = NEW.number
                   AND seq + 1 = NEW.first_seq) THEN
        RAISE EXCEPTION 'shift is not the next of its lane' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER shift_guard BEFORE INSERT ON shift FOR EACH ROW EXECUTE FUNCTION kiosk_shift_guard();

CREATE FUNCTION kiosk_shift_opens() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE lane SET shift = NEW.id, shifts = NEW.number WHERE id = NEW.lane;
    RETURN NULL;
END $$;
CREATE TRIGGER shift_opens AFTER INSERT ON shift FOR EACH ROW EXECUTE FUNCTION kiosk_shift_opens();

CREATE FUNCTION kiosk_report_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM lane WHERE id = NEW.lane AND shift = NEW.shift) THEN
        RAISE EXCEPTION 'report is not of the open shift' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.kind = 'z' AND NOT EXISTS (
        SELECT 1 FROM lane JOIN entry ON entry.lane = lane.id AND entry.seq = lane.seq
        WHERE lane.id = NEW.lane AND entry.id = NEW.entry AND entry.kind = 'shift.closed'
        AND entry.shift = NEW.shift) THEN
        RAISE EXCEPTION 'a Z closes with the last entry' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_guard BEFORE INSERT ON cash_report FOR EACH ROW EXECUTE FUNCTION kiosk_report_guard();

CREATE FUNCTION kiosk_shift_closes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE lane SET shift = NULL WHERE id = NEW.lane;
    RETURN NULL;
END $$;
CREATE TRIGGER shift_closes AFTER INSERT ON cash_report
    FOR EACH ROW WHEN (NEW.kind = 'z') EXECUTE FUNCTION kiosk_shift_closes();

CREATE FUNCTION kiosk_return_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    sold BIGINT; paid BIGINT; back BIGINT; money BIGINT;
BEGIN
    IF EXISTS (SELECT 1 FROM sale WHERE id = NEW.sale) THEN
        RAISE EXCEPTION 'this sale is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM sale_line WHERE sale = NEW.sale AND position = NEW.position
                   AND quantity = NEW.quantity AND final = NEW.final) THEN
        RAISE EXCEPTION 'not a line of this sale' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.original IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT quantity, final INTO sold, paid FROM sale_line
        WHERE sale = NEW.original AND position = NEW.original_position;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown line' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext(NEW.original));
    SELECT COALESCE(SUM(quantity), 0) + NEW.quantity, COALESCE(SUM(final), 0) + NEW.final INTO back, money
        FROM return_line WHERE original = NEW.original AND original_position = NEW.original_position;
    IF abs(sold + back) > abs(sold) OR abs(paid + money) > abs(paid)
        OR (sold > 0 AND sold + back < 0) OR (sold < 0 AND sold + back > 0)
        OR (paid > 0 AND paid + money < 0) OR (paid < 0 AND paid + money > 0) THEN
        RAISE EXCEPTION 'more returned than sold' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER return_guard BEFORE INSERT ON return_line FOR EACH ROW EXECUTE FUNCTION kiosk_return_guard();

CREATE FUNCTION kiosk_refund_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    paid BIGINT; back BIGINT;
BEGIN
    IF EXISTS (SELECT 1 FROM sale WHERE id = NEW.sale) THEN
        RAISE EXCEPTION 'this sale is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM sale_tender WHERE sale = NEW.sale AND position = NEW.position
                   AND tender = NEW.tender AND amount = NEW.amount) THEN
        RAISE EXCEPTION 'not a tender of this sale' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext(NEW.original));
    SELECT COALESCE(SUM(amount), 0) INTO paid FROM sale_tender
        WHERE sale = NEW.original AND tender = NEW.tender AND NOT EXISTS (
            SELECT 1 FROM refund WHERE refund.sale = sale_tender.sale AND refund.position = sale_tender.position);
    SELECT COALESCE(SUM(amount), 0) + NEW.amount INTO back FROM refund
        WHERE original = NEW.original AND tender = NEW.tender;
    IF abs(paid + back) > abs(paid) OR (paid > 0 AND paid + back < 0) OR (paid < 0 AND paid + back > 0) THEN
        RAISE EXCEPTION 'more given back than paid' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_guard BEFORE INSERT ON refund FOR EACH ROW EXECUTE FUNCTION kiosk_refund_guard()
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
        if line.startswith(("CREATE ", "DROP ")):
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
