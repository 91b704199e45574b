#!/bin/sh
# Stand-in for runagent and restic-wrapper of NethServer 8: FOLDER -m MODULE restic-wrapper [--backup ID] ARGUMENT…
# FOLDER/MODULE/environment says which repository a module has; the restic it starts is a real one.
folder=$1
shift
printf '%s\n' "$*" >>"$folder/calls"
[ "$1" = -m ] || exit 2
module=$2
shift 2
if ! [ -d "$folder/$module" ]; then
  echo "runagent: [FATAL] Cannot find module $module" >&2
  exit 1
fi
[ "$1" = restic-wrapper ] || exit 2
shift
if [ "$1" = --backup ]; then
  if ! [ "$2" = 1 ]; then
    echo 'usage: restic-wrapper [-h] [--backup BACKUP] [--destination DESTINATION]' >&2
    exit 2
  fi
  shift 2
fi
if [ -e "$folder/$module/hangs" ]; then
  echo "$$" >"$folder/$module/pid"
  sleep 300 &
  echo "$!" >>"$folder/$module/pid"
  wait
fi
if [ -e "$folder/$module/says" ]; then
  cat "$folder/$module/says" >&2
  exit 1
fi
. "$folder/$module/environment"
exec "$RESTIC" "$@"
