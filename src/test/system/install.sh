#!/bin/sh
# Installs the peers of the system tests, and only those that are missing: nginx, HAProxy, Chromium, Python's websockets,
# node and npm, ip and nft from the distribution (Debian or Ubuntu, as root), the node `ws` package into target/system.
# With the argument `peers` it installs nginx and HAProxy alone, which is what the benchmark needs.
# Run from anywhere, as often as you like; without root it says what to install. A missing tool is a failure (exit 1):
# the system tests have no skips.
set -eu

cd "$(dirname "$0")/../../.."

have() { command -v "$1" >/dev/null 2>&1; }

wanted=""
have nginx || [ -x /usr/sbin/nginx ] || wanted="$wanted nginx"
have haproxy || [ -x /usr/sbin/haproxy ] || wanted="$wanted haproxy"
if [ "${1:-}" != peers ]; then
    have chromium || wanted="$wanted chromium"
    # Debian's own Python, by its path: a pyenv or venv python3 earlier in PATH does not see Debian's modules.
    /usr/bin/python3 -c 'import websockets' 2>/dev/null || wanted="$wanted python3 python3-websockets"
    have node || wanted="$wanted nodejs"
    # A node that came from elsewhere usually brings its npm; Debian's node does not.
    have npm || wanted="$wanted npm"
    { have ip && have tc; } || [ -x /usr/sbin/tc ] || wanted="$wanted iproute2"
    have nft || [ -x /usr/sbin/nft ] || wanted="$wanted nftables"
    have gcc || wanted="$wanted gcc libc6-dev"
fi

if [ -n "$wanted" ]; then
    if [ "$(id -u)" -ne 0 ] || ! have apt-get; then
        echo "missing here:$wanted" >&2
        echo "install them: sudo apt-get install --no-install-recommends$wanted" >&2
        exit 1
    fi
    # The packages of nginx (on port 80) and HAProxy start a service unless policy-rc.d forbids it. Ours stands only
    # during the install, and only where the machine has none of its own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        trap 'exit 1' INT TERM
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of package names, to be split
    apt-get install -y -qq --no-install-recommends $wanted
fi

[ "${1:-}" != peers ] || exit 0

# The packages go under target, with the lock file beside them: npm ci takes exactly what the lock names and checks the
# hashes in it. A second run with the same lock does nothing.
mkdir -p target/system
if ! cmp -s src/test/system/package-lock.json target/system/package-lock.json ||
    [ ! -e target/system/node_modules/ws/package.json ]; then
    cp src/test/system/package.json src/test/system/package-lock.json src/test/system/.npmrc target/system/
    (cd target/system && npm ci --ignore-scripts --no-audit --no-fund) || {
        # Without this the next run would believe that the packages are there.
        rm -f target/system/package-lock.json
        exit 1
    }
fi

failed=0
check() {
    if "$@" >/dev/null 2>&1; then return; fi
    echo "the system tests need this to work, and it does not: $*" >&2
    failed=1
}
PATH="$PATH:/usr/sbin:/sbin"
check nginx -v
check haproxy -v
check chromium --version
check /usr/bin/python3 -c 'import websockets'
check node --version
check ip -V
check nft --version
check test -e target/system/node_modules/ws/package.json
exit "$failed"
