#!/bin/sh
# Checks Adamant on a CUDA machine and measures it, in under 8 minutes on one H100.
#
#   ./check.sh                      in the folder that ./adamant package made, or in the sources
#   DEVICE=cpu SMALL=1 ./check.sh   the same steps at toy sizes on a CPU, to try the script itself
#
# Needs a libtorch: PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR name one, else DJL
# downloads its own at the first start, which takes minutes that do not count.
#
#   DEVICE   what to check (default cuda:0)          OUT      where results go (default gpu-check)
#   SMALL    1 = toy sizes                           PYTHON   a python3 with torch, to compare with
#   REFERENCE  the device to hold kernels against (default cpu)
#
# Writes OUT/check.json and OUT/check.md. Exit code 1 if a check failed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
adamant=$here/adamant torch_gpt=$here/torch_gpt.py
if [ ! -x "$adamant" ]; then
  adamant=$here/../../../adamant torch_gpt=$here/../bench/torch_gpt.py
fi
[ -x "$adamant" ] || { echo "check.sh: no adamant beside it nor in the sources above it" >&2; exit 2; }
root=$(dirname "$adamant")
device=${DEVICE:-cuda:0} reference=${REFERENCE:-cpu} small=${SMALL:-0} python=${PYTHON:-python3}
out=${OUT:-gpu-check}
mkdir -p "$out" || exit 2
out=$(cd "$out" && pwd)
runs=$out/runs
rm -rf "$runs"
: >"$out/rows.tsv"
: >"$out/log.txt"
began=$(date +%s)
failed=0

say() { echo "check.sh: $(($(date +%s) - began)) s: $*" >&2; }
# row NAME VALUE UNIT VERDICT NOTE; a verdict is pass, fail, info or skipped
row() {
  printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" >>"$out/rows.tsv"
  [ "$4" != fail ] || failed=1
  say "$1: $2 $3 ($4)"
}
# verdict VALUE OP BOUND: pass or fail; a value that is no number fails
verdict() {
  echo "$1" | awk -v op="$2" -v bound="$3" '
    { ok = $1 ~ /^[-+]?[0-9.]+(e[-+]?[0-9]+)?$/
      if (ok && op == "<=") ok = $1 + 0 <= bound + 0
      if (ok && op == ">=") ok = $1 + 0 >= bound + 0
      print ok ? "pass" : "fail" }'
}
# number KEY: the first number of that key in the JSON on standard input, else nothing
number() { sed -n 's/.*"'"$1"'" *: *\([-+0-9.eE]*\).*/\1/p' | head -n 1; }
text() { sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p' | head -n 1; }
calc() { awk "BEGIN { printf \"%.4g\", $1 }" 2>/dev/null || echo nan; }

if [ "$small" = 1 ]; then
  tiny="--set model.layers=2 --set model.width=32 --set model.heads=2 --set model.context=32"
  resume_steps=400 study_steps=6 bench_steps=3 warmup=1
  vocabulary=512 layers=2 w124=40 h124=2 f124=112 w162=48 h162=2 f162=128
  contexts="32 64" micro=2
  study_data="--set data.validation_fraction=0.002 --set measure.every=0"
else
  tiny="--set model.layers=4 --set model.width=256 --set model.heads=4 --set model.context=256"
  resume_steps=800 study_steps=300 bench_steps=10 warmup=3
  vocabulary=50304 layers=12 w124=640 h124=10 f124=1792 w162=768 h162=12 f162=2048
  contexts="1024 2048" micro=16 study_data=
fi
# The last validation takes all of its text: a small part suffices here.
text_data="--set data.tokenizer=bytes --set data.vocab=257 --set data.validation_fraction=0.0005 --set measure.every=0"

run() { # limit in seconds, then a command; its output goes to the log
  limit=$1
  shift
  echo "+ $*" >>"$out/log.txt"
  timeout "$limit" "$@" 2>>"$out/log.txt"
}
# train NAME DEVICE PRECISION STEPS [more]: a run in a folder of its own
train() {
  name=$1 on=$2 precision=$3 steps=$4
  shift 4
  # shellcheck disable=SC2086 # options are separate words
  run 240 "$adamant" train "$root/configs/train.yaml" --results "$runs/$name" $text_data $tiny \
    --set training.device="$on" --set training.precision="$precision" --set training.steps="$steps" \
    --set training.log_every=5 --set training.eval_every=0 --set training.eval_tokens=4096 "$@" >>"$out/log.txt"
}
file() { find "$runs/$1" -name "$2" 2>/dev/null | head -n 1; }
losses() { number_of='"train_loss" *: *\([-0-9.eE]*\)'; sed -n "s/.*$number_of.*/\1/p" "$(file "$1" metrics.jsonl)"; }
# The largest relative difference of two runs' losses over the first N steps
apart() {
  losses "$1" >"$out/a" && losses "$2" >"$out/b"
  paste "$out/a" "$out/b" | head -n "$3" | awk '
    { d = ($1 - $2) / $2; if (d < 0) d = -d; if (d > most) most = d; n++ }
    END { if (n > 0) printf "%.3g", most; else print "nan" }'
  rm -f "$out/a" "$out/b"
}

# 1. The machine
run 1200 "$adamant" doctor --device "$device" --results "$runs" >"$out/doctor.txt"
code=$?
row doctor "$code" "exit code" "$([ $code = 0 ] && echo pass || echo fail)" "see doctor.txt"
if [ $code != 0 ]; then
  cat "$out/doctor.txt" >&2
fi
began=$(date +%s) # a download is over now

# 2. The same weights and batches on the reference and on the device
train reference "$reference" fp32 10
train device "$device" fp32 10
difference=$(apart device reference 1)
row "loss before any update, $device against $reference, fp32" "$difference" "relative" \
  "$(verdict "$difference" "<=" 1e-5)" "the forward pass"
difference=$(apart device reference 10)
row "losses of 10 steps, $device against $reference, fp32" "$difference" "relative" \
  "$(verdict "$difference" "<=" 1e-4)" "forward, backward, clipping, optimizer"
train bf16 "$device" bf16 10
difference=$(apart bf16 device 10)
row "losses of 10 steps, bf16 against fp32" "$difference" "relative" \
  "$(verdict "$difference" "<=" 2e-2)" ""

# 3. The same bits again, and after a kill
for precision in fp32 bf16; do
  train "first-$precision" "$device" "$precision" 60
  train "second-$precision" "$device" "$precision" 60
  a=$(text weights_sha256 <"$(file "first-$precision" summary.json)")
  b=$(text weights_sha256 <"$(file "second-$precision" summary.json)")
  same=$([ -n "$a" ] && [ "$a" = "$b" ] && echo pass || echo fail)
  row "same weights from the same seed, $precision" "$([ "$same" = pass ] && echo yes || echo no)" "" "$same" ""
done
train whole "$device" bf16 $resume_steps --set training.checkpoint_every=20
(
  # shellcheck disable=SC2086
  exec timeout 240 "$adamant" train "$root/configs/train.yaml" --results "$runs/killed" $text_data $tiny \
    --set training.device="$device" --set training.precision=bf16 --set training.steps=$resume_steps \
    --set training.log_every=5 --set training.eval_every=0 --set training.eval_tokens=4096 \
    --set training.checkpoint_every=20
) >>"$out/log.txt" 2>&1 &
child=$!
i=0
while [ $i -lt 1200 ] && kill -0 $child 2>/dev/null; do
  metrics=$(file killed metrics.jsonl)
  [ -z "$metrics" ] || [ "$(wc -l <"$metrics")" -lt 50 ] || break
  sleep 0.1
  i=$((i + 1))
done
# timeout is the child; the JVM is its child in turn
victims=$(ps -o pid= --ppid $child 2>/dev/null)
# shellcheck disable=SC2086
kill -9 $victims $child 2>/dev/null
wait $child 2>/dev/null
before=$(wc -l <"$(file killed metrics.jsonl)" 2>/dev/null || echo 0)
if [ "$before" -ge $resume_steps ] || [ -n "$(file killed summary.json)" ]; then
  row "the same weights after a kill" "" "" fail "the run was over before it could be killed"
else
  train killed "$device" bf16 $resume_steps --set training.checkpoint_every=20
  a=$(text weights_sha256 <"$(file whole summary.json)")
  b=$(text weights_sha256 <"$(file killed summary.json)")
  same=$([ -n "$a" ] && [ "$a" = "$b" ] && echo pass || echo fail)
  row "the same weights after a kill" "$([ "$same" = pass ] && echo yes || echo no)" "" "$same" \
    "killed after some $before of $resume_steps steps"
fi

# 4. Throughput: a model of 124 M parameters and one of 162 M
# bench NAME WIDTH HEADS HIDDEN CONTEXT
bench() {
  # shellcheck disable=SC2086
  run 120 "$adamant" bench "$root/configs/train.yaml" --json --steps $bench_steps --warmup $warmup $text_data \
    --set model.layers=$layers --set model.width="$2" --set model.heads="$3" --set model.mlp_hidden="$4" \
    --set model.context="$5" --set model.vocab_multiple=$vocabulary --set training.device="$device" \
    --set training.precision=bf16 --set training.batch=$micro --set training.micro_batch=auto >"$out/$1.json"
  speed=$(number tokens_per_s <"$out/$1.json")
  parameters=$(number parameters <"$out/$1.json")
  millions=$(calc "${parameters:-0} / 1e6")
  label="$millions M parameters, sequence $5, bf16"
  row "$label: throughput" "$(calc "${speed:-0}")" "tokens/s" "$([ -n "$speed" ] && echo info || echo fail)" \
    "micro-batch $(number micro_batch <"$out/$1.json")"
  row "$label: arithmetic" "$(calc "$(number gflops <"$out/$1.json") / 1e3")" "TFLOP/s" info \
    "$(calc "100 * $(number utilisation <"$out/$1.json")") % of $(calc "$(number matmul_ceiling_gflops <"$out/$1.json") / 1e3") measured"
  row "$label: memory" "$(calc "$(number peak_memory_bytes <"$out/$1.json") / 2^30")" GiB info ""
}
for context in $contexts; do
  bench "bench-124-$context" $w124 $h124 $f124 "$context"
  bench "bench-162-$context" $w162 $h162 $f162 "$context"
done

# 5. The optimizer against what memory allows: AdamW reads 4 numbers a parameter and writes 3
last=$out/bench-162-$context.json
bound=$(calc "28 * $(number parameters <"$last") / ($(number memory_bandwidth_gb_per_s <"$last") * 1e6)")
took=$(number optimizer_ms <"$last")
row "AdamW step" "$(calc "${took:-0}")" ms info \
  "bound $bound ms at $(calc "$(number memory_bandwidth_gb_per_s <"$last")") GB/s of a copy: $(calc "100 * $bound / ${took:-nan}") %"

# 6. The same model in PyTorch
ours=$(number tokens_per_s <"$last")
for mode in eager compile; do
  if "$python" -c 'import torch' 2>/dev/null; then
    case $device in cpu) where=cpu ;; *) where=cuda ;; esac
    option=
    if [ $mode = compile ]; then
      if ! "$python" -c 'import torch; torch.compile' 2>/dev/null; then
        row "PyTorch, $mode" "" "" skipped "its torch has no torch.compile"
        continue
      fi
      option=--compile
    fi
    # shellcheck disable=SC2086
    run 150 "$python" "$torch_gpt" --vocab $vocabulary --width $w162 --layers $layers --heads $h162 --hidden $f162 \
      --context "$context" --batch $micro --steps $bench_steps --warmup $warmup --device $where --bf16 $option >"$out/torch-$mode.json"
    theirs=$(number tokens_per_s <"$out/torch-$mode.json")
    if [ -z "$theirs" ]; then
      row "PyTorch, $mode" "" "" skipped "it failed, see log.txt"
      continue
    fi
    ratio=$(calc "${ours:-0} / $theirs")
    row "PyTorch $(text torch <"$out/torch-$mode.json"), $mode, $label" "$(calc "$theirs")" "tokens/s" info \
      "batch $micro"
    judged=info
    [ $mode = compile ] || [ "$device" = cpu ] || judged=$(verdict "$ratio" ">=" 1)
    row "Adamant beside PyTorch, $mode" "$ratio" "times" "$judged" ""
  else
    row "PyTorch, $mode" "" "" skipped "$python has no torch"
  fi
done

# 7. The quickstart
start=$(date +%s)
# shellcheck disable=SC2086
run 240 "$adamant" study "$root/configs/quickstart.yaml" --results "$runs/quickstart" --jobs 1 \
  --set training.device="$device" --set training.steps=$study_steps $study_data >>"$out/log.txt"
finished=$(grep -l '"status" *: *"finished"' $(find "$runs/quickstart" -name summary.json) 2>/dev/null | wc -l)
row "quickstart" "$(($(date +%s) - start))" s "$(verdict "$finished" ">=" 5)" "$finished runs finished"

# The two files
total=$(($(date +%s) - began))
gpu=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1)
[ -n "$gpu" ] || gpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
limit=$([ "$small" = 1 ] && echo info || verdict "$total" "<=" 480) # toy sizes are tried on any machine
row "all of it" "$total" s "$limit" "from the end of doctor"
awk -F '\t' -v machine="$gpu" -v device="$device" -v small="$small" '
  function q(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return "\"" s "\"" }
  function v(s) { return s ~ /^-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?$/ ? s : q(s) }
  BEGIN { printf "{\n  \"machine\": %s,\n  \"device\": %s,\n  \"small\": %s,\n  \"rows\": [", q(machine), q(device), (small == 1 ? "true" : "false") }
  { printf "%s\n    {\"name\": %s, \"value\": %s, \"unit\": %s, \"verdict\": %s, \"note\": %s}", (NR > 1 ? "," : ""), q($1), v($2), q($3), q($4), q($5) }
  END { print "\n  ]\n}" }' "$out/rows.tsv" >"$out/check.json"
{
  echo "Adamant on $gpu, device $device$([ "$small" = 1 ] && echo ', toy sizes: no figures to quote')"
  echo
  echo "| what | value | unit | verdict | |"
  echo "|---|---:|---|---|---|"
  awk -F '\t' '{ printf "| %s | %s | %s | %s | %s |\n", $1, $2, $3, $4, $5 }' "$out/rows.tsv"
} >"$out/check.md"
rm -f "$out/rows.tsv"
cat "$out/check.md"
exit $failed
