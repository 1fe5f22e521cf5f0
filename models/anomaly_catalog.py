"""ANOMALIES: every kind of record that is looked at for what is unusual about it.

Adding one takes a file beside this one that declares an Anomaly, a line here, and cases in tests/models.
"""

from typing import Final

from models.anomaly import Anomaly
from models.unusual_lines import UNUSUAL_LINES
from models.unusual_time import UNUSUAL_TIME

ANOMALIES: Final[tuple[Anomaly, ...]] = (UNUSUAL_LINES, UNUSUAL_TIME)
