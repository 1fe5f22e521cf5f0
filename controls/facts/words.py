"""Values of a finding as plain text, the same whoever reads them; pages write them in the reader's way."""

import polars as pl

from records.known import MONEY_SCALE


def plain(engine: pl.Expr) -> pl.Expr:
    """Engine money or an engine number as a decimal: two places, or as many as it has."""
    whole, places = engine.abs() // MONEY_SCALE, engine.abs() % MONEY_SCALE
    sign = pl.when(engine < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, whole.cast(pl.String), pl.lit("."), places.cast(pl.String).str.zfill(4).str.replace(r"0{1,2}$", ""))
