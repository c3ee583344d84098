"""``kiosk customers``: files of customers in and out, imports taken back, lists of those who agreed to mail."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kiosk.cli import ways
from kiosk.cli.data import by_the_till, complain_of, count_written, within_reach
from kiosk.cli.say import agreed, complain, progress, say, say_json, table
from kiosk.clock import from_millis
from kiosk.config import Config
from kiosk.errors import Invalid, NotFound, NothingToUndo
from kiosk.services import customer_map, customer_transfer, customer_transfer_undo
from kiosk.services.customer_rows import Channel
from kiosk.services.customer_transfer import CustomerImport
from kiosk.services.customer_transfer_columns import Preview, preview
from kiosk.services.staff import ROOT

_WIDEST = 24


def take_in(given: argparse.Namespace, config: Config) -> int:
    """Look a file through, say what it would do, and do it; 1 when a line of it can't be. Source: D8-02."""
    path, chosen = Path(given.file), _chosen(given.column)
    shown = preview(path, chosen)
    if not given.json:
        _show(shown)
    with ways.looking(config) as shop, progress("Reading") as bar:
        found = customer_transfer.import_customers(shop, path, dry_run=True, by=ROOT, chosen=chosen, progress=bar)
    if found.errors or given.dry_run or not (found.created or found.changed):
        return _tell(given, found, shown)
    if not given.json:
        _sum_up(found)
    if not given.yes and not agreed("Take this in?"):
        complain("Nothing was changed. --yes takes it in without asking.")
        return 3
    with within_reach(config, path) as copy:
        done = _write(config, copy, chosen)
    if given.json:
        say_json({**done, "columns": _columns(shown)})
    else:
        _say_done(done)
    return 0 if done["written"] else 1


def _chosen(said: list[str]) -> dict[str, str]:
    """``Tel. privat=phone``; a name may have an equals sign itself. Refuses: Invalid."""
    chosen: dict[str, str] = {}
    for one in said:
        name, equals, field = one.rpartition("=")
        if not equals:
            raise Invalid(field="column", value=one)
        chosen[name.strip()] = field.strip()
    return chosen


def _write(config: Config, copy: Path, chosen: dict[str, str]) -> dict[str, Any]:
    """By the till that runs, in steps between which it sells, or here."""
    with progress("Writing") as bar:
        errand = {"do": "customers.import", "path": str(copy), "chosen": chosen}
        done = by_the_till(config, errand, "customers.step", bar)
        if done is not None:
            return done
        with ways.alone(config) as shop:
            return customer_transfer.facts_of(
                customer_transfer.import_customers(shop, copy, dry_run=False, by=ROOT, chosen=chosen, progress=bar)
            )


def _show(shown: Preview) -> None:
    """Each column of the file, what it is taken for, and its first values."""
    table(
        [
            ("#", "column", "taken for", "first values"),
            *(
                (
                    str(one.place),
                    one.header[:_WIDEST],
                    one.field or "-",
                    " | ".join(value[:_WIDEST] for value in one.first),
                )
                for one in shown.columns
            ),
        ]
    )


def _columns(shown: Preview) -> list[dict[str, object]]:
    return [
        {"place": one.place, "header": one.header, "field": one.field, "first": list(one.first)}
        for one in shown.columns
    ]


def _tell(given: argparse.Namespace, found: CustomerImport, shown: Preview) -> int:
    if given.json:
        say_json({**customer_transfer.facts_of(found), "columns": _columns(shown)})
        return 1 if found.errors else 0
    complain_of(found.errors)
    if found.errors:
        complain(f"{len(found.errors)} errors: nothing was taken in.")
        return 1
    _sum_up(found)
    say("Nothing was taken in: --dry-run only looks." if given.dry_run else "There is nothing to take in.")
    return 0


def _sum_up(found: CustomerImport) -> None:
    say(f"{found.created} new, {found.changed} changed, {found.unchanged} as they were")
    if found.consents:
        say(f"{found.consents} agree to be written to; the file is written down as the source.")
    if found.withdrawn:
        say(f"{found.withdrawn} withdrew their consent at the till; it stays withdrawn.")


def _say_done(done: dict[str, Any]) -> None:
    if not done["written"]:
        say("The shop has changed meanwhile; nothing was taken in. Try again.")
        return
    say(f"Done: {done['created']} new, {done['changed']} changed.")
    if done["left"]:
        lines = ", ".join(map(str, done["left"][:20])) + (", …" if len(done["left"]) > 20 else "")
        complain(f"{len(done['left'])} lines were left out, because somebody changed the customer meanwhile: {lines}")
    say(f"kiosk customers undo {done['id']} takes it back.")


def imports(given: argparse.Namespace, config: Config) -> int:
    """What was taken in, the newest first."""
    with ways.looking(config) as shop:
        found = customer_transfer_undo.imports(shop, by=ROOT)
        rows = [
            {
                "id": one.id,
                "at": shop.clock.local(from_millis(one.at)).isoformat(timespec="seconds"),
                "by": one.by,
                "created": one.created,
                "changed": one.changed,
                "undone": one.undone_at is not None,
                "file": one.file,
            }
            for one in found
        ]
    if given.json:
        say_json(rows)
        return 0
    table(
        (
            str(one["id"]),
            str(one["at"]),
            str(one["by"]),
            f"{one['created']} new",
            f"{one['changed']} changed",
            "undone" if one["undone"] else "",
        )
        for one in rows
    )
    return 0


def undo(given: argparse.Namespace, config: Config) -> int:
    """Take an import back, as far as nothing has happened since. Refuses: NotFound, NothingToUndo, before it asks."""
    if not given.yes:
        _still_there(config, given.id)
        if not agreed("Take this import back?"):
            complain("Nothing was changed. --yes takes it back without asking.")
            return 3
    with progress("Taking back") as bar:
        done = by_the_till(config, {"do": "customers.undo", "id": given.id}, "customers.step", bar)
        if done is None:
            with ways.alone(config) as shop:
                done = customer_transfer_undo.facts_of(
                    customer_transfer_undo.undo_import(shop, given.id, by=ROOT, progress=bar)
                )
    if given.json:
        say_json(done)
        return 0
    say(f"{done['withdrawn']} withdrawn, {done['restored']} as they were before")
    if done["kept"]:
        numbers = ", ".join(map(str, done["kept"][:20])) + (", …" if len(done["kept"]) > 20 else "")
        complain(f"{len(done['kept'])} stay as they are, because something has happened since: {numbers}")
    return 0


def _still_there(config: Config, import_id: str) -> None:
    with ways.looking(config) as shop:
        known = {one.id: one for one in customer_transfer_undo.imports(shop, by=ROOT)}
    if import_id not in known:
        raise NotFound(what="import", code=import_id)
    if known[import_id].undone_at is not None:
        raise NothingToUndo


def export(given: argparse.Namespace, config: Config) -> int:
    """Write the customers. Source: D8-02, N12."""
    sealed = given.with_documents
    count = count_written(
        given,
        config,
        lambda shop, target: customer_transfer.export_customers(shop, target, by=ROOT, with_documents=sealed),
    )
    return _note(config, "customers with documents" if sealed else "customers", count)


def mailing(given: argparse.Namespace, config: Config) -> int:
    """Write who agreed to be written to by one channel. Source: U-29, N20."""
    channel = Channel(given.channel)
    count = count_written(
        given, config, lambda shop, target: customer_transfer.export_mailing(shop, channel, target, by=ROOT)
    )
    return _note(config, f"mailing {channel.value}", count)


def places(given: argparse.Namespace, config: Config) -> int:
    """Write where customers live, with points and turnover of a year. Source: U-16."""
    count = count_written(given, config, lambda shop, target: customer_map.write_geojson(shop, target, by=ROOT))
    return _note(config, "map", count)


def _note(config: Config, what: str, count: int) -> int:
    """The journal says that people's data went out."""
    ways.send(config, {"do": "customers.exported", "what": what, "count": count})
    return 0
