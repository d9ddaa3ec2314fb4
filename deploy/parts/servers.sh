# shellcheck shell=bash
# Private PostgreSQL and RabbitMQ: own data, own ports, own node name, reached from this machine alone. Servers already on this machine
# are neither used nor touched.

# server_user NAME: root's servers run as the package's own user (initdb refuses root), anybody else's as themselves.
server_user() {
    if [ "$(id -u)" -eq 0 ]; then printf '%s\n' "$1"; else id -un; fi
}

# own_folder NAME USER: a folder in the data folder that only that user may enter.
own_folder() {
    install -d -m 0700 "$data/$1"
    [ "$(stat -c %U "$data/$1")" = "$2" ] || chown "$2" "$data/$1"
    as_user "$2" test -w "$data/$1" ||
        fail "The user $2 cannot reach $data. Set MARKETPLACE_DATA to a folder that every user may enter."
}

as_user() {
    local user=$1
    shift
    if [ "$user" = "$(id -un)" ]; then
        "$@"
    else
        setpriv --reuid "$user" --regid "$user" --init-groups "$@"
    fi
}

# start_postgres [SETTING=VALUE...]: makes the cluster if there is none and starts the server; does not wait for it.
start_postgres() {
    local user programs sockets setting options=()
    user=$(server_user postgres)
    programs=$(postgres_programs)
    own_folder postgres "$user"
    sockets=$(postgres_sockets)
    [ -z "$sockets" ] || own_folder "${sockets##*/}" "$user"
    has_databases || make_cluster "$user" "$programs"
    for setting in listen_addresses=127.0.0.1 "port=$port_postgres" "unix_socket_directories=$sockets" max_connections=300 \
        "shared_buffers=$(memory_share 8 512)MB" synchronous_commit=on max_wal_size=2GB random_page_cost=1.1 \
        log_min_duration_statement=500 log_parameter_max_length=0 "$@"; do
        options+=(-c "$setting")
    done
    start_process postgres "$user" "$programs/postgres" -D "$data/postgres" "${options[@]}"
}

# postgres_sockets: the folder of the server's socket, which costs the services half of what loopback does; nothing where its
# path would be longer than the system lets a socket's be (107 bytes), or holds what separates names in a setting.
postgres_sockets() {
    local LC_ALL=C
    [[ ${#data} -gt 80 || $data = *[!A-Za-z0-9/._-]* ]] || printf '%s\n' "$data/sockets"
}

# postgres_for_services: where the services find the running server, as HOST:PORT: the folder of its socket, or the address of one that
# was started without.
postgres_for_services() {
    local sockets
    sockets=$(postgres_sockets)
    [ -n "$sockets" ] && pg_isready -q -h "$sockets" -p "$port_postgres" || sockets=127.0.0.1
    printf '%s:%s\n' "$sockets" "$port_postgres"
}

make_cluster() {
    local password=$data/postgres.password
    say "making a private PostgreSQL in $data/postgres"
    (umask 077 && secret postgres >"$password")
    chown "$1" "$password"
    as_user "$1" "$2/initdb" -D "$data/postgres" --username postgres --pwfile "$password" --auth scram-sha-256 \
        --encoding UTF8 --locale C.UTF-8 >"$data/logs/initdb.log" 2>&1 || {
        show_end "$data/logs/initdb.log"
        fail "PostgreSQL could not make its data folder."
    }
    rm -f "$password"
}

# has_databases: an earlier start made them.
has_databases() {
    [ -f "$data/postgres/PG_VERSION" ]
}

# memory_share DIVISOR MOST: that part of this machine's memory in MB, never more than MOST.
memory_share() {
    local megabytes
    megabytes=$(awk -v part="$1" '/^MemTotal:/ { print int($2 / 1024 / part) }' /proc/meminfo)
    if [ "$megabytes" -gt "$2" ]; then printf '%s\n' "$2"; else printf '%s\n' "$megabytes"; fi
}

# sql [DATABASE]: runs the SQL on its standard input as the superuser.
sql() {
    PGPASSWORD=$(secret postgres) psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port_postgres" -U postgres -d "${1:-postgres}"
}

postgres_answers() {
    echo 'select 1' | sql >/dev/null 2>&1
}

wait_for_postgres() {
    wait_for_server postgres postgres_answers 60
}

# start_rabbitmq: starts the broker with the users of secrets/definitions.json; does not wait for it.
start_rabbitmq() {
    local user home=$data/rabbitmq
    user=$(server_user rabbitmq)
    own_folder rabbitmq "$user"
    write_private "$user" "$home/definitions.json" <"$data/secrets/definitions.json"
    [ -f "$home/.erlang.cookie" ] || secret erlang-cookie | write_private "$user" "$home/.erlang.cookie"
    write_private "$user" "$home/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$port_rabbitmq
load_definitions = $home/definitions.json
raft.wal_max_size_bytes = 67108864
vm_memory_high_watermark.absolute = $(memory_share 8 1024)MB
disk_free_limit.absolute = 256MB
log.console = true
log.console.level = warning
CONF
    echo '[].' | write_private "$user" "$home/enabled_plugins"
    start_process rabbitmq "$user" env -i PATH="$PATH" HOME="$home" LANG=C.UTF-8 \
        ERL_EPMD_PORT="$port_epmd" ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" \
        RABBITMQ_ADVANCED_CONFIG_FILE="$home/advanced.config" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" \
        RABBITMQ_NODENAME="marketplace-$port_rabbitmq@localhost" RABBITMQ_DIST_PORT="$port_erlang" \
        RABBITMQ_MNESIA_BASE="$home/data" RABBITMQ_LOG_BASE="$home/log" RABBITMQ_LOGS=- \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
        /usr/lib/rabbitmq/bin/rabbitmq-server
}

# write_private USER FILE: standard input into a file that only USER may read, whole or not at all.
write_private() {
    rm -f "$2.new"
    (umask 077 && cat >"$2.new")
    chmod 0400 "$2.new"
    [ "$1" = "$(id -un)" ] || chown "$1" "$2.new"
    mv -f "$2.new" "$2"
}

# rabbitmq_answers: an AMQP 0-9-1 client that says hello is answered with a method frame.
rabbitmq_answers() {
    local byte
    exec 4<>"/dev/tcp/127.0.0.1/$port_rabbitmq" || return 1
    printf 'AMQP\0\0\011\001' >&4
    IFS= read -r -n 1 -t 2 byte <&4 || true
    exec 4>&-
    [ "$byte" = $'\001' ]
} 2>/dev/null

wait_for_rabbitmq() {
    wait_for_server rabbitmq rabbitmq_answers 120
}

wait_for_server() {
    local deadline=$((SECONDS + $3))
    until "$2"; do
        if is_stopped "$1" || [ "$SECONDS" -ge "$deadline" ]; then
            show_end "$data/logs/$1.log"
            fail "$1 did not start. Its log is $data/logs/$1.log."
        fi
        sleep 0.2
    done
}

stop_servers() {
    # A broker that is told to stop while it starts never does.
    ! is_running rabbitmq || wait_until 60 rabbitmq_answers || true
    stop_process rabbitmq TERM 60
    # The port mapper outlives the broker that started it. It refuses to go while another node uses it.
    [ -z "${port_epmd:-}" ] || ! port_answers "$port_epmd" ||
        ERL_EPMD_PORT=$port_epmd epmd -kill >/dev/null 2>&1 || true
    stop_process postgres INT 60
}
