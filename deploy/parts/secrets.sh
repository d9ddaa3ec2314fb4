# shellcheck shell=bash
# Passwords, keys and the settings of each service. Everything secret is made here, once, in $data/secrets, readable by
# its owner alone. Used by deploy/up and, inside a container, by the compose file.

services=(requester worker payment)

# secret NAME: a random password, made at its first use.
secret() {
    make_file "$1" openssl rand -hex 24
    cat "$data/secrets/$1"
}

# make_keys: a sign-in key for each issuer (ES256), and the seed of the key that signs the log (Ed25519).
make_keys() {
    local issuer
    for issuer in worker requester; do
        make_file "$issuer.pem" openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
        make_file "$issuer.pem.pub" openssl pkey -in "$data/secrets/$issuer.pem" -pubout
    done
    # Services used to make one of another name at their first start: it is the log's identity, so it stays the key.
    [ ! -s "$data/secrets/ledger.key" ] || mv -f "$data/secrets/ledger.key" "$data/secrets/log.key"
    make_file log.key openssl rand 32
}

# make_file NAME COMMAND...: its output, kept as it was the first time, readable by its owner alone.
make_file() {
    local file=$data/secrets/$1
    shift
    [ -s "$file" ] || (umask 077 && "$@" >"$file.new" && mv "$file.new" "$file")
}

# keep_secret NAME: standard input into a file that its owner alone may read, whole or not at all.
keep_secret() {
    (umask 077 && cat >"$data/secrets/$1.new" && mv -f "$data/secrets/$1.new" "$data/secrets/$1")
}

# published_exchanges SERVICE: the exchanges it sends to, from the table that is the topology.
published_exchanges() {
    local found
    found=$(sed -nE "s/^[[:space:]]*new\(typeof\((\w+)\), ${1^},.*/\1/p" "$checkout/shared/Contracts/EventRoutes.cs" |
        sed -E 's/([a-z])([A-Z])/\1-\2/g' | tr '[:upper:]' '[:lower:]')
    [ -n "$found" ] || fail "shared/Contracts/EventRoutes.cs names no event that $1 sends; its table must have changed form."
    printf '%s\n' "$found"
}

# received_events SERVICE: the events that it has a queue for, from the same table.
received_events() {
    sed -nE "s/^[[:space:]]*new\(typeof\((\w+)\), \w+,.*\b${1^}\b.*/\1/p" "$checkout/shared/Contracts/EventRoutes.cs" |
        sed -E 's/([a-z])([A-Z])/\1-\2/g' | tr '[:upper:]' '[:lower:]'
}

# roles_sql: two logins and a database for each service. Safe to run again.
roles_sql() {
    local service
    echo "revoke connect on database postgres, template1 from public;"
    for service in "${services[@]}"; do
        role_sql "${service}_owner"
        role_sql "${service}_app"
        cat <<SQL
select 'create database $service owner ${service}_owner'
where not exists (select from pg_database where datname = '$service') \\gexec
revoke all on database $service from public;
grant connect on database $service to ${service}_app;
SQL
    done
}

role_sql() {
    cat <<SQL
select 'create role $1 login'
where not exists (select from pg_roles where rolname = '$1') \\gexec
alter role $1 password '$(secret "postgres-$1")';
SQL
}

# broker_definitions: RabbitMQ's users and what each may do. A service writes to the exchanges of its own events and owns
# its own queues, with those beside them for what it could not handle (and names `dead` as the place where its queues' dead
# letters go); `topology` declares everything.
broker_definitions() {
    local service own queues users permissions
    users=$(broker_user administrator '"administrator"'),$(broker_user topology '')
    permissions=$(broker_permission administrator '.*' '.*' '.*'),$(broker_permission topology '.*' '.*' '.*')
    for service in "${services[@]}"; do
        queues="$service-($(received_events "$service" | paste -sd '|'))(_error|_skipped)?"
        own="$(published_exchanges "$service" | paste -sd '|')|$queues"
        users+=,$(broker_user "$service" '')
        permissions+=,$(broker_permission "$service" "^($own)\$" "^($own|dead)\$" "^$queues\$")
    done
    printf '{"vhosts":[{"name":"/"}],"users":[%s],"permissions":[%s]}\n' "$users" "$permissions"
}

broker_user() {
    printf '{"name":"%s","password_hash":"%s","hashing_algorithm":"rabbit_password_hashing_sha256","tags":[%s]}' \
        "$1" "$(broker_password_hash "$(secret "rabbitmq-$1")")" "$2"
}

# broker_password_hash PASSWORD: base64 of a salt of four bytes and SHA-256 of salt and password.
broker_password_hash() {
    local salt
    salt=$(openssl rand -hex 2)
    { printf '%s' "$salt" && printf '%s%s' "$salt" "$1" | openssl dgst -sha256 -binary; } | base64
}

broker_permission() {
    printf '{"user":"%s","vhost":"/","configure":"%s","write":"%s","read":"%s"}' "$1" "$2" "$3" "$4"
}

# service_settings SERVICE POSTGRES RABBITMQ KEYS [RECORD]: its configuration as environment variables, KEYS being the folder
# where the service will find its keys, RECORD the file that the sandbox rail keeps its own record in. Publication__Every, the step
# at which what is public moves, is one setting for all three; where it is not set they take their default.
service_settings() {
    local service=$1 postgres="Host=${2%:*};Port=${2##*:};Database=$1;Application Name=$1;GSS Encryption Mode=Disable" login
    login=$(secret "rabbitmq-$service")
    cat <<SETTINGS
ConnectionStrings__App='$postgres;Username=${service}_app;Password=$(secret "postgres-${service}_app")'
ConnectionStrings__Owner='$postgres;Username=${service}_owner;Password=$(secret "postgres-${service}_owner")'
RabbitMq__Uri='amqp://$service:$login@$3/'
RabbitMq__TopologyUri='amqp://topology:$(secret rabbitmq-topology)@$3/'
SignIn__PublicKeys__worker='$4/worker.pem.pub'
SignIn__PublicKeys__requester='$4/requester.pem.pub'
SETTINGS
    [ -z "${Publication__Every:-}" ] || echo "Publication__Every='$Publication__Every'"
    case $service in
        worker | requester) echo "SignIn__PrivateKey='$4/$service.pem'" ;;
        payment)
            echo "Log__KeyFile='$4/log.key'"
            [ ! -s "$data/secrets/log.key.before" ] || echo "Log__OldKeyFile='$4/log.key.before'"
            [ -z "${5:-}" ] || echo "Sandbox__Record='$5'"
            ;;
    esac
}

# publication_step SERVICE: the step that its settings name, or nothing where it is the default.
publication_step() {
    sed -nE "s/^Publication__Every='(.*)'$/\1/p" "$data/secrets/$1.env" 2>/dev/null || true
}

# gateway_settings REQUESTER WORKER PAYMENT: where it finds the services.
gateway_settings() {
    cat <<SETTINGS
Services__requester='$1'
Services__worker='$2'
Services__payment='$3'
SETTINGS
}
