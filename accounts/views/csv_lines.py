"""CSV that streams, and that no spreadsheet runs."""


class Echo:
    """A file that hands back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def safe_cell(text: str) -> str:
    """Keep a spreadsheet from running a text that looks like a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
