# shellcheck shell=bash
# The marketplace in containers, put through what happens to a machine while people work in it. Counts in passed and failed.

# What strikes, one after the other, each when all are well again.
strikes=("crash payment" "crash worker" "crash rabbitmq" "crash requester" "restart postgres"
    "crash gateway" "restart rabbitmq" "crash postgres" "crash payment" "crash worker")

# test_the_marketplace ADDRESS: journeys through it, before and after a crew has worked through the strikes.
test_the_marketplace() {
    local address=$1 name strike entries
    for name in "${programs[@]}"; do
        check "$name is locked in" is_locked_in "$name"
    done
    go_through "$address"
    entries=$(curl -fsS -m 20 "$address/ledger/export.jsonl" | sed '$d') # All but the last line, which counts them.
    compose restart --timeout 60 >>"$data/logs/compose.log" 2>&1 9>&-
    check "all are well after a restart" wait_until 240 all_are_healthy
    check "the ledger lost nothing" is_still_in_the_ledger "$address" "$entries"

    start_crew "$address"
    for strike in "${strikes[@]}"; do
        started_before=$(started_at "${strike#* }")
        $strike
        check "${strike#* } is well again after: $strike" wait_until 240 is_back "${strike#* }"
        check "so are all others" wait_until 240 all_are_healthy
    done
    stop_process crew TERM 120
    check "the ledger lost nothing" is_still_in_the_ledger "$address" "$entries"
    check "each answer of the crew is paid exactly once" wait_until 120 answers_are_paid "$address"
    say "$(answers "$address" | awk '{ sum += $2 } END { print sum }') answers were given while that struck"
    check "the auditor agrees with the whole ledger" audit "$address"
    check "the rail's own record agrees with the ledger" wait_until 60 rail_agrees
    go_through "$address"
}

# start_crew ADDRESS: the demo's people post and label there, and come back when they are sent away.
start_crew() {
    DEMO_PASSWORD=$(secret crew) \
        start_process crew "$(id -un)" dotnet "$checkout/deploy/demo/bin/Release/net10.0/Marketplace.Demo.dll" "$1" "$data/secrets/crew.txt"
    rm -f "$data/secrets/crew.txt"
    check "a crew starts to work" wait_until 120 [ -s "$data/secrets/crew.txt" ]
}

# answers ADDRESS: each of the crew's jobs, with the number of answers that its requester has.
answers() {
    local token
    token=$(printf '{"email":"requester@demo.example","password":"%s"}' "$(secret crew)" |
        curl -fsS -m 20 -H 'Accept: application/json' -H 'Content-Type: application/json' --data @- "$1/requester/sign-in" |
        sed -nE 's/.*"token":"([^"]+)".*/\1/p')
    curl -fsS -m 20 -H 'Accept: application/json' -H "Authorization: Bearer $token" "$1/api/jobs" | tr '{' '\n' |
        sed -nE 's/.*"jobId":"([^"]+)".*"answers":([0-9]+).*/\1 \2/p'
}

# answers_are_paid ADDRESS: as many pay entries for answers in the ledger as there are answers, job by job, and some.
answers_are_paid() {
    local ledger job given found=0
    ledger=$(curl -fsS -m 20 "$1/ledger/export.jsonl") || return 1
    while read -r job given; do
        found=$((found + given))
        [ "$(grep '"kind":"assignment-paid"' <<<"$ledger" | grep "\"jobId\":\"$job\"" | grep -c '"end":"submitted"')" = "$given" ] || return 1
    done <<<"$(answers "$1")"
    [ "$found" -gt 0 ]
}

audit() {
    rm -rf "$data/auditor"
    dotnet "$checkout/services/auditor/bin/Release/net10.0/auditor.dll" verify --url "$1" --data "$data/auditor" >"$data/logs/auditor.log" 2>&1
}

# rail_agrees: what the sandbox rail wrote down outlived every container, and payouts can be reconciled with it.
rail_agrees() {
    docker exec "$(container payment)" bash -c \
        '[ -s /var/lib/marketplace/sandbox.jsonl ] && /start-service hold-payouts --why "a look at the rail" && /start-service reconcile-payouts' \
        >>"$data/logs/rail.log" 2>&1
}

# go_through ADDRESS: the journeys, in the marketplace there.
go_through() {
    MARKETPLACE_TEST_ADDRESS=$1 run_tests journeys -class '*.FairPay' -class '*.OnThePhone'
}

# is_still_in_the_ledger ADDRESS ENTRIES: the ledger still begins with them, to the letter.
is_still_in_the_ledger() {
    [ -n "$2" ] && [[ "$(curl -fsS -m 20 "$1/ledger/export.jsonl")" == "$2"* ]]
}

# check TEXT COMMAND...: one more thing that holds or does not.
check() {
    local text=$1
    shift
    if "$@"; then
        say "holds: $text"
        passed=$((passed + 1))
    else
        say "FAILS: $text"
        failed=$((failed + 1))
    fi
}
