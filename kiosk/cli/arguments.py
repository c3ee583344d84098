"""The words that the commands understand. Importing this loads nothing of the till."""

from __future__ import annotations

import argparse
from typing import Any, Final

import kiosk

ROLES: Final = ("cashier", "lead", "manager", "owner", "technician")
CHANNELS: Final = ("phone", "email")
LANGUAGES: Final = ("en", "de", "fr", "it", "nl")
REPORTS: Final = (
    "days", "hours", "weekdays", "articles", "categories", "staff", "tax", "tenders", "differences",
)  # fmt: skip
LISTS: Final = ("birthdays", "dormant", "best", "new")

_CODES: Final = """\
exit codes:
  0 done                              3 refused
  1 the answer is bad: verify or      4 the till is running, or is needed and is not
    doctor found something, a file    5 the disk or the database failed
    to import has errors             70 a fault in the program
  2 wrong use                       130 interrupted
"""


class _Commands:
    """Adds commands whose help reads alike."""

    def __init__(self, under: Any) -> None:
        self._under = under

    def add(self, name: str, words: str, command: str, *, needs_config: bool = True) -> argparse.ArgumentParser:
        """A command; ``command`` is ``module:function`` below kiosk.cli, imported when it is wanted."""
        made: argparse.ArgumentParser = self._under.add_parser(name, help=words, description=words)
        made.set_defaults(command=command, needs_config=needs_config)
        return made

    def group(self, name: str, words: str) -> _Commands:
        """A command that has commands of its own."""
        made = self._under.add_parser(name, help=words, description=words)
        return _Commands(made.add_subparsers(title="commands", metavar="COMMAND", required=True))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    made = argparse.ArgumentParser(
        prog="kiosk",
        description="A cash register for a small shop, in a terminal.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"kiosk {kiosk.__version__}")
    made.add_argument("--config", metavar="FILE", help="the machine's configuration (/etc/kiosk/kiosk.toml)")
    made.add_argument("--debug", action="store_true", help="show the traceback of what went wrong")
    commands = _Commands(made.add_subparsers(title="commands", metavar="COMMAND"))
    _till(commands)
    _proof(commands)
    _copies(commands)
    _data(commands)
    _customers(commands)
    _reports(commands)
    _days(commands)
    _people(commands)
    _shop(commands)
    _paper(commands)
    _machine(commands)
    return made


def _till(commands: _Commands) -> None:
    commands.add("run", "the till, full screen", "till:run")
    demo = commands.add("demo", "the till on a demo shop; needs no hardware", "demo:demo", needs_config=False)
    demo.add_argument("--dir", metavar="DIR", help="keep the shop here; without it, it is gone at the end")
    demo.add_argument("--language", choices=LANGUAGES, default="en")
    setup = commands.add("setup", "make a shop: a handful of questions", "setup:setup", needs_config=False)
    setup.add_argument("--name", help="the shop's, as it stands on receipts")
    setup.add_argument("--address", action="append", metavar="LINE", help="a line of the address; may come again")
    setup.add_argument("--tax-id", metavar="ID")
    setup.add_argument("--country", metavar="CC", help="two letters; decides tax rates, currency and tenders")
    setup.add_argument("--language", choices=LANGUAGES)
    setup.add_argument("--lane", metavar="ID", help="this till's name, such as R1")
    setup.add_argument("--lane-number", type=int, metavar="N", help="1 to 99; stands in the receipt's barcode")
    setup.add_argument("--state", metavar="DIR", help="where the shop is kept (/var/lib/kiosk)")
    setup.add_argument("--printer", metavar="KIND[:ADDRESS]", help="none, file:PATH, device:PATH, serial:PATH, …")
    setup.add_argument("--scanner", metavar="VENDOR:PRODUCT", help="of a scanner that the till doesn't know by itself")
    setup.add_argument("--owner", metavar="NAME", help="the first person; the PIN comes from standard input")
    setup.add_argument("--yes", action="store_true", help="ask nothing; take the proposals")
    setup.add_argument("--force", action="store_true", help="write the configuration anew where there is one")


def _proof(commands: _Commands) -> None:
    commands.add("upgrade", "bring the database up to date; the till does it too, where it may", "shop:upgrade")
    doctor = commands.add("doctor", "how machine, database, devices and backups are", "health:doctor")
    doctor.add_argument("--json", action="store_true")
    verify = commands.add("verify", "prove the ledger; may run while the till sells", "health:verify")
    verify.add_argument(
        "--anchor", action="append", default=[], metavar="LANE:SEQ:HASH", help="what a paper shows; may come again"
    )
    verify.add_argument("--json", action="store_true")


def _copies(commands: _Commands) -> None:
    backup = commands.add("backup", "a sealed copy of the shop; may run while the till sells", "copies:backup")
    backup.add_argument("target", nargs="?", metavar="TARGET", help="a stick's directory, or user@host:directory")
    backup.add_argument("--remember", action="store_true", help="from now on TARGET is it, every night too")
    backup.add_argument("--keep", type=int, default=30, metavar="N", help="how many stay (30)")
    backup.add_argument("--new-owner-key", metavar="FILE", help="make the owner's keys; FILE opens every backup")
    backup.add_argument("--force", action="store_true", help="replace the owner's key that is known here")
    backup.add_argument("--json", action="store_true")
    restore = commands.add("restore", "bring a backup back; everything is checked first", "copies:restore")
    restore.set_defaults(config_may_be_missing=True)
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--owner-key", required=True, metavar="FILE", help="what --new-owner-key made")
    restore.add_argument("--check", action="store_true", help="only look whether it could be brought back")
    restore.add_argument("--signer", default="", metavar="FINGERPRINT", help="of a till unknown to the owner key")
    restore.add_argument("--anchor", action="append", default=[], metavar="LANE:SEQ:HASH", help="what a paper shows")
    restore.add_argument("--with-problems", action="store_true", help="even if its books have a fault")
    restore.add_argument("--yes", action="store_true", help="don't ask")
    restore.add_argument("--json", action="store_true")


def _data(commands: _Commands) -> None:
    imports = commands.group("import", "bring data into the shop")
    articles = imports.add("articles", "articles from CSV: all of them, or none", "data:import_articles")
    articles.add_argument("file", metavar="FILE")
    articles.add_argument("--dry-run", action="store_true", help="only say what would be done")
    articles.add_argument("--yes", action="store_true", help="don't ask")
    articles.add_argument("--json", action="store_true")
    exports = commands.group("export", "take data out of the shop")
    for name, words, formats in (
        ("articles", "the catalogue", ("csv",)),
        ("sales", "receipts and their lines", ("csv", "jsonl")),
        ("ledger", "every entry and its postings", ("jsonl", "hledger", "csv")),
    ):
        export = exports.add(name, words, f"data:export_{name}")
        export.add_argument("--format", choices=formats, default=formats[0])
        export.add_argument("-o", "--output", metavar="FILE", help="instead of standard output")


def _customers(commands: _Commands) -> None:
    customers = commands.group("customers", "files of customers in and out, and lists for mailings")
    imports = customers.add("import", "customers from CSV; what is taken in can be undone", "customers:take_in")
    imports.add_argument("file", metavar="FILE")
    imports.add_argument("--dry-run", action="store_true", help="only say what would be done")
    imports.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=FIELD",
        help="what a column is, by its name or #place; - is nothing; may come again",
    )
    imports.add_argument("--yes", action="store_true", help="don't ask")
    imports.add_argument("--json", action="store_true")
    customers.add("imports", "what was taken in, the newest first", "customers:imports").add_argument(
        "--json", action="store_true"
    )
    undo = customers.add("undo", "take an import back, where nothing has happened since", "customers:undo")
    undo.add_argument("id", metavar="ID", help="as kiosk customers imports says it")
    undo.add_argument("--yes", action="store_true", help="don't ask")
    undo.add_argument("--json", action="store_true")
    export = customers.add("export", "all customers, as CSV", "customers:export")
    export.add_argument("--with-documents", action="store_true", help="driving licences and medical numbers too")
    mailing = customers.add("mailing", "whom the shop may write to, as CSV", "customers:mailing")
    mailing.add_argument("channel", choices=CHANNELS, metavar="CHANNEL", help=", ".join(CHANNELS))
    places = customers.add("map", "where customers live, as GeoJSON for a map program", "customers:places")
    for one in (export, mailing, places):
        one.add_argument("-o", "--output", metavar="FILE", help="instead of standard output")


def _reports(commands: _Commands) -> None:
    report = commands.add(
        "report", "what was sold when, of what, by whom; may run while the till sells", "reports:report"
    )
    report.add_argument(
        "name",
        choices=(*REPORTS, *LISTS),
        metavar="NAME",
        help=f"{', '.join(REPORTS)}; of customers: {', '.join(LISTS)}",
    )
    report.add_argument(
        "--span", metavar="DAYS", help="today, last-week, 22.11., 1.11.-22.11., 11.2026, 2026 … (today)"
    )
    report.add_argument("--from", dest="first", metavar="DAY", help="the first day")
    report.add_argument("--to", dest="last", metavar="DAY", help="the last day (today)")
    report.add_argument("--lane", metavar="ID", help="of one till only")
    report.add_argument("--person", metavar="NAME", help="of one person only")
    layout = report.add_mutually_exclusive_group()
    layout.add_argument("--csv", action="store_true", help="for a spreadsheet")
    layout.add_argument("--json", action="store_true")


def _days(commands: _Commands) -> None:
    shift = commands.add("shift", "how the day at this till stands; may run while it sells", "days:shift")
    shift.add_argument("--json", action="store_true")
    x = commands.add("x", "the figures of the day up to now; nothing is kept or printed", "days:x")
    x.add_argument("--json", action="store_true")
    z = commands.group("z", "past Z reports")
    past = z.add("list", "the newest first", "days:z_list")
    past.add_argument("--lane", metavar="ID", help="of one till only")
    past.add_argument("--last", type=int, default=100, metavar="N", help="how many (100)")
    past.add_argument("--json", action="store_true")
    show = z.add("show", "one as it was printed", "days:z_show")
    show.add_argument("number", type=int, metavar="NUMBER")
    show.add_argument("--lane", metavar="ID", help="of another till than this one")
    layout = show.add_mutually_exclusive_group()
    layout.add_argument("--pdf", metavar="FILE", help="write it as PDF")
    layout.add_argument("--json", action="store_true", help="its figures, and the entry that closed it")


def _people(commands: _Commands) -> None:
    staff = commands.group("staff", "who works at the till")
    staff.add("list", "everybody, former ones too", "people:show").add_argument("--json", action="store_true")
    add = staff.add("add", "take somebody on; the PIN is asked, or comes from standard input", "people:add")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", choices=ROLES, default="cashier")
    add.add_argument("--language", choices=LANGUAGES, default="")
    for name, words in (
        ("reset", "a new PIN for somebody; the way back for an owner who is locked out"),
        ("unlock", "let somebody try again after too many wrong PINs"),
        ("deactivate", "let somebody go; what they did keeps their name"),
        ("activate", "take somebody back"),
    ):
        staff.add(name, words, f"people:{name}").add_argument("name", metavar="NAME")
    badge = staff.add("badge", "a badge for somebody: a new one, or one that is there", "people:badge")
    badge.add_argument("name", metavar="NAME")
    badge.add_argument("--code", help="what the badge says when it is scanned")
    badge.add_argument("--remove", action="store_true")


def _shop(commands: _Commands) -> None:
    settings = commands.group("settings", "what all tills of the shop share")
    settings.add("list", "each setting and its value", "shop:settings").add_argument("--json", action="store_true")
    change = settings.add("set", "change one; past sales keep the one they used", "shop:set_setting")
    change.add_argument("name", metavar="NAME")
    change.add_argument("value", metavar="VALUE", help="amounts such as 0.05; several are parted by ;")
    tenders = commands.group("tenders", "the means of payment")
    tenders.add("list", "each, also those that are not taken now", "shop:tenders").add_argument(
        "--json", action="store_true"
    )
    tender = tenders.add("set", "set one up", "shop:set_tender")
    tender.add_argument("code", metavar="CODE")
    tender.add_argument("--name", help="as it stands on screen and receipt")
    for part, words in (
        ("drawer", "opens the drawer"),
        ("change", "gives change"),
        ("refund", "takes money back"),
        ("terminal", "is confirmed against a card terminal"),
        ("active", "is taken at present"),
    ):
        tender.add_argument(f"--{part}", action=argparse.BooleanOptionalAction, help=words)


def _paper(commands: _Commands) -> None:
    prints = commands.group("print", "paper: what waits, copies, a test page")
    prints.add("test", "a test page", "paper:test")
    prints.add("waiting", "what has not come out yet", "paper:waiting").add_argument("--json", action="store_true")
    prints.add("drop", "give up what waits; each receipt can be printed again", "paper:drop")
    for name, words in (
        ("receipt", "print a receipt again, marked as a copy"),
        ("preview", "show a receipt as it was printed"),
        ("pdf", "write a receipt as PDF"),
    ):
        one = prints.add(name, words, f"paper:{name}")
        one.add_argument("number", type=int, metavar="NUMBER")
        if name == "receipt":
            one.add_argument("--by", required=True, metavar="NAME", help="who wants it; the PIN is asked")
        if name == "pdf":
            one.add_argument("-o", "--output", required=True, metavar="FILE")


def _machine(commands: _Commands) -> None:
    scan = commands.add("scan", "scan into the running till", "scan:scan")
    scan.add_argument("codes", nargs="+", metavar="CODE")
    devices = commands.group("devices", "scanners and printers")
    devices.add("list", "what is plugged in", "hardware:show").add_argument("--json", action="store_true")
    learn = devices.add("learn", "which keyboard a scanner thinks it is", "hardware:learn")
    learn.add_argument("device", metavar="DEVICE", help="/dev/input/eventN, a link, uniq:SERIAL or VENDOR:PRODUCT")
    learn.add_argument("--seconds", type=float, default=30.0, help="how long to wait for a scan (30)")
    for name, words in (
        ("install", "put the till on this machine: at power-on, its timers, its scanner"),
        ("uninstall", "take it off this machine; the shop's data stay"),
    ):
        install = commands.add(name, words, f"machine:{name}", needs_config=False)
        install.add_argument("--dry-run", action="store_true", help="only say what would be done")
        install.add_argument("--root", default="/", metavar="DIR", help="of an image instead of this machine")
        if name == "install":
            install.add_argument("--user", default="kiosk", help="whom the till belongs to (kiosk)")
            install.add_argument("--scanner", metavar="VENDOR:PRODUCT", help="one that isn't known by its maker")
    completion = commands.add("completion", "completion for a shell", "machine:completion", needs_config=False)
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    commands.add("version", "which kiosk this is", "machine:version", needs_config=False)
