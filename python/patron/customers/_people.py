"""Generated people, whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import Progress


def generate_people(
    n: int = 1000,
    *,
    seed: int = 42,
    repeat: float = 0.4,
    household: float = 0.3,
    shared_phone: float = 0.2,
    homophone: float = 0.05,
    variant: float = 0.1,
    romanised: float = 0.05,
    reversed: float = 0.03,  # noqa: A002 - as the column
    typo: float = 0.03,
    damaged: float = 0.03,
    new_phone: float = 0.1,
    phone_form: float = 0.3,
    new_address: float = 0.1,
    address_form: float = 0.3,
    birth_error: float = 0.05,
    missing: float = 0.05,
    progress: Progress = None,
) -> Table:
    """Generate records of people of the mainland, whose truth is known.

    Surnames occur as often as in the population (the list of Yuan Yida, Chinese Academy of Sciences:
    the shares of the first sixteen, then a steady fall to 0.1 % at the hundredth); given names,
    phones, birth dates and addresses are made up. Errors befall each record of a person but the
    first, each on its own.

    Parameters
    ----------
    n : int
        People.
    seed : int
        Equal arguments give equal rows.
    repeat : float
        Probability that a person has one more record, again and again; below 1.
    household, shared_phone : float
        That a person lives with the one before, at one address, and that such a person has the phone
        of the household.
    homophone, variant, romanised, reversed, typo, damaged : float
        Of the name: another character of the same sound; traditional characters; Latin letters, in
        either order; the given name first; another character; a character lost, or its reading
        behind it in brackets.
    new_phone, phone_form, new_address, address_form, birth_error : float
        Another phone or address, or the same written in another way; day and month exchanged, or
        another year of the decade.
    missing : float
        No phone, birth date or address, each.
    progress : bool or callable, optional
        As in `patron.value.summarize`.

    Returns
    -------
    Table
        id, name, phone, birth, address; the truth: entity and household; and for each kind of error
        whether it befell the record, as far as it shows.

    Raises
    ------
    ValueError
        For an option out of its range.

    Examples
    --------
    >>> from patron.customers import generate_people
    >>> people = generate_people(100, seed=7)
    >>> people.columns[:7]
    ['id', 'name', 'phone', 'birth', 'address', 'entity', 'household']
    >>> len(set(people["entity"].tolist()))
    100
    """
    shares = (
        repeat,
        household,
        shared_phone,
        homophone,
        variant,
        romanised,
        reversed,
        typo,
        damaged,
        new_phone,
        phone_form,
        new_address,
        address_form,
        birth_error,
        missing,
    )
    return Table._of(_core.generate_people(n, seed, shares, progress))
