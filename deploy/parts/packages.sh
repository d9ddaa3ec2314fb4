# shellcheck shell=bash
# Installing what is missing from the system's packages, without starting any server of the system's.

# install_missing [tests|faults]: PostgreSQL, RabbitMQ and what the scripts and the build call; for the tests a browser, hledger and
# beancount, which read the ledger's downloads, and Go with a library that reads its log; for the faults libfaketime, which makes
# a clock jump.
install_missing() {
    local wanted=()
    postgres_programs >/dev/null || wanted+=(postgresql)
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || wanted+=(rabbitmq-server)
    command -v openssl >/dev/null || wanted+=(openssl)
    command -v curl >/dev/null || wanted+=(curl)
    command -v setpriv >/dev/null || wanted+=(util-linux)
    [ -f "$checkout/shared/Ui/node_modules/htmx.org/dist/htmx.min.js" ] || command -v npm >/dev/null || wanted+=(npm)
    if [ "${1:-}" = tests ]; then
        find_browser >/dev/null || wanted+=(chromium fonts-dejavu-core)
        command -v hledger >/dev/null || wanted+=(hledger)
        command -v go >/dev/null || wanted+=(golang-go)
        [ -d /usr/share/gocode/src/golang.org/x/mod ] || wanted+=(golang-golang-x-mod-dev)
        command -v bean-check >/dev/null || wanted+=(beancount)
    fi
    if [ "${1:-}" = faults ]; then
        [ -n "$(find /usr/lib -maxdepth 3 -name 'libfaketimeMT.so.1' -print -quit)" ] || wanted+=(libfaketime)
    fi
    [ "${#wanted[@]}" -gt 0 ] || return 0
    say "installing ${wanted[*]} (from the system's packages, not started)"
    install_packages "${wanted[@]}"
}

# postgres_programs: the folder with the newest installed initdb and postgres.
postgres_programs() {
    local newest
    newest=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -name initdb -path '*/bin/*' 2>/dev/null | sort -V | tail -n 1)
    [ -n "$newest" ] && dirname "$newest"
}

# find_browser: the Chromium that the browser tests drive.
find_browser() {
    if [ -n "${MARKETPLACE_TEST_BROWSER:-}" ]; then
        printf '%s\n' "$MARKETPLACE_TEST_BROWSER"
    else
        command -v chromium || command -v chromium-browser || command -v google-chrome
    fi
}

install_packages() {
    local root=()
    command -v apt-get >/dev/null ||
        fail "This system has no apt-get. Install these yourself, then run this again: $*"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; } ||
            fail "Root is needed to install packages. Run this once as root, then again here: apt-get install $*"
        root=(sudo)
    fi
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive bash -s -- "$@" <<'INSTALL' >"$data/logs/install.log" 2>&1 ||
set -euo pipefail

# Two that begin together install one after the other: apt refuses the second, and what the first keeps for later would be lost.
exec 8>/run/marketplace-install.lock
flock -w 1800 8 || { echo "Another installation of packages has been running for half an hour." && exit 1; }

# Debian starts a server as soon as it is installed, and PostgreSQL also makes a cluster that starts with the system.
# Neither is wanted here: both are switched off while we install, and what was there before comes back.
policy=/usr/sbin/policy-rc.d
no_cluster=/etc/postgresql-common/createcluster.d/marketplace.conf
restore() {
    rm -f "$policy" "$no_cluster"
    rmdir --ignore-fail-on-non-empty "${no_cluster%/*}" "${no_cluster%/*/*}" 2>/dev/null || true
    [ ! -e "$policy.marketplace" ] || mv "$policy.marketplace" "$policy"
}
[ ! -e "$policy" ] || [ -e "$policy.marketplace" ] || mv "$policy" "$policy.marketplace"
trap restore EXIT
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"
mkdir -p "${no_cluster%/*}"
echo 'create_main_cluster = false' >"$no_cluster"

apt-get update -q 8>&-
apt-get install -q -y --no-install-recommends "$@" 8>&-

# Installed by us, so nobody wants it started with the system either.
case " $* " in
    *" rabbitmq-server "*) systemctl disable rabbitmq-server 2>/dev/null || true ;;
esac
INSTALL
        { show_end "$data/logs/install.log"; fail "Installing failed. Try it by hand: apt-get install $*"; }
}
