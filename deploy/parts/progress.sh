# shellcheck shell=bash
# What every script here starts from: where the checkout is, progress lines, a clear end.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# say TEXT: one line of progress, after the seconds since the script began.
say() {
    printf '%4ds  %s\n' "$SECONDS" "$*"
}

# fail TEXT: says what went wrong and what to do, and ends the script.
fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

# show_end FILE: the last lines of a log, set off from our own.
show_end() {
    [ -s "$1" ] || return 0
    printf '\nThe last lines of %s:\n' "$1" >&2
    tail -n 25 "$1" | cut -c1-400 | sed 's/^/    /' >&2
}

# print_help SCRIPT: the comment at the head of a script is its help.
print_help() {
    sed -n '2,/^[^#]/ { s/^# \{0,1\}//p }' "$1"
}

# wait_until SECONDS COMMAND...: asks again until the command succeeds or the time is over.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.2
    done
}
