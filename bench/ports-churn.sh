#!/bin/bash
# What does a dial cost when its source address is almost full? PortsChurn.java says what is measured, and how.
#
#   bench/ports-churn.sh [PORTS [DIALS [ROUNDS]]]        16000 ports, 4000 measured dials a run, 3 rounds
#
# Prints a table for the README to standard output, every run to standard error. Needs root for a network namespace of its own,
# whose sysctls are the only ones that it sets, and compiled test classes (mvn test-compile). One mode after the other has the
# range to itself, so the slice of ring need not be reserved here as it must in production.
set -eu

cd "$(dirname "$0")/.."
ports=${1:-16000}
dials=${2:-4000}
rounds=${3:-3}
low=20000

if [ "${PORTS_CHURN_INSIDE:-}" != true ]; then
    mvn -q -o dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/test.classpath >&2
    PORTS_CHURN_INSIDE=true exec unshare --net "$0" "$ports" "$dials" "$rounds"
fi

ip link set lo up
echo "$low $((low + ports - 1))" >/proc/sys/net/ipv4/ip_local_port_range
# Connections that are never accepted wait in the listener's queue.
echo 65535 >/proc/sys/net/core/somaxconn
ulimit -n "$(ulimit -H -n)"

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
{
    echo "kernel $(uname -r), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $ports ports, $dials dials a run," \
        "$rounds rounds"
    "$java" -version 2>&1 | sed -n 1p
} >&2
exec "$java" -Xmx512m --add-opens java.base/sun.nio.ch=ALL-UNNAMED --add-opens java.base/jdk.internal.misc=ALL-UNNAMED \
    -cp "target/test-classes:target/classes:$(cat target/test.classpath)" \
    io.longshore.origin.PortsChurn "$ports" "$dials" "$rounds"
