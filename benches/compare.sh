#!/bin/sh
# Compares `dualuse scan` with `evtx_dump -o jsonl`, run by run in turn, on a warm cache.
#
#   benches/compare.sh [LOG.evtx|FOLDER] [RUNS]
#
# Without a log it forges one of a million records. Needs
#
#   cargo build --release --workspace
#   cargo install evtx --version 0.15.1 --root SOMEWHERE    # then PATH=SOMEWHERE/bin:$PATH
#
# or DUALUSE, FORGE and EVTX_DUMP, which name other programs. Prints both times of each run and their
# ratio (on standard error), and then the medians of all three, at 1 and 2 threads. evtx_dump reads
# one file; a folder of logs is given to it file by file, within one measure, so each file costs it
# the start of a process.
set -eu

runs=${2:-7}
here=$(cd "$(dirname "$0")/.." && pwd)
dualuse=${DUALUSE:-$here/target/release/dualuse}
forge=${FORGE:-$here/target/release/forge}
evtx_dump=${EVTX_DUMP:-evtx_dump}
for program in "$dualuse" "$evtx_dump"; do
    command -v "$program" >/dev/null || {
        echo "compare.sh: $program is not there; see the head of this script" >&2
        exit 2
    }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A case of its own: decisions of the user's cases would be looked up.
export XDG_DATA_HOME="$work"
log=${1:-}
[ -z "$log" ] || [ -e "$log" ] || {
    echo "compare.sh: $log is not there" >&2
    exit 2
}
if [ -z "$log" ]; then
    log=$work/million.evtx
    "$forge" bulk --records 1000000 --planted 200 --seed 1 -o "$log"
fi

# Seconds that a command takes. `scan` ends with 1 when it finds alerts and with 3 when some
# evidence is damaged, which is no failure here.
seconds() {
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1 || [ $? -ne 2 ] || {
        echo "compare.sh: failed: $*" >&2
        exit 2
    }
    end=$(date +%s%N)
    awk "BEGIN { printf \"%.4f\n\", ($end - $start) / 1e9 }"
}

dump() {
    find "$log" -name '*.evtx' -exec "$evtx_dump" -t "$1" -o jsonl {} \;
}

scan() {
    "$dualuse" scan --threads "$1" --format json "$log"
}

median() {
    sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

echo "| threads | evtx_dump | dualuse scan | ratio |"
echo "|---:|---:|---:|---:|"
for threads in 1 2; do
    : >"$work/dump"
    : >"$work/scan"
    : >"$work/ratio"
    dump "$threads" >/dev/null 2>&1 || true
    run=0
    while [ "$run" -lt "$runs" ]; do
        dumped=$(seconds dump "$threads")
        scanned=$(seconds scan "$threads")
        ratio=$(awk "BEGIN { printf \"%.2f\", $scanned / $dumped }")
        echo "$dumped" >>"$work/dump"
        echo "$scanned" >>"$work/scan"
        echo "$ratio" >>"$work/ratio"
        run=$((run + 1))
        echo "threads $threads, run $run: evtx_dump $dumped s, scan $scanned s, ratio $ratio" >&2
    done
    echo "| $threads | $(median "$work/dump") s | $(median "$work/scan") s | $(median "$work/ratio") |"
done
