# shellcheck shell=bash
# Backups of the databases: a folder holds sets, each made by one run of deploy/backup. A set is one or two base backups
# (base/TIME), all that was written since the older of them (wal/), and the secrets.

postgres_address() {
    printf 'host=127.0.0.1 port=%s user=postgres application_name=%s' "$port_postgres" "$1"
}

# postgres_tool NAME ARGUMENTS...: one of PostgreSQL's programs, as the superuser.
postgres_tool() {
    local tool=$1
    shift
    PGPASSWORD=$(secret postgres) "$(postgres_programs)/$tool" "$@"
}

# sql_value SQL [DATABASE]: one value.
sql_value() {
    PGPASSWORD=$(secret postgres) psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port_postgres" -U postgres -d "${2:-postgres}" -c "$1"
}

time_stamp() {
    date -u +%Y%m%dT%H%M%SZ
}

# sets FOLDER: those that hold a whole base backup, oldest first.
sets() {
    local candidate
    for candidate in "$1"/2*Z; do
        [ -z "$(newest_base "$candidate")" ] || printf '%s\n' "$candidate"
    done
}

# bases SET: its whole base backups, oldest first. One that is being made ends in .part.
bases() {
    find "$1/base" -mindepth 1 -maxdepth 1 -type d -name '2*Z' 2>/dev/null | sort
}

newest_base() {
    bases "$1" | tail -n 1
}

# first_segment BASE: the name of the first file of the write-ahead log that a restore of it needs.
first_segment() {
    sed -nE 's/^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)$/\1/p' "$1/backup_label"
}

open_set() {
    set=$folder/$(time_stamp)
    mkdir "$set" "$set/base" "$set/wal" "$set/secrets"
}

open_slot() {
    slot=marketplace_backup_$(basename "$set" | tr '[:upper:]' '[:lower:]')
    # A copy that is gone for good must not fill the server's disk.
    echo "alter system set max_slot_wal_keep_size = '20GB'; select pg_reload_conf();" | sql >/dev/null
    postgres_tool pg_receivewal -w -d "$(postgres_address "$slot")" --slot "$slot" --create-slot
    printf '%s\n' "$slot" >"$set/slot"
}

# continue_set: the newest set, where the server still has everything that was written since it was left.
continue_set() {
    local newest
    newest=$(find "$folder" -mindepth 2 -maxdepth 2 -name slot | sort | tail -n 1)
    [ -n "$newest" ] || return 1
    slot=$(cat "$newest")
    [ "$(sql_value "select count(*) from pg_replication_slots where slot_name = '$slot' and not active and wal_status <> 'lost'")" = 1 ] || return 1
    set=${newest%/slot}
    say "going on with $set"
}

drop_slot() {
    sql_value "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '$1' and not active" >/dev/null
}

drop_idle_slots() {
    sql_value "select pg_drop_replication_slot(slot_name) from pg_replication_slots
        where slot_name like 'marketplace_backup_%' and not active" >/dev/null
}

# start_stream: what the server writes, flushed to disk here before it hears so.
start_stream() {
    # Of its own session: Ctrl-C is for this script, which ends the stream when the server waits for it no more.
    PGPASSWORD=$(secret postgres) setsid "$(postgres_programs)/pg_receivewal" -w -d "$(postgres_address "$slot")" -D "$set/wal" \
        --slot "$slot" --synchronous >"$set/stream.log" 2>&1 &
    stream=$!
    wait_until 60 stream_runs || { show_end "$set/stream.log"; fail "The server does not send what it writes."; }
}

stream_runs() {
    [ "$(sql_value "select count(*) from pg_stat_replication where application_name = '$slot' and state = 'streaming'")" = 1 ]
}

# take_base [-X stream]: a base backup, checked, whole once it has its name.
take_base() {
    local base end
    base=$set/base/$(time_stamp)
    [ $# -gt 0 ] || set -- -X none
    say "making a base backup"
    postgres_tool pg_basebackup -w -d "$(postgres_address base)" -D "$base.part" --checkpoint fast "$@" 2>"$set/base.log" ||
        { show_end "$set/base.log"; fail "The base backup failed."; }
    postgres_tool pg_verifybackup -q -n "$base.part" || fail "The base backup is not what the server sent."
    end=$(sed -nE 's/.*"End-LSN": "([0-9A-F\/]+)".*/\1/p' "$base.part/backup_manifest" | tail -n 1)
    [ "$2" = stream ] || wait_until 120 stream_has "$end" || fail "The copy does not keep up with the server."
    mv "$base.part" "$base"
}

stream_has() {
    [ "$(sql_value "select coalesce(bool_or(flush_lsn >= '$1'), false) from pg_stat_replication where application_name = '$slot'")" = t ]
}

# wait_for_copy: from here on a commit is acknowledged once it is on this copy's disk too.
wait_for_copy() {
    echo "alter system set synchronous_standby_names = '$slot'; select pg_reload_conf();" | sql >/dev/null
    wait_until 30 copy_is_waited_for || fail "The server does not wait for the copy."
}

copy_is_waited_for() {
    [ "$(sql_value "select count(*) from pg_stat_replication where application_name = '$slot' and sync_state = 'sync'")" = 1 ]
}

waits_for() {
    sql_value "show synchronous_standby_names" 2>/dev/null || true
}

wait_for_no_copy() {
    echo "alter system reset synchronous_standby_names; select pg_reload_conf();" | sql >/dev/null
}

# wait_for_backup: at a start. Where the server waits for a copy at each commit, nothing can be done before the copy is there.
wait_for_backup() {
    [ -n "$(waits_for)" ] || return 0
    say "waiting for deploy/backup, as the server does at each commit (or call: deploy/backup --release)"
    wait_until 600 backup_is_there ||
        fail "No backup came. Call deploy/backup FOLDER --synchronous while deploy/up waits, or do without: deploy/backup --release"
}

backup_is_there() {
    [ -z "$(waits_for)" ] || [ "$(sql_value "select count(*) from pg_stat_replication where sync_state = 'sync'")" != 0 ]
}

# copy_secrets: passwords and keys, again whenever they change.
copy_secrets() {
    diff -rq "$data/secrets" "$set/secrets" >/dev/null 2>&1 && return 0
    rm -rf "$set/secrets.part"
    cp -a "$data/secrets" "$set/secrets.part"
    rm -rf "$set/secrets"
    mv "$set/secrets.part" "$set/secrets"
}

# prune: two base backups stay, with what was written since the older one; and one set before this one.
prune() {
    local old
    bases "$set" | head -n -2 | while read -r old; do
        rm -rf "$old"
    done
    "$(postgres_programs)/pg_archivecleanup" "$set/wal" "$(first_segment "$(bases "$set" | head -n 1)")"
    prune_sets
}

# prune_sets: beside this set the newest other whole one stays.
prune_sets() {
    local old last
    last=$(sets "$folder" | { grep -vxF "$set" || true; } | tail -n 1)
    for old in "$folder"/2*Z; do
        [ "$old" != "$set" ] && [ "$old" != "$last" ] && [ -d "$old" ] || continue
        say "deleting the older $old"
        rm -rf "$old"
    done
}
