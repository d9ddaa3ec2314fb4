# shellcheck shell=bash
# An installation of its own, in a data folder of its own, with people at work on it (deploy/rehearsal).

# begin_rehearsal NAME [UP]: starts the installation; it is stopped and deleted when the script ends, unless it failed.
begin_rehearsal() {
    [ -z "${MARKETPLACE_DATA:-}" ] || rehearsal_root=$MARKETPLACE_DATA/rehearsal-$1
    rehearsal_root=${rehearsal_root:-/var/tmp/marketplace-rehearsal-$(id -u)-$1}
    export MARKETPLACE_DATA=$rehearsal_root
    # Payouts wait until they are public, and nobody here has five minutes.
    export Publication__Every=${Publication__Every:-00:00:05}
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

# answers_given: how many answers the people have had acknowledged, in fifties.
answers_given() {
    sed -nE 's/^ *([0-9]+) answers are acknowledged$/\1/p' "$data/logs/crew.log" | tail -n 1 | grep . || echo 0
}

# wait_for_answers MORE: until the people have had so many more answers acknowledged.
wait_for_answers() {
    local wanted=$(($(answers_given) + $1))
    wait_until 180 has_reached answers_given "$wanted" || fail "The people do not get on with their work: $data/logs/crew.log"
}

# published_entries: how many entries of the ledger are public.
published_entries() {
    curl -fsS -m 10 "http://127.0.0.1:$port_gateway/log/checkpoint" | sed -n 2p | grep . || echo 0
}

# wait_for_publication: until more is public than now.
wait_for_publication() {
    local wanted=$(($(published_entries) + 1))
    wait_until 120 has_reached published_entries "$wanted" || fail "Nothing more of the ledger becomes public: $data/logs/payment.log"
}

# has_reached FUNCTION NUMBER: what it counts is at least so many by now.
has_reached() {
    [ "$("$1")" -ge "$2" ]
}

# old_answer_ids: how many answers are still known to the requester service by an id that tells when the task was claimed.
old_answer_ids() {
    load_ports
    curl -fsS -m 10 "http://127.0.0.1:$port_requester_health/metrics" |
        sed -nE 's/^marketplace_requester_old_answer_ids(\{[^}]*\})? ([0-9]+).*/\2/p' | head -n 1
}

no_old_answer_ids() {
    [ "$(old_answer_ids)" = 0 ]
}

# build_auditor: before people are at work, who would wait for it.
build_auditor() {
    say "building the auditor"
    dotnet build "$checkout/services/auditor" -c Release -nologo -v quiet >"$data/logs/build-auditor.log" 2>&1 9>&- || {
        show_end "$data/logs/build-auditor.log"
        fail "The auditor could not be built."
    }
}

# audit NAME: everything that is public, by the program that a member runs, who was here before; its output is in logs/NAME.log.
audit() {
    dotnet "$checkout/services/auditor/bin/Release/net10.0/auditor.dll" verify --url "http://127.0.0.1:$port_gateway" --data "$data/audit" \
        >"$data/logs/$1.log" 2>&1 9>&- || { cat "$data/logs/$1.log"; fail "The auditor is not content ($1)."; }
}

# settled_payouts: how many the rail has made.
settled_payouts() {
    grep -c '"payoutId"' "$data/sandbox.jsonl" || true
}
