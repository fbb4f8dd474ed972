#!/bin/sh
# Runs HAProxy with haproxy-balancer.cfg until standard input ends: haproxy-balancer.sh PORT BACKEND [OPTION...]
# PORT is where it listens, BACKEND the proxy's port behind it, the OPTIONs are its server's, such as send-proxy-v2. Its
# configuration lives in a folder of its own, which goes when it goes.
set -eu

PATH="$PATH:/usr/sbin:/sbin"
here=$(cd "$(dirname "$0")" && pwd)
port=$1
backend=$2
shift 2
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
sed -e "s|PORT|$port|g; s|BACKEND|$backend|g; s|OPTIONS|$*|g" "$here/haproxy-balancer.cfg" >"$prefix/haproxy.cfg"

haproxy -db -f "$prefix/haproxy.cfg" </dev/null &
haproxy=$!
trap 'kill "$haproxy" 2>/dev/null || true; wait "$haproxy" || true; rm -rf "$prefix"' EXIT
# One that cannot bind its port ends by itself; whoever started us finds nobody listening, and sees why.
cat >/dev/null
