"""What can be remembered: the tables, as Peewee sees them.

The columns' CHECKs and the triggers that guard the ledger stand in
``migrations/``, which makes the tables; a test holds both to each other.
Hot writes go through ``db.run`` in the one service that owns a table.
"""

from __future__ import annotations

from peewee import BigIntegerField, CompositeKey, ForeignKeyField, IntegerField, Model, TextField

from kiosk.db import database


class _Table(Model):  # type: ignore[misc]
    class Meta:
        database = database
        legacy_table_names = False


class Lane(_Table):
    """A register; its row is the head of its chain, moved by triggers only."""

    id = TextField(primary_key=True)
    number = IntegerField(unique=True)
    name = TextField(default="")
    seq = BigIntegerField(default=0)
    head = TextField(default="")
    receipt = BigIntegerField(default=0)
    shift = TextField(null=True)
    """The open shift."""
    shifts = BigIntegerField(default=0)
    """The number of the last shift that was opened."""


class Account(_Table):
    """What something holds, in one unit; ``highest`` None keeps no balance (DESIGN.md 3)."""

    id = TextField(primary_key=True)
    kind = TextField()
    unit = TextField()
    owner = TextField(default="")
    highest = BigIntegerField(null=True)
    overridable = BigIntegerField(null=True)
    balance = BigIntegerField(default=0)


class Entry(_Table):
    """One deed in the ledger, chained to the one before it in its lane."""

    id = TextField(primary_key=True)
    key = TextField(unique=True)
    lane = ForeignKeyField(Lane, column_name="lane", object_id_name="lane_id", backref="+")
    seq = BigIntegerField()
    at = BigIntegerField()
    clock_suspect = IntegerField(default=0)
    business_date = TextField()
    shift = TextField(null=True)
    by = TextField()
    approved_by = TextField(null=True)
    kind = TextField()
    sale = TextField(null=True)
    reverses = TextField(null=True)
    trace = TextField(default="{}")
    digest = TextField(default="")
    previous_hash = TextField()
    hash = TextField()


class Posting(_Table):
    """One amount on one account; debit positive."""

    entry = ForeignKeyField(Entry, column_name="entry", object_id_name="entry_id", backref="+")
    position = IntegerField()
    account = TextField()
    amount = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("entry", "position")


class SigningKey(_Table):
    """A month's public key, signed by the one before it (PLATFORM.md 6)."""

    id = TextField(primary_key=True)
    month = TextField()
    public = TextField(unique=True)
    previous = TextField(null=True)
    signature = TextField()

    class Meta:
        table_name = "signing_key"


class Signature(_Table):
    """A signed entry of a lane's chain."""

    lane = TextField()
    seq = BigIntegerField()
    hash = TextField()
    signing_key = TextField()
    signature = TextField()

    class Meta:
        primary_key = CompositeKey("lane", "seq")


class Sale(_Table):
    """A closed sale as it was printed; never changed."""

    id = TextField(primary_key=True)
    entry = TextField(unique=True)
    lane = TextField()
    number = BigIntegerField()
    kind = TextField()
    at = BigIntegerField()
    business_date = TextField()
    by = TextField()
    customer = TextField(null=True)
    original = TextField(null=True)
    currency = TextField()
    tax_included = IntegerField()
    sum = BigIntegerField()
    discount = BigIntegerField()
    discount_percent = IntegerField(null=True)
    discount_reason = TextField(default="")
    rounding = BigIntegerField()
    total = BigIntegerField()
    settings = BigIntegerField()


class SaleLine(_Table):
    """One line of a closed sale."""

    sale = TextField()
    position = IntegerField()
    article = TextField()
    number = TextField()
    text = TextField()
    kind = TextField()
    category = TextField()
    unit = TextField()
    quantity = BigIntegerField()
    price = BigIntegerField()
    gross = BigIntegerField()
    discount = BigIntegerField()
    discount_percent = IntegerField(null=True)
    discount_reason = TextField(default="")
    share = BigIntegerField()
    final = BigIntegerField()
    tax_code = TextField()
    tax_rate = IntegerField()

    class Meta:
        table_name = "sale_line"
        primary_key = CompositeKey("sale", "position")


class SaleTax(_Table):
    """Turnover and tax of one rate in a closed sale."""

    sale = TextField()
    position = IntegerField()
    code = TextField()
    rate = IntegerField()
    net = BigIntegerField()
    tax = BigIntegerField()

    class Meta:
        table_name = "sale_tax"
        primary_key = CompositeKey("sale", "position")


class SaleTender(_Table):
    """What was handed over for a closed sale."""

    sale = TextField()
    position = IntegerField()
    tender = TextField()
    name = TextField()
    kind = TextField()
    amount = BigIntegerField()
    given = BigIntegerField()
    change = BigIntegerField()
    reference = TextField(default="")
    pending = TextField(null=True, unique=True)

    class Meta:
        table_name = "sale_tender"
        primary_key = CompositeKey("sale", "position")


class Pending(_Table):
    """A payment asked of a card terminal, from before the question until the sale has it (D3-05)."""

    id = TextField(primary_key=True)
    key = TextField()
    lane = TextField()
    tender = TextField()
    amount = BigIntegerField()
    state = TextField()
    reference = TextField(default="")
    by = TextField()
    at = BigIntegerField()
    answered_at = BigIntegerField(null=True)


class TenderRow(_Table):
    """A means of payment of this shop (D3-01)."""

    code = TextField(primary_key=True)
    name = TextField()
    kind = TextField()
    position = IntegerField()
    opens_drawer = IntegerField(default=0)
    gives_change = IntegerField(default=0)
    refundable = IntegerField(default=1)
    asks_terminal = IntegerField(default=0)
    active = IntegerField(default=1)

    class Meta:
        table_name = "tender"


class Setting(_Table):
    """A setting of the whole shop; a change is a new version (N19)."""

    name = TextField()
    version = BigIntegerField()
    value = TextField()
    at = BigIntegerField()
    by = TextField()

    class Meta:
        primary_key = CompositeKey("name", "version")


class Tax(_Table):
    """A tax code; its rates have dates."""

    code = TextField(primary_key=True)
    name = TextField()
    position = IntegerField()


class TaxRateRow(_Table):
    """A rate of a tax code from a date on (D2-01)."""

    tax = ForeignKeyField(Tax, column_name="tax", object_id_name="tax_id", backref="+")
    valid_from = TextField()
    rate = IntegerField()

    class Meta:
        table_name = "tax_rate"
        primary_key = CompositeKey("tax", "valid_from")


class Category(_Table):
    """A group of articles."""

    id = TextField(primary_key=True)
    name = TextField(unique=True)
    tax = TextField(null=True)
    position = IntegerField(default=0)


class Article(_Table):
    """Something the shop sells. Prices and cost in minor units; no price means it is typed (D1-03)."""

    id = TextField(primary_key=True)
    number = TextField(unique=True)
    name = TextField()
    category = TextField(null=True)
    tax = TextField()
    kind = TextField(default="goods")
    price = BigIntegerField(null=True)
    cost = BigIntegerField(null=True)
    lowest_price = BigIntegerField(null=True)
    highest_price = BigIntegerField(null=True)
    unit = TextField(default="piece")
    minimum_age = IntegerField(default=0)
    discountable = IntegerField(default=1)
    quick = IntegerField(null=True, unique=True)
    archived = IntegerField(default=0)
    changed_at = BigIntegerField()


class Barcode(_Table):
    """One of an article's barcodes."""

    code = TextField(primary_key=True)
    article = TextField()


class ArticleWord(_Table):
    """A folded word of an article's name, for search as you type without a scan of the table."""

    word = TextField()
    article = TextField()

    class Meta:
        table_name = "article_word"
        primary_key = CompositeKey("word", "article")


class Staff(_Table):
    """A person who works at the till; PIN and badge only as hashes (PLATFORM.md 8)."""

    id = TextField(primary_key=True)
    name = TextField(unique=True)
    role = TextField()
    language = TextField(default="")
    pin = TextField(null=True)
    badge = TextField(null=True, unique=True)
    active = IntegerField(default=1)
    failures = IntegerField(default=0)
    failed_at = BigIntegerField(null=True)
    changed_at = BigIntegerField()


class RolePermission(_Table):
    """What a role may do, where the shop differs from the default (D7-02)."""

    role = TextField()
    action = TextField()
    state = TextField()

    class Meta:
        table_name = "role_permission"
        primary_key = CompositeKey("role", "action")


class Approval(_Table):
    """One person's PIN for another's deed; the deed's key says which one (D7-02)."""

    key = TextField()
    action = TextField()
    by = TextField()
    approved_by = TextField()
    at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("key", "action", "by")


class Draft(_Table):
    """The open basket of a member of staff at a lane; ``unreadable`` keeps a content that could not be restored."""

    staff = TextField()
    lane = TextField()
    key = TextField()
    content = TextField()
    unreadable = TextField(default="")
    saved_at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("staff", "lane")


class Journal(_Table):
    """Who did what, when; not money. Facts bear ids, never personal data."""

    id = TextField(primary_key=True)
    at = BigIntegerField()
    lane = TextField()
    by = TextField(null=True)
    approved_by = TextField(null=True)
    action = TextField()
    facts = TextField(default="{}")
    shift = TextField(null=True)


class PrintJob(_Table):
    """Paper that is to come out, written with the deed that it belongs to."""

    id = TextField(primary_key=True)
    at = BigIntegerField()
    lane = TextField()
    kind = TextField()
    sale = TextField(null=True)
    document = TextField()
    copy = IntegerField(default=0)
    state = TextField(default="waiting")
    drawer = TextField(default="no")
    attempts = IntegerField(default=0)
    error = TextField(default="")
    printed_at = BigIntegerField(null=True)

    class Meta:
        table_name = "print_job"


class Shift(_Table):
    """A lane's takings between an opening and its Z; ``counted`` None: carried over without a count (D6-01)."""

    id = TextField(primary_key=True)
    lane = ForeignKeyField(Lane, column_name="lane", object_id_name="lane_id", backref="+")
    number = BigIntegerField()
    business_date = TextField()
    at = BigIntegerField()
    by = TextField()
    first_seq = BigIntegerField()
    expected = BigIntegerField()
    counted = BigIntegerField(null=True)


class CashCount(_Table):
    """What was counted in the drawer against what should be there (K-21)."""

    entry = TextField(primary_key=True)
    shift = TextField()
    kind = TextField()
    expected = BigIntegerField()
    counted = BigIntegerField()
    difference = BigIntegerField()
    pieces = TextField(default="{}")
    blind = IntegerField(default=0)

    class Meta:
        table_name = "cash_count"


class CashMove(_Table):
    """Cash in or out of the drawer that is no sale (K-22)."""

    entry = TextField(primary_key=True)
    shift = TextField()
    direction = TextField()
    purpose = TextField()
    other = TextField(default="")
    amount = BigIntegerField()
    reason = TextField(default="")

    class Meta:
        table_name = "cash_move"


class CashReport(_Table):
    """An X or a Z with its figures as they were read; a Z closes its shift (D6-02)."""

    id = TextField(primary_key=True)
    lane = TextField()
    shift = TextField()
    kind = TextField()
    number = BigIntegerField()
    at = BigIntegerField()
    by = TextField()
    entry = TextField(null=True)
    facts = TextField()

    class Meta:
        table_name = "cash_report"


class DayTotal(_Table):
    """One figure of one closed shift, of everybody or of one person, so that a year is read in milliseconds."""

    figure = TextField()
    person = TextField(default="")
    business_date = TextField()
    lane = TextField()
    shift = TextField()
    code = TextField(default="")
    count = BigIntegerField()
    amount = BigIntegerField()

    class Meta:
        table_name = "day_total"
        primary_key = CompositeKey("figure", "person", "business_date", "lane", "shift", "code")


class ReturnLine(_Table):
    """That a line of a sale took something back, and which line of which receipt (I12)."""

    sale = TextField()
    position = IntegerField()
    original = TextField(null=True)
    original_position = IntegerField(null=True)
    quantity = BigIntegerField()
    final = BigIntegerField()
    reason = TextField(default="")
    restock = IntegerField(default=1)

    class Meta:
        table_name = "return_line"
        primary_key = CompositeKey("sale", "position")


class Refund(_Table):
    """That a tender of a sale gave back what another receipt was paid with (I12)."""

    sale = TextField()
    position = IntegerField()
    original = TextField()
    tender = TextField()
    amount = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("sale", "position")


class Customer(_Table):
    """Whom the shop knows; the ledger bears the id alone (N11). ``banned`` bears why; coordinates in millionths."""

    id = TextField(primary_key=True)
    number = BigIntegerField(unique=True)
    state = TextField(default="active")
    kind = TextField(default="person")
    name = TextField(default="")
    nickname = TextField(default="")
    company = TextField(default="")
    vat_id = TextField(default="")
    birth_date = TextField(null=True)
    type = TextField(default="")
    language = TextField(default="")
    street = TextField(default="")
    postcode = TextField(default="")
    city = TextField(default="")
    country = TextField(default="")
    latitude = BigIntegerField(null=True)
    longitude = BigIntegerField(null=True)
    notes = TextField(default="")
    details = IntegerField(default=0)
    banned = TextField(null=True)
    merged_into = TextField(null=True)
    imported = TextField(null=True)
    created_at = BigIntegerField()
    created_by = TextField()
    changed_at = BigIntegerField()


class Contact(_Table):
    """A customer's phone (E.164) or e-mail, and whether it may be written to (T-03, T-04)."""

    customer = TextField()
    channel = TextField()
    value = TextField()
    opt_in = IntegerField(default=0)
    verified_at = BigIntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("customer", "channel")


class Consent(_Table):
    """That somebody agreed, or no longer does; ``about`` is a digest of the address, ``wording`` a version (N20)."""

    id = TextField(primary_key=True)
    customer = TextField()
    channel = TextField()
    given = IntegerField()
    about = TextField()
    wording = BigIntegerField()
    source = TextField()
    at = BigIntegerField()
    lane = TextField()
    by = TextField()


class PersonKey(_Table):
    """The key of one person's documents, wrapped by one outside the database (PLATFORM.md 8)."""

    customer = TextField(primary_key=True)
    wrapped = TextField()

    class Meta:
        table_name = "person_key"


class IdDocument(_Table):
    """A driving licence or a medical card, sealed with the person's key (T-06, T-07)."""

    customer = TextField()
    kind = TextField()
    sealed = TextField()

    class Meta:
        table_name = "id_document"
        primary_key = CompositeKey("customer", "kind")


class CustomerMerge(_Table):
    """That one customer is another one: a link, which can be undone (N24)."""

    id = TextField(primary_key=True)
    customer = TextField()
    merged_into = TextField()
    at = BigIntegerField()
    by = TextField()
    undone_at = BigIntegerField(null=True)
    undone_by = TextField(null=True)

    class Meta:
        table_name = "customer_merge"


class CustomerImport(_Table):
    """A file of customers that was taken in; ``file`` is its digest."""

    id = TextField(primary_key=True)
    at = BigIntegerField()
    by = TextField()
    file = TextField()
    created = BigIntegerField()
    changed = BigIntegerField()
    undone_at = BigIntegerField(null=True)
    undone_by = TextField(null=True)

    class Meta:
        table_name = "customer_import"


class CustomerImportBefore(_Table):
    """How a customer was before an import changed him, and what the import made of him."""

    import_ = TextField(column_name="import")
    customer = TextField()
    before = TextField()
    after = TextField()

    class Meta:
        table_name = "customer_import_before"
        primary_key = CompositeKey("import_", "customer")


class CustomerKey(_Table):
    """What a customer, by number, is found under: words, digits, addresses, folded."""

    key = TextField()
    customer = BigIntegerField()

    class Meta:
        table_name = "customer_key"
        primary_key = CompositeKey("key", "customer")


class NameWord(_Table):
    """A word that is in some customer's name."""

    word = TextField(primary_key=True)

    class Meta:
        table_name = "name_word"


class NamePart(_Table):
    """An end of such a word, so that what is in its middle is found by a beginning."""

    part = TextField()
    word = TextField()

    class Meta:
        table_name = "name_part"
        primary_key = CompositeKey("part", "word")


class NameSlip(_Table):
    """Such a word, or its beginning, with a letter left out: two that are one slip apart have one in common."""

    slip = TextField()
    word = TextField()

    class Meta:
        table_name = "name_slip"
        primary_key = CompositeKey("slip", "word")


class Card(_Table):
    """The plastic, or the slip of paper; its account holds the value (DESIGN.md 3).

    Points belong to a card: whoever has none gets one without a code (U-03).
    """

    id = TextField(primary_key=True)
    code = TextField(null=True, unique=True)
    kind = TextField()
    state = TextField(default="active")
    customer = TextField(null=True)
    issued_at = BigIntegerField()
    issued_by = TextField()
    sale = TextField(null=True)


class PointsMove(_Table):
    """What an entry did to the points of a card by hand, and why; only the reason can be taken away (T-13)."""

    entry = TextField()
    card = TextField()
    amount = BigIntegerField()
    reason = TextField(default="")

    class Meta:
        table_name = "points_move"
        primary_key = CompositeKey("entry", "card")


class Parked(_Table):
    """A sale that waits under a name (D4-01); one that was taken up again keeps its number and no content."""

    key = TextField(primary_key=True)
    number = BigIntegerField(unique=True)
    state = TextField(default="waiting")
    lane = ForeignKeyField(Lane, column_name="lane", object_id_name="lane_id", backref="+")
    name = TextField()
    note = TextField(default="")
    customer = TextField(null=True)
    content = TextField()
    items = BigIntegerField()
    total = BigIntegerField()
    locked = IntegerField(default=0)
    at = BigIntegerField()
    by = TextField()
