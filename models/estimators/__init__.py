"""How a probability or a date is estimated; one file per kind of estimator."""
