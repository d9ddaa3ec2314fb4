# shellcheck shell=bash
# A container engine, the images, and the marketplace as docker compose runs it.

programs=(postgres rabbitmq payment requester worker gateway)

# find_engine: uses the engine that answers; where none does, root starts one whose images and containers are kept here.
find_engine() {
    local wanted=()
    if ! engine_answers; then
        command -v dockerd >/dev/null || wanted+=(docker.io)
        [ "$(id -u)" -eq 0 ] ||
            fail "No container engine answers. Start one that you may use, or run this as root, which starts one of its own."
    fi
    compose_program >/dev/null || wanted+=(docker-compose)
    [ "${#wanted[@]}" -eq 0 ] || {
        say "installing ${wanted[*]} (from the system's packages, not started)"
        install_packages "${wanted[@]}"
    }
    engine_answers || start_engine
    read -ra compose <<<"$(compose_program)"
}

engine_answers() {
    docker version >/dev/null 2>&1
}

compose_program() {
    if docker compose version >/dev/null 2>&1; then
        echo docker compose
    else
        command -v docker-compose
    fi
}

start_engine() {
    export DOCKER_HOST=unix://$data/engine.socket
    engine_answers && return 0
    say "starting a container engine in $data"
    rm -f "$data/engine.pid"
    start_process engine root dockerd --host "$DOCKER_HOST" --data-root "$data/engine" --exec-root "$data/engine-state" \
        --pidfile "$data/engine.pid"
    wait_for_server engine engine_answers 60
}

stop_engine() {
    stop_process engine TERM 60
}

# load_images: the base images that the environment or .env names.
load_images() {
    local variable
    for variable in POSTGRES_IMAGE RABBITMQ_IMAGE SDK_IMAGE RUNTIME_IMAGE; do
        [ -n "${!variable:-}" ] || [ ! -f "$checkout/.env" ] ||
            printf -v "$variable" '%s' "$(sed -n "s/^$variable=//p" "$checkout/.env" | tail -n 1)"
        [ -z "${!variable:-}" ] || export "${variable?}"
    done
}

# images_are_at_hand: the engine need not download anything to run servers.
images_are_at_hand() {
    docker image inspect "${POSTGRES_IMAGE:-postgres:15}" "${RABBITMQ_IMAGE:-rabbitmq:3.13}" >/dev/null 2>&1
}

# find_images: pulls the base images, or makes them from packages.
find_images() {
    load_images
    images_are_at_hand && return 0
    if [ -z "${POSTGRES_IMAGE:-}" ] && timeout 300 docker pull -q postgres:15 >/dev/null 2>&1; then
        docker pull -q rabbitmq:3.13 >/dev/null
    else
        say "no image can be pulled: making base images from packages (some minutes)"
        "$checkout/deploy/images/base" 9>&-
        unset POSTGRES_IMAGE RABBITMQ_IMAGE SDK_IMAGE RUNTIME_IMAGE
        load_images
    fi
}

# set_up_testcontainers: it speaks the engine's version, and does without a helper image where that cannot be had.
set_up_testcontainers() {
    DOCKER_API_VERSION=$(docker version --format '{{.Server.APIVersion}}')
    export DOCKER_API_VERSION
    [ -z "${POSTGRES_IMAGE:-}" ] || export TESTCONTAINERS_RYUK_DISABLED=true
}

# compose WORD...: on an installation of this checkout's own, where everything is public at once: what was done is looked for there.
compose() {
    MARKETPLACE_PUBLICATION_EVERY=${MARKETPLACE_PUBLICATION_EVERY:-00:00:00} \
        "${compose[@]}" --project-name "marketplace-${data//[^0-9a-z]/}" --project-directory "$checkout" -f "$checkout/docker-compose.yml" "$@"
}

# compose_up: as a person starts it, and waits until every program says that it is healthy.
compose_up() {
    compose up --build --detach >"$data/logs/compose.log" 2>&1 9>&- || {
        show_end "$data/logs/compose.log"
        fail "The marketplace did not start in containers. The whole log is $data/logs/compose.log."
    }
    wait_until 240 all_are_healthy || {
        compose logs --tail=50 >>"$data/logs/compose.log" 2>&1
        fail "Not all containers are healthy. Their logs are in $data/logs/compose.log."
    }
}

all_are_healthy() {
    local name
    for name in "${programs[@]}"; do
        is_healthy "$name" || return 1
    done
}

is_healthy() {
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$(container "$1")")" = healthy ]
}

# crash SERVICE: ends its first process without a word. The engine must not know: what it ended itself it does not restart.
crash() {
    docker run --rm --pid host --network none --user 0:0 --entrypoint bash "${POSTGRES_IMAGE:-postgres:15}" \
        -c "kill -KILL $(docker inspect --format '{{.State.Pid}}' "$(container "$1")")"
}

restart() {
    docker restart "$(container "$1")" >>"$data/logs/compose.log"
}

started_at() {
    docker inspect --format '{{.State.StartedAt}}' "$(container "$1")"
}

# is_back SERVICE: healthy, and started since `started_before`.
is_back() {
    [ "$(started_at "$1")" != "$started_before" ] && is_healthy "$1"
}

# container SERVICE: its number.
container() {
    compose ps -q "$1"
}

compose_down() {
    compose down --volumes --remove-orphans >>"$data/logs/compose.log" 2>&1 9>&-
}

# is_locked_in SERVICE: it runs as nobody in particular, writes nowhere but where it must, and has a limit of memory.
is_locked_in() {
    local found
    found=$(docker inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{gt .HostConfig.Memory 0}}' "$(container "$1")")
    [[ $found =~ ^(999:999|1654:1654)\ true\ \[ALL\]\ true$ ]] &&
        docker exec "$(container "$1")" bash -c '[ "$(id -u)" != 0 ] && ! touch /written 2>/dev/null && grep -q "^CapEff:[[:space:]]*0*$" /proc/1/status'
}
