# shellcheck shell=bash
# Starting, finding and stopping processes of ours by name. A number is trusted only while the process that has it
# began when ours did, so nothing else is ever ended.

# start_process NAME USER COMMAND...: runs it in a session of its own, with its output in logs/NAME.log.
start_process() {
    local name=$1 user=$2 log=$data/logs/$1.log
    shift 2
    local run=(setsid)
    [ "$user" = "$(id -un)" ] || run+=(setpriv --reuid "$user" --regid "$user" --init-groups)
    [ ! -f "$log" ] || mv -f "$log" "$log.before"
    (cd / && exec "${run[@]}" "$@" </dev/null >"$log" 2>&1 9>&-) &
    disown "$!"
    printf '%s %s\n' "$!" "$(began_at "$!")" >"$data/processes/$name.new"
    mv -f "$data/processes/$name.new" "$data/processes/$name"
}

# began_at PID: when the kernel started it, in clock ticks since boot.
began_at() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    # The command's name may hold spaces and brackets: count fields after the last bracket.
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    printf '%s\n' "${20}"
}

# pid_of NAME: the number of the running process, or failure.
pid_of() {
    local pid began
    [ -f "$data/processes/$1" ] || return 1
    read -r pid began <"$data/processes/$1"
    [ -n "$began" ] && [ "$(began_at "$pid")" = "$began" ] && ! is_zombie "$pid" && printf '%s\n' "$pid"
}

is_running() {
    pid_of "$1" >/dev/null
}

is_stopped() {
    ! is_running "$1"
}

is_zombie() {
    grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# stop_process NAME SIGNAL SECONDS: asks it to end, and ends it with all its children when it does not.
stop_process() {
    local pid
    if pid=$(pid_of "$1"); then
        kill -s "$2" "$pid" 2>/dev/null || true
        if ! wait_until "$3" is_stopped "$1"; then
            say "$1 does not stop; ending it"
            kill -s KILL -- "-$pid" 2>/dev/null || true
            wait_until 10 is_stopped "$1" || true
        fi
    fi
    rm -f "$data/processes/$1"
}
