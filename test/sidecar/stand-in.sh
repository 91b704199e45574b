#!/bin/bash
# In place of the sidecar's script: its steps in their order, its defaults, its two traps, its two requests. Nothing else.
set -eEu -o pipefail
if [ "${DEBUG:-}" = true ]; then set -x; fi

RESTIC_CACHE_DIR=${RESTIC_CACHE_DIR:-}
RESTIC_ADDITIONAL_BACKUP_PARAMETERS=${RESTIC_ADDITIONAL_BACKUP_PARAMETERS:-}
RESTIC_HOSTNAME=${RESTIC_HOSTNAME:-$(hostname | cut -d '-' -f1)}
RESTIC_BACKUP_COMMAND=${RESTIC_BACKUP_COMMAND:-restic backup --host $RESTIC_HOSTNAME $RESTIC_SOURCE $RESTIC_ADDITIONAL_BACKUP_PARAMETERS}

start=$(date +%s)
log=$STAND_IN_LOG
: > "$log"
exec > >(tee "$log") 2>&1

# METHOD-less curl: `post URL BODY HEADER…`, whatever is answered. No curl is needed to test this.
post() {
  local url=${1#http://} body=$2 header
  shift 2
  exec 9<> "/dev/tcp/127.0.0.1/$(sed 's/.*:\([0-9]*\)\/.*/\1/' <<< "$url")"
  {
    printf 'POST /%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n' "${url#*/}"
    for header in "$@"; do printf '%s\r\n' "$header"; done
    printf 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %s\r\n\r\n%s' "$(printf %s "$body" | wc -c)" "$body"
  } >&9
  cat <&9 > /dev/null
  exec 9>&-
}

exited() {
  local took=$(($(date +%s) - start))
  echo "$(date) Script exited with exit code $1. Script runtime: $(date -u -d "@$took" +%T)"
}

ntfy() {
  local code=$? credentials=${NTFY_CREDS:-} body title
  exited "$code"
  body=$(cat "$log")
  title=$(eval echo "${NTFY_TITLE:-$RESTIC_HOSTNAME - Backup failed}")
  post "$NTFY_SERVER/${NTFY_TOPIC:-backup}" "$body" "Title: $title" "Priority: ${NTFY_PRIO:-4}" "Tags: ${NTFY_TAG:-bangbang}" \
    ${credentials:+"Authorization: Basic $(printf %s "${credentials#-u }" | base64)"}
}

push() {
  local code=$? status=failure
  if [ "$code" = 0 ]; then status=success; fi
  post "$PUSHGATEWAY_URL/metrics/job/backup/instance/$RESTIC_HOSTNAME" "backup_duration_seconds $(($(date +%s) - start))
backup_start_timestamp $start
backup_status{status=\"$status\"} $code
"
}

if [ "${NTFY_ENABLED:-false}" = true ]; then trap ntfy ERR; fi
if [ "${PUSHGATEWAY_ENABLED:-false}" = true ]; then trap push EXIT; fi

eval "${PRE_HOOK:-}"
echo "$(date) Backup process started"
if ! restic snapshots > /dev/null 2>&1; then
  echo 'Restic repository not found. Initializing a new repository.'
  restic init
fi
echo 'Creating snapshot.'
eval "$RESTIC_BACKUP_COMMAND"
if [ "${RESTIC_RETENTION_POLICIES_ENABLED:-true}" = true ]; then
  echo 'Executing retention policies.'
  restic forget --host "$RESTIC_HOSTNAME" --keep-hourly "${KEEP_HOURLY:-24}" --keep-daily "${KEEP_DAILY:-7}" \
    --keep-weekly "${KEEP_WEEKLY:-4}" --keep-monthly "${KEEP_MONTHLY:-12}" --keep-yearly "${KEEP_YEARLY:-0}" \
    --keep-last "${KEEP_LAST:-1}" --prune
fi
if [ -n "$RESTIC_CACHE_DIR" ]; then restic check; fi
echo "$(date) Backup process completed"
exited 0
