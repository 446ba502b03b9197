#!/bin/sh
# Brings the containers to what the sources say now, without refusing a request: upgrade_compose.sh COMPOSE...
#
# Databases and broker run on. The one-shot jobs run first: tables and the broker's rights fit the old processes and
# the new ones. Then each process is started anew beside the old one, which ends when the new one is ready. A process
# that does not become ready is removed again, and everything not reached yet stays as it was.
set -eu
cd "$(dirname "$0")/.."

READY_SECONDS=${READY_SECONDS:-180}
JOBS="secrets broker-settings broker-definitions provision migrate ledger-begin"
# One after the other: who answers calls before who makes them.
# begin generated: services
BESIDE="account retention notification billing-sync audit staff cases registers relay gateway"
# end generated
# Of these one runs at a time; nobody waits for them.
ALONE="desk sandbox backup"

say() { echo "upgrade: $*"; }

# Prints the ids of what runs of a service.
running() {
    for id in $("$@" 2>/dev/null); do
        [ "$(docker inspect --format '{{.State.Running}}' "$id")" = true ] && echo "$id"
    done
    return 0
}

# Says whether a container is ready, by its own health check: the engine makes it now and then only.
ready() {
    docker exec "$1" bash -c "$(docker inspect --format '{{index .Config.Healthcheck.Test 3}}' "$1")" >/dev/null 2>&1
}

# Waits until each container is ready; fails with the name of one that is not in time.
wait_ready() {
    deadline=$(($(date +%s) + READY_SECONDS))
    for id in "$@"; do
        until ready "$id"; do
            if [ "$(date +%s)" -ge "$deadline" ]; then
                say "$(docker inspect --format '{{.Name}}' "$id") is not ready after $READY_SECONDS s; its last lines:"
                docker logs --tail 20 "$id" 2>&1
                return 1
            fi
            sleep 0.5
        done
    done
}

# Prints the words of the first list that are not in the second.
without() {
    for one in $1; do
        case " $2 " in *" $one "*) ;; *) echo "$one" ;; esac
    done
}

# Prints how many words there are.
count() { echo $#; }

beside() {
    service=$1
    shift
    # Ids hold no spaces.
    # shellcheck disable=SC2046
    wanted=$(count $(running "$@" ps --quiet "$service"))
    [ "$wanted" -gt 0 ] || { say "$service does not run"; return 0; }
    # What has ended by itself goes with those that run.
    old=$("$@" ps --all --quiet "$service" | tr '\n' ' ')
    # shellcheck disable=SC2086
    made_with "$service=$(($(count $old) + wanted))" "$service" "$@"
    new=$(without "$("$@" ps --all --quiet "$service" | tr '\n' ' ')" "$old")
    # shellcheck disable=SC2086
    docker start $new >/dev/null
    # shellcheck disable=SC2086
    if ! wait_ready $new; then
        docker rm --force $new >/dev/null
        say "$service and what follows it stay as they were"
        return 1
    fi
    # shellcheck disable=SC2086
    docker stop --time 35 $old >/dev/null
    # shellcheck disable=SC2086
    docker rm $old >/dev/null
    say "$service: $wanted started anew"
}

alone() {
    service=$1
    shift
    old=$(running "$@" ps --quiet "$service")
    [ -n "$old" ] || { say "$service does not run"; return 0; }
    # shellcheck disable=SC2086
    docker stop --time 35 $old >/dev/null
    once "$service" "$@"
    # shellcheck disable=SC2086
    docker start $made >/dev/null
    # shellcheck disable=SC2086
    wait_ready $made
    say "$service started anew"
}

# Makes what is missing of a service and touches nothing else: made with `up --no-deps`, a container would not count as
# what the sources say, and the next `up` would make it, and all that depends on it, anew.
made_with() {
    scale=$1 service=$2
    shift 2
    "$@" create --no-build --no-recreate --scale "$scale" "$service"
}

# Puts a new container, which is not started, in the place of what there is of a service; $made is its id.
once() {
    service=$1
    shift
    before=$("$@" ps --all --quiet "$service")
    # shellcheck disable=SC2086
    [ -z "$before" ] || docker rm $before >/dev/null
    made_with "$service=1" "$service" "$@"
    made=$("$@" ps --all --quiet "$service")
}

"$@" build
for job in $JOBS; do
    say "running $job"
    once "$job" "$@"
    docker start --attach "$made"
done
for service in $BESIDE; do beside "$service" "$@"; done
for service in $ALONE; do alone "$service" "$@"; done
say "taking away what only the processes of before needed"
"$@" run --rm --no-deps -T broker-definitions python -m deploy.provision.broker_definitions \
    /secrets /etc/vilkar/broker/definitions.json --upgraded
say "done"
