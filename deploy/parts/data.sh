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

# free_port FIRST: the first port from FIRST on that nobody listens on.
free_port() {
    local port=$1
    while port_answers "$port"; do
        port=$((port + 1))
    done
    printf '%s\n' "$port"
}

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
        if [ -z "${!variable:-}" ] || port_answers "${!variable}"; then
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
