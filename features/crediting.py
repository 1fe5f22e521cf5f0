"""How much of a disputed invoice is credited in the end."""

from typing import Final

import polars as pl

from features.feature import feature
from features.signal import Signal, count, total
from records.known import MONEY_SCALE, Facts, Known
from records.receivables import receivables

PRIOR_DISPUTES: Final = 5
"""Weight of the firm's own share in a client's: resolved disputes of one client are few."""


@feature(unit="share", group="credit", phrase="of what this client disputed {seen} was credited (usual: {usual})")
def client_credited_share(known: Known) -> Signal:
    """Share of a disputed invoice that is credited, of the client's resolved disputes, drawn to the firm's own while there are few.

    Before any dispute is resolved it is all of it: nothing on record says that less is at stake.
    """
    held = known.derived(credited)
    firm = (total(held, "share", by=None) / MONEY_SCALE + 1.0) / (count(held, by=None) + 1.0)
    return (total(held, "share", by="client_id") / MONEY_SCALE + firm * PRIOR_DISPUTES) / (count(held, by="client_id") + PRIOR_DISPUTES)


def credited(known: Known) -> Facts:
    """Resolved disputes: invoice_id, client_id, `share` of the invoice that was credited (engine number).

    What the dispute says was credited; where it does not say, what was credited on the invoice; of an invoice cancelled since, all of it.
    """
    resolved = known.facts("dispute", after=("resolved_at",), take=("invoice_id", "credited_amount"))
    both = resolved.joined(known.derived(receivables), on="invoice_id", take=("client_id", "gross", "credited", "stage"))
    given = pl.coalesce("credited_amount", "credited").fill_null(0) / pl.col("gross")
    share = pl.when(pl.col("stage") == "cancelled").then(1.0).when(pl.col("gross") > 0).then(given.clip(0, 1)).otherwise(0.0)
    told = both.frame.with_columns(share=(share * MONEY_SCALE).round().cast(pl.Int64))
    return Facts(resolved.name, told.drop("credited_amount", "gross", "credited", "stage"))
