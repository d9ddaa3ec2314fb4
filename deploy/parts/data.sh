# shellcheck shell=bash
# The data folder: databases, broker, keys, passwords, logs and process numbers of one installation.
# It lies outside the checkout, which may be closed to the users that the servers run as.

# open_data PURPOSE: sets `data` and makes the folder. One checkout and user always get the same one.
open_data() {
    local hash
    if [ -n "${MARKETPLACE_DATA:-}" ]; then
        data=$MARKETPLACE_DATA/$1
        mkdir -p "$MARKETPLACE_DATA"
    else
        hash=$(printf '%s %s' "$checkout" "$(id -u)" | sha256sum | cut -c1-10)
        data=/var/tmp/marketplace-$hash-$1
    fi
    install -d -m 0711 "$data" || fail "Cannot make the data folder $data. Set MARKETPLACE_DATA to a folder you may write to."
    [ ! -L "$data" ] && [ -O "$data" ] ||
        fail "$data belongs to somebody else. Remove it, or set MARKETPLACE_DATA to a folder of your own."
    data=$(cd "$data" && pwd -P)
    install -d -m 0700 "$data/secrets" "$data/logs" "$data/processes"
}

# lock_data: one script at a time changes what runs here. Held until the script ends or calls unlock_data.
lock_data() {
    exec 9>"$data/lock"
    flock -w 300 9 || fail "Another deploy script has been at work on $data for five minutes. Wait for it, or end it."
}

unlock_data() {
    exec 9>&-
}

# free_port FIRST: the first port from FIRST on that nobody listens on and nobody is about to; from now on it is ours.
free_port() {
    local port=$1
    until claim_port "$port"; do
        [ "$?" -eq 1 ] && [ "$port" -lt 65535 ] || fail "No port could be chosen from $1 on."
        port=$((port + 1))
    done
    printf '%s\n' "$port"
}

# claim_port PORT: succeeds for one script alone. Between choosing a port and listening on it minutes may pass, and a fault run
# ends and starts its programs all the time: so a chosen port belongs to the script that chose it until that script ends,
# whatever other installations this user starts meanwhile.
claim_port() (
    claims=/var/tmp/marketplace-ports-$(id -u)
    install -d -m 0700 "$claims" && [ ! -L "$claims" ] && [ -O "$claims" ] || exit 2
    exec 8>"$claims/lock"
    flock 8
    ! port_answers "$1" || exit 1
    if [ -f "$claims/$1" ]; then
        read -r owner began <"$claims/$1" || true
        [ -z "$began" ] || [ "$(began_at "$owner")" != "$began" ] || exit 1
    fi
    printf '%s %s\n' "$$" "$(began_at "$$")" >"$claims/$1"
)

port_answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

load_ports() {
    # shellcheck source=/dev/null
    [ ! -f "$data/ports" ] || . "$data/ports"
}

# choose_ports FIRST NAME...: gives each name a free port, as `port_NAME`, and keeps the choice for the next start.
choose_ports() {
    local next=$1 name variable
    shift
    for name in "$@"; do
        variable=port_$name
        if [ -z "${!variable:-}" ] || ! claim_port "${!variable}"; then
            next=$(free_port "$next")
            printf -v "$variable" '%s' "$next"
            next=$((next + 1))
        fi
    done
    for name in "$@"; do
        variable=port_$name
        printf '%s=%s\n' "$variable" "${!variable}"
    done >"$data/ports"
}
