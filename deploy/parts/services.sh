# shellcheck shell=bash
# Building, starting and stopping the services and the gateway.

# publish_services: builds what changed since the last time. The stamp names every source file with its time and size.
publish_services() {
    local stamp=$checkout/artifacts/published now log=$data/logs/build.log
    now=$(source_stamp)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then
        return 0
    fi
    say "building the services (the first time takes a minute or two)"
    mkdir -p "${stamp%/*}"
    rm -f "$stamp"
    dotnet build "$checkout/deploy/parts/publish.proj" -nologo -v quiet -m >"$log" 2>&1 9>&- || {
        show_end "$log"
        fail "The build failed. The whole log is $log."
    }
    printf '%s\n' "$now" >"$stamp"
}

# published FOLDER: the program that was built there.
published() {
    local name=${1##*/}
    printf '%s\n' "$checkout/$1/bin/Release/net10.0/publish/Marketplace.${name^}.dll"
}

# program_copy NAME: a copy of the program for what runs here, so that building again changes nothing under it.
program_copy() {
    local published to
    published=$(published "services/$1")
    to=$data/programs/$1/$(date +%s%N)
    mkdir -p "${to%/*}"
    cp -a "${published%/*}" "$to"
    printf '%s/%s\n' "$to" "${published##*/}"
}

# forget_programs NAME: deletes the copies before the newest, which nothing runs any more.
forget_programs() {
    find "$data/programs/$1" -mindepth 1 -maxdepth 1 | sort | head -n -1 | xargs -r rm -rf
}

source_stamp() {
    (cd "$checkout" && find services shared deploy ./*.props global.json -type f \
        -not -path '*/bin/*' -not -path '*/obj/*' -not -path '*/node_modules/*' -printf '%p %T@ %s\n' | sort | sha256sum)
}

# write_settings SERVICE POSTGRES RABBITMQ: its settings, where its program and its commands find them. The step of publication
# stays what it was, unless Publication__Every is set; set to nothing, it is the default again.
write_settings() {
    local Publication__Every=${Publication__Every-$(publication_step "$1")}
    service_settings "$1" "$2" "$3" "$data/secrets" "$data/sandbox.jsonl" | keep_secret "$1.env"
}

# say_publication_step: how often what is public moves, as the services were told.
say_publication_step() {
    local step hours minutes seconds
    step=$(publication_step payment)
    IFS=: read -r hours minutes seconds <<<"${step:-00:05:00}"
    if ! [[ $hours$minutes$seconds =~ ^[0-9]{3,6}$ ]]; then
        echo "What is public moves every $step here."
        return 0
    fi
    seconds=$((10#$hours * 3600 + 10#$minutes * 60 + 10#$seconds))
    if [ "$seconds" -eq 0 ]; then
        echo "What is public moves at once here, which tells who did what: for measuring, not for people."
    elif [ "$seconds" -lt 120 ]; then
        echo "What is public moves every $seconds seconds here."
    else
        echo "What is public moves every $((seconds / 60)) minutes here."
    fi
}

# run_command SERVICE ARGUMENTS...: a command of the service's program, with the service's settings.
run_command() {
    (
        set -a
        # shellcheck source=/dev/null
        . "$data/secrets/$1.env"
        ASPNETCORE_ENVIRONMENT=Production
        DOTNET_NOLOGO=1
        Logging__Console=false
        exec dotnet "$(published "services/$1")" "${@:2}" 9>&-
    )
}

# start_service NAME: with its settings file and the addresses chosen here.
start_service() {
    local name=$1 port=port_$1 health=port_$1_health
    (
        set -a
        # shellcheck source=/dev/null
        . "$data/secrets/$name.env"
        ASPNETCORE_ENVIRONMENT=Production
        DOTNET_NOLOGO=1
        Urls=http://127.0.0.1:${!port}
        Health__Port=${!health}
        start_process "$name" "$(id -un)" dotnet "$(program_copy "$name")"
    )
}

# write_gateway [NAME ADDRESS]: the gateway's settings, and the file in which it sees at once where each service is now; a
# service that is named here is also at that address.
write_gateway() {
    local name port addresses=()
    for name in requester worker payment; do
        port=port_$name
        addresses+=("http://127.0.0.1:${!port}")
        [ "${1:-}" != "$name" ] || addresses[-1]+=,$2
    done
    { gateway_settings "${addresses[@]}" && printf "Services__File='%s'\n" "$data/secrets/gateway.json"; } | keep_secret gateway.env
    printf '{"Services":{"requester":"%s","worker":"%s","payment":"%s"}}\n' "${addresses[@]}" | keep_secret gateway.json
}

service_is_ready() {
    local health=port_$1_health
    curl -fs -o /dev/null -m 5 "http://127.0.0.1:${!health}/health/ready"
}

# wait_for_service NAME: until it says that it is ready, or has ended, or two minutes are over.
wait_for_service() {
    local deadline=$((SECONDS + 120))
    until service_is_ready "$1"; do
        if is_stopped "$1"; then
            [ -z "$(port_missed "$1")" ] || port_is_taken "$(port_missed "$1")"
            show_end "$data/logs/$1.log"
            fail "The $1 service stopped while starting. Its whole log is $data/logs/$1.log."
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then
            show_end "$data/logs/$1.log"
            fail "The $1 service is not ready after two minutes. Its whole log is $data/logs/$1.log."
        fi
        sleep 0.3
    done
}

# port_missed NAME: the port that another program took after we had looked, or nothing.
port_missed() {
    sed -nE 's/.*:([0-9]+): address already in use.*/\1/p' "$data/logs/$1.log" 2>/dev/null | head -n 1
}

# port_is_taken PORT: only the first page's port is anybody's choice; the others are chosen anew at each start.
port_is_taken() {
    if [ "$1" = "$port_gateway" ]; then
        fail "Port $1 is taken by another program. Choose one: deploy/up --port 9080"
    fi
    fail "Port $1 was taken by another program this moment. Start again: deploy/up chooses another."
}

stop_services() {
    local name
    for name in demo gateway worker requester payment; do
        stop_process "$name" TERM 30
    done
}

# start_demo: people who post and label, for ten minutes, through the same addresses as everybody. Prints their sign-ins.
start_demo() {
    local sign_ins=$data/secrets/demo.txt
    say "seeding the demo"
    rm -f "$sign_ins"
    DEMO_PASSWORD=demo-$(secret demo | cut -c1-8) \
        start_process demo "$(id -un)" dotnet "$(published deploy/demo)" "http://127.0.0.1:$port_gateway" "$sign_ins"
    wait_until 120 demo_is_seeded "$sign_ins" && [ -s "$sign_ins" ] || {
        show_end "$data/logs/demo.log"
        fail "The demo could not be seeded. Its whole log is $data/logs/demo.log."
    }
}

demo_is_seeded() {
    [ -s "$1" ] || is_stopped demo
}
