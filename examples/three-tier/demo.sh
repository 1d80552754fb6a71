#!/bin/sh
# A three-tier web application, stopped before its database server is created, and resumed from
# another process. WFBREAK names the command; everything is kept in a temporary folder.
set -u
here=$(dirname "$0")
wfbreak=${WFBREAK:-wfbreak}
WFBREAK_STATE=$(mktemp -d)
export WFBREAK_STATE
trap 'rm -rf "$WFBREAK_STATE"' EXIT
PASSWORD_FILE=$WFBREAK_STATE/password
(umask 077; od -An -N12 -tx1 /dev/urandom | tr -d ' \n' > "$PASSWORD_FILE")

say() { printf '\n--- %s\n\n' "$1"; }

say "wfbreak run: create the stack; env.yaml has a hook on the database server"
"$wfbreak" run "$here/web.yaml" -e "$here/env.yaml" --parameter-file "db_password=$PASSWORD_FILE"
[ $? -eq 5 ] || { echo "demo: the stack did not stop at its breakpoint" >&2; exit 1; }

say "wfbreak list: another process, another look; the engine's database holds the stack"
"$wfbreak" list
execution=$("$wfbreak" list --paused -f value -c execution)

say "wfbreak resume: go on to the end"
"$wfbreak" resume "$execution" || { echo "demo: the stack did not end well" >&2; exit 1; }

say "wfbreak outputs"
"$wfbreak" outputs "$execution"
