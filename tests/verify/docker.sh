#!/bin/sh
# A client of an engine that builds nothing: it answers from the folder $FAKE as docker answers, and keeps a record
# of what it was asked. $FAKE/before and $FAKE/after hold what the two images are like:
#
#   build      what the build says; fails where it has a line with ERROR, sleeps where it says sleep
#   size, config.json, history, files/, times
#   state      of the container: `true 0`, `false 3`; `broken` where it does not start
#   address    where its port is published
#   stdout, health
#
# $FAKE/version is what it says of itself, where it is not docker; without files/ it cannot export a container.
echo "$*" >> "$FAKE/asked"
case "$*" in
  *-after*) side=$FAKE/after ;;
  *) side=$FAKE/before ;;
esac
case "$1 $2" in
  '--version ') cat "$FAKE/version" 2> /dev/null || echo 'Docker version 20.10.24+dfsg1, build 297e128' ;;
  'version '* | 'info '*) echo 20.10.24 ;;
  'build '*)
    cat "$side/build" >&2
    case $(cat "$side/build") in
      *sleep*) sleep 60 ;;
      *ERROR*) exit 1 ;;
    esac ;;
  'image inspect')
    case "$*" in
      *.Size*) cat "$side/size" ;;
      *) echo "[{\"Config\": $(cat "$side/config.json")}]" ;;
    esac ;;
  'history '*) cat "$side/history" ;;
  'create '*) echo 1f2e3d ;;
  'start '*)
    if [ "$(cat "$side/state")" = broken ]; then
      echo 'exec: "node": executable file not found in $PATH' >&2
      exit 1
    fi ;;
  'inspect '*)
    case "$*" in
      *Health*) cat "$side/health" ;;
      *) cat "$side/state" ;;
    esac ;;
  'port '*) cat "$side/address" ;;
  'logs '*) cat "$side/stdout" ;;
  'export '*)
    if [ ! -d "$side/files" ]; then
      echo 'level=fatal msg="unknown subcommand \"export\" for \"nerdctl\""' >&2
      exit 1
    fi
    tar -C "$side/files" -cf - . ;;
  'run '*) cat "$side/times" ;;
  'exec '*) printf '%s\n' '0: 00000000:0BB8 00000000:0000 0A' ;;
esac
