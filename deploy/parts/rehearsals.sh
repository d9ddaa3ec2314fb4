# shellcheck shell=bash
# An installation of its own, in a data folder of its own, with people at work on it (deploy/rehearsal).

# begin_rehearsal NAME [UP]: starts the installation; it is stopped and deleted when the script ends, unless it failed.
begin_rehearsal() {
    [ -z "${MARKETPLACE_DATA:-}" ] || rehearsal_root=$MARKETPLACE_DATA/rehearsal-$1
    rehearsal_root=${rehearsal_root:-/var/tmp/marketplace-rehearsal-$(id -u)-$1}
    export MARKETPLACE_DATA=$rehearsal_root
    open_data run
    "$here/down" --erase >/dev/null 2>&1 || true
    open_data run
    trap end_rehearsal EXIT
    trap 'exit 130' INT TERM
    "${2:-$here/up}" --detach --port "$(free_port 18800)"
    load_ports
}

end_rehearsal() {
    local status=$? name
    trap '' INT TERM
    for name in crew backup; do
        stop_process "$name" TERM 30
    done
    if [ "$status" -eq 0 ]; then
        "$here/down" --erase
        rm -rf "$rehearsal_root"
    else
        "$here/down"
        echo "What is left of it is in $data."
    fi
}

# start_background NAME COMMAND...: until end_background; its output is in logs/NAME.log.
start_background() {
    start_process "$1" "$(id -un)" "${@:2}"
}

end_background() {
    stop_process "$1" TERM 60
}

start_crew() {
    start_background crew dotnet "$(published deploy/rehearsal)" "http://127.0.0.1:$port_gateway" "$data/sandbox.jsonl"
    wait_until 120 grep -q 'at work' "$data/logs/crew.log" || { show_end "$data/logs/crew.log"; fail "Nobody came to work."; }
    say "people are at work"
}

# end_crew: they finish what they have in hand and check everything; fails where something is wrong.
end_crew() {
    local pid
    say "people stop, and check all that was acknowledged"
    pid=$(pid_of crew) || { show_end "$data/logs/crew.log"; fail "The people ended by themselves."; }
    kill -s TERM "$pid"
    wait_until 300 is_stopped crew || fail "The check takes more than five minutes: $data/logs/crew.log"
    cat "$data/logs/crew.log"
    grep -q 'everything acknowledged is there once' "$data/logs/crew.log" || fail "Something is wrong."
}

# settled_payouts: how many the rail has made.
settled_payouts() {
    grep -c '"payoutId"' "$data/sandbox.jsonl" || true
}
