"""Phones and e-mail addresses: as people type them, as they are kept, and as they are shown (T-03, T-04)."""

from __future__ import annotations

from kiosk.errors import Invalid
from kiosk.i18n.clean import clean_text

_LONGEST: int = 254


def kept_phone(text: str, country: str) -> str:
    """A phone number in E.164, of the shop's country unless it says another; empty for none.

    One that can only be called from within its own town is none. Refuses: Invalid.
    """
    import phonenumbers

    typed = clean_text(text, _LONGEST)
    if not typed:
        return ""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException as error:
        raise Invalid(field="phone", value=typed) from error
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Invalid(field="phone", value=typed)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(kept: str, country: str) -> str:
    """A kept number as people of the shop's country write it."""
    import phonenumbers

    if not kept:
        return ""
    try:
        number = phonenumbers.parse(kept, country)
    except phonenumbers.NumberParseException:
        return kept
    own = phonenumbers.country_code_for_region(country) == number.country_code
    style = phonenumbers.PhoneNumberFormat.NATIONAL if own else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def kept_email(text: str) -> str:
    """An e-mail address as it is kept; empty for none. Its domain is not looked up. Refuses: Invalid."""
    import email_validator

    typed = clean_text(text, _LONGEST + 1)
    if not typed:
        return ""
    try:
        return str(email_validator.validate_email(typed, check_deliverability=False).normalized)
    except email_validator.EmailNotValidError as error:
        raise Invalid(field="email", value=typed) from error


def kept_vat_id(text: str, country: str) -> str:
    """A company's VAT id without spaces and points, of any country of the EU or the own; empty for none.

    Refuses: Invalid.
    """
    from stdnum import get_cc_module
    from stdnum.eu import vat

    typed = clean_text(text, 32).replace(" ", "").upper()
    if not typed:
        return ""
    own = get_cc_module(country.lower(), "vat")
    for module in (vat, own):
        if module is not None and module.is_valid(typed):
            return str(module.validate(typed))
    raise Invalid(field="vat_id", value=typed)
