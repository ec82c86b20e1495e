#!/bin/sh
# Adamant with its own Java. libtorch comes from PYTORCH_LIBRARY_PATH (set PYTORCH_VERSION and
# PYTORCH_FLAVOR, such as 2.7.1 and cu128, with it), else from DJL's cache, else DJL downloads it.
# ADAMANT_JAVA_OPTS adds options for the JVM, ADAMANT_CLASSPATH your own optimizers and hooks.
set -eu
home=$(dirname "$(readlink -f "$0")")
case $home in
*:*)
  echo "adamant: $home has a colon, which no path of a Java class path can have; move it elsewhere" >&2
  exit 2
  ;;
esac
# Java takes names of files, arguments and its output in the locale's encoding: where that is not
# UTF-8 (cron, containers, batch jobs, a locale that is not installed), names beyond ASCII are lost.
for each in "${LC_ALL:-}" C.UTF-8 C.utf8 en_US.UTF-8; do
  [ "$(LC_ALL=$each locale charmap 2>/dev/null)" = UTF-8 ] || continue
  [ "$each" = "${LC_ALL:-}" ] || export LC_ALL="$each"
  break
done
export RUST_FLAVOR="${RUST_FLAVOR:-cpu}"
export TORCH_CPP_LOG_LEVEL="${TORCH_CPP_LOG_LEVEL:-ERROR}"
export CUBLAS_WORKSPACE_CONFIG="${CUBLAS_WORKSPACE_CONFIG-:4096:8}"
# As in the launcher of the sources, where the reasons are.
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-33554432}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-8589934592}"
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
collector="-XX:+UseSerialGC -Xmn16m -Xms40m -XX:+AlwaysPreTouch"
compiler=
case ${1:-} in
train | study | reproduce | bench) compiler="-XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.25" ;;
esac
set -f
for option in ${JAVA_TOOL_OPTIONS:-} ${JDK_JAVA_OPTIONS:-} ${ADAMANT_JAVA_OPTS:-} ${_JAVA_OPTIONS:-}; do
  case $option in
  -XX:+Use*GC) collector= ;;
  -Xm[ns]* | -Xmx*[!gGmM] | -Xmx[0-9][mM] | -Xmx[0-9][0-9][mM] | -XX:*HeapSize=* | -XX:*NewSize=* | \
    -XX:NewRatio=* | -XX:InitialRAM* | -XX:?AlwaysPreTouch)
    collector=${collector%% *}
    ;;
  -Xint | -Xcomp | -XX:?TieredCompilation | -XX:TieredStopAtLevel=* | -XX:CompileThreshold*) compiler= ;;
  esac
done
set +f
terminal=false
[ ! -t 2 ] || terminal=true
if [ -n "${ADAMANT_CLASSPATH:-}" ]; then
  set -- --enable-native-access=ALL-UNNAMED -cp "$home/adamant.jar:$ADAMANT_CLASSPATH" io.adamant.cli.Main "$@"
else
  set -- -jar "$home/adamant.jar" "$@"
fi
# shellcheck disable=SC2086 # options are separate words
exec "$home/runtime/bin/java" $collector $compiler -Dadamant.terminal=$terminal -Djava.awt.headless=true ${HOME:+"-Duser.home=$HOME"} ${ADAMANT_JAVA_OPTS:-} "$@"
