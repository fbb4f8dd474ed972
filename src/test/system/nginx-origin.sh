#!/bin/sh
# Runs nginx with nginx-origin.conf until standard input ends: nginx-origin.sh PORT BACKEND
# PORT is where it listens, BACKEND the port of the ws-origin.js behind it. Its files live in a folder of its own, which
# goes when it goes.
set -eu

PATH="$PATH:/usr/sbin:/sbin"
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
sed -e "s|PREFIX|$prefix|g; s|PORT|$1|g; s|BACKEND|$2|g; s|PAGES|$here|g" "$here/nginx-origin.conf" >"$prefix/nginx.conf"

nginx -p "$prefix" -e "$prefix/error.log" -c "$prefix/nginx.conf" </dev/null &
nginx=$!
trap 'kill "$nginx" 2>/dev/null || true; wait "$nginx" || true; rm -rf "$prefix"' EXIT
# A nginx that cannot bind its port ends by itself; whoever started us finds nobody listening, and sees why.
cat >/dev/null
cat "$prefix/error.log" >&2
