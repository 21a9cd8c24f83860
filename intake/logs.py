"""The log of the reports' side: that something failed and where, and nothing of what was sent.

A message may quote a path, a header or a database value, so no message is written. What is left
is the level, the logger, the type of the exception and the line of our code it came from.
"""

import logging
import traceback


class FaultFormatter(logging.Formatter):
    """Format a record without its message, its time and its arguments."""

    def format(self, record: logging.LogRecord) -> str:
        said = f"{record.levelname} {record.name}"
        if not record.exc_info or record.exc_info[0] is None:
            return said
        kind, _, trace = record.exc_info
        frames = traceback.extract_tb(trace)
        where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        return f"{said} {kind.__name__}{where}"
