#!/bin/sh
# Whether the process of this container is well: its event loop has turned in the last 20 s, and an API serves.
# The pulse is a file that the process touches: asking it costs no start of Node, which 25 workers would feel.
pulse=${BEE_PULSE:-/tmp/bee-pulse}
[ -f "$pulse" ] || { echo "not started yet"; exit 1; }
age=$(($(date +%s) - $(stat -c %Y "$pulse")))
[ "$age" -le 20 ] || { echo "no sign of life for $age s"; exit 1; }
url=$(cat "$pulse")
[ -n "$url" ] || exit 0
exec node -e 'fetch(process.argv[1] + "/readyz").then(async (r) => { console.log(await r.text()); process.exit(r.ok ? 0 : 1); })' "$url"
