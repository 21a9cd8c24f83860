"""The one page for people: which accounts there are, and what state each is in."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from platforms.sandbox.accounts import Account

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1 { font: 600 1.6rem/1.2 Georgia, serif; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: start; padding-block: .5rem; }
th, td { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent);
  padding: .45rem .6rem .45rem 0; text-align: start; vertical-align: top; }
td.number, th.number { font-variant-numeric: tabular-nums; padding-inline-end: 2rem;
  text-align: end; }
td.down { font-weight: 600; }
small { display: block; font-weight: 400; opacity: .75; }
button { font: inherit; }
"""

WORDS = {
    "active": "Up",
    "withheld": "Withheld",
    "suspended": "Suspended",
    "suspended_by_platform": "Suspended by this platform",
    "deactivated": "Switched off by its holder",
    "gone": "Deleted",
}


def accounts_page(accounts: list[Account], *, name: str, form_token: str) -> str:
    """Write the page. `form_token` proves to the restore button that its page came from here."""
    rows = "\n".join(_row(account, form_token=form_token) for account in accounts)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(name)}: accounts</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{escape(name)}</h1>
<p>This is a sandbox platform with invented accounts. “Restore here” gives an account back
without asking Holdfast, as a careless tool would.</p>
<table>
<caption>The {len(accounts)} most followed accounts, and the state each is in.</caption>
<thead><tr><th scope="col">Account</th><th class="number" scope="col">Followers</th>
<th scope="col">State</th><th scope="col">Operator</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""


def _row(account: Account, *, form_token: str) -> str:
    state = WORDS[account.state]
    if account.withheld_in:
        state += f" in {', '.join(account.withheld_in)}"
    notes = [
        *(["labelled"] if account.labelled else []),
        *([] if account.monetised else ["earns nothing"]),
    ]
    button = ""
    if account.state not in ("active", "gone"):
        address = f"/operator/accounts/{quote(account.id, safe='')}/restore"
        button = (
            f'<form method="post" action="{address}">'
            f'<input type="hidden" name="form_token" value="{escape(form_token, quote=True)}">'
            f'<button aria-label="Restore {escape(account.handle, quote=True)} here">Restore here'
            "</button></form>"
        )
    return (
        f'<tr><th scope="row"><bdi>{escape(account.display_name)}</bdi>'
        f"<small>@{escape(account.handle)}</small></th>"
        f'<td class="number">{account.followers:,}</td>'
        f'<td class="{"up" if account.state == "active" else "down"}">{escape(state)}'
        f"<small>{escape(', '.join(notes))}</small></td><td>{button}</td></tr>"
    )
