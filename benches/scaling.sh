#!/bin/sh
# How time and memory of `dualuse scan` grow with the log.
#
#   benches/scaling.sh [MILLIONS...]        (default: 1 2 4)
#
# Forges one log after the other (about 0.7 GiB for a million events; it is deleted again), reads it
# once to warm the cache and prints the best time of three scans and the highest peak of memory. The
# last column is that peak less 64 MiB, shared among the events. Needs `cargo build --release
# --workspace` and GNU time; DUALUSE and FORGE name other programs.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
dualuse=${DUALUSE:-$here/target/release/dualuse}
forge=${FORGE:-$here/target/release/forge}
work=$(mktemp -d "${TMPDIR:-/tmp}/scaling.XXXXXX")
trap 'rm -rf "$work"' EXIT
export XDG_DATA_HOME="$work"

echo "| events | log | scan | events a second | peak memory | bytes an event beyond 64 MiB |"
echo "|---:|---:|---:|---:|---:|---:|"
for millions in "${@:-1 2 4}"; do
    for million in $millions; do
        log=$work/$million.evtx
        "$forge" bulk --records "${million}000000" --planted 200 --seed 1 -o "$log"
        cat "$log" >/dev/null
        : >"$work/runs"
        for _ in 1 2 3; do
            /usr/bin/time -a -o "$work/runs" -f 'run %e %M' \
                "$dualuse" scan --format json "$log" >/dev/null || [ $? -eq 1 ]
        done
        grep '^run' "$work/runs" | awk -v million="$million" -v bytes="$(wc -c <"$log")" '
            { if (!best || $2 < best) best = $2; if ($3 > peak) peak = $3 }
            END {
                events = million * 1e6
                printf "| %d million | %.1f GiB | %.2f s | %.2f million | %.0f MiB | %.0f |\n", million,
                    bytes / 1073741824, best, million / best, peak / 1024,
                    (peak * 1024 - 67108864) / events
            }'
        rm -f "$log"
    done
done
