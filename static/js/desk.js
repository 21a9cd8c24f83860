// The only module a page loads: one address, so that every module below exists once.
import * as announce from "./announce.js";
import * as casePage from "./case.js";
import * as countdown from "./countdown.js";
import * as dialogs from "./dialogs.js";
import * as htmxPage from "./htmx.js";
import * as queue from "./queue.js";
import * as session from "./session.js";
import * as shortcuts from "./shortcuts.js";
import * as theme from "./theme.js";

// Shortcuts come last: their dialog lists what the modules before them offered.
for (const module of [theme, dialogs, announce, htmxPage, session, countdown, queue, casePage, shortcuts]) {
  module.start();
}
