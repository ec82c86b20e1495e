#!/bin/sh
# What a study costs beside its runs: wall time of the whole command, JVM, data and report included, over the
# seconds that its runs trained. Goals: below 10 % at runs of 20 seconds, below 3 % at runs of a minute.
#
#     src/test/bench/study_overhead.sh [SHORT [LONG]]      # seconds of a run, default 20 and 60; about 6 minutes
#
# Wants a quiet machine: it judges by wall time. The bare run is `adamant train` of the same configuration.
set -eu
cd "$(dirname "$0")/../../.."
short=${1:-20} long=${2:-60}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
./adamant --version >/dev/null # builds what changed

body() { # STEPS
  cat <<EOF
  model: {layers: 4, width: 128, heads: 4, context: 128}
  data: {corpus: wordnet, tokenizer: gpt2, vocab: 4096}
  optimizer: {type: adamw, lr: 4.0e-3}
  training: {steps: $1, batch: 16, eval_every: 0, eval_tokens: 16384, checkpoint_every: 100}
  measure: {every: 100}
EOF
}
now() { date +%s.%N; }
field() { # NAME RESULTS: a number of each run's summary
  find "$2" -path '*/runs/*/summary.json' -exec sed -n 's/.*"'"$1"'" : \([0-9.eE+-]*\).*/\1/p' {} +
}
timed() { # LABEL RESULTS COMMAND...: wall time against the seconds of training
  label=$1 results=$2
  shift 2
  begin=$(now)
  "$@" --results "$results" >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
  end=$(now)
  { field seconds "$results"; echo; field tokens_per_s "$results" | sed 's/^/t /'; } |
    awk -v label="$label" -v wall="$(echo "$end $begin" | awk '{print $1 - $2}')" '
      $1 == "t" { speed += $2; next } NF { sum += $1; n++ }
      END { printf "%-34s %d runs of %5.1f s  wall %6.1f s  over training %+5.1f %%  %7.0f tokens/s\n",
            label, n, sum / n, wall, 100 * (wall / sum - 1), speed / n }'
}

body 60 | sed 's/^  //' >"$out/probe.yaml"
./adamant train "$out/probe.yaml" --results "$out/probe" >/dev/null 2>&1
speed=$(field tokens_per_s "$out/probe")
steps() { awk -v s="$1" -v v="$speed" 'BEGIN { printf "%d", s * v / 2048 }'; }

a=$(steps "$short") b=$(steps "$long")
body "$a" | sed 's/^  //' >"$out/bare.yaml"
{ printf 'name: short\nbase:\n'; body "$a"; echo 'seeds: [1, 2, 3]'; } >"$out/short.yaml"
{ printf 'name: long\nbase:\n'; body "$b"; echo 'seeds: [1, 2]'; } >"$out/long.yaml"
timed "bare run" "$out/r1" ./adamant train "$out/bare.yaml"
timed "study" "$out/r2" ./adamant study "$out/short.yaml"
timed "study --jobs 1 (worker process)" "$out/r3" ./adamant study "$out/short.yaml" --jobs 1
timed "study of longer runs" "$out/r4" ./adamant study "$out/long.yaml"
