#!/bin/sh
# Adamant and plain PyTorch on the same model, in turn: A B A B ..., then medians and their ratio.
#
#   src/test/bench/compare.sh [ROUNDS] [quickstart|large] [fp32|bf16] [default|gpt2|grouped]
#
# EXTRA holds more options for Adamant alone, such as EXTRA="--set training.kernels=onednn+sdpa".
# Needs a python3 with torch (PYTHON names it). OPENBLAS_CORETYPE=SkylakeX is PyTorch's best setting on
# AMD processors with AVX-512 when its BLAS is OpenBLAS; PyTorch computes in fp32 in any case.
set -eu
cd "$(dirname "$0")/../../.."
rounds=${1:-5} size=${2:-quickstart} precision=${3:-fp32} family=${4:-default}
python=${PYTHON:-python3}
case $size in
  quickstart) d=128 l=4 h=4 t=128 b=16 f=344 ;;
  large) d=256 l=6 h=8 t=256 b=8 f=768 ;;
  *) echo "compare.sh: a size is quickstart or large, found $size" >&2; exit 2 ;;
esac
case $family in
  default) keys='' ;;
  gpt2) keys='--set model.preset=gpt2' f=$((4 * d)) ;;
  grouped) keys="--set model.kv_heads=$((h / 4)) --set model.tied=true" ;;
  *) echo "compare.sh: a family is default, gpt2 or grouped, found $family" >&2; exit 2 ;;
esac
"$python" -c 'import torch' || { echo "compare.sh: $python has no torch; set PYTHON" >&2; exit 2; }

# A PyTorch on the reference BLAS is ten times slower: no peer to beat.
peer=$(OMP_NUM_THREADS=2 OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-SkylakeX} "$python" -c '
import time, torch
a = torch.randn(1024, 1024)
def once():
    t = time.perf_counter(); a @ a; return time.perf_counter() - t
print(int(2 * 1024**3 / min(once() for _ in range(8)) / 1e9))')
[ "$peer" -ge 50 ] || {
  echo "compare.sh: torch multiplies at $peer GFLOP/s: install a fast BLAS (Debian: libopenblas0-openmp)" >&2
  exit 2
}

ours() { # keys and EXTRA are several words
  ./adamant bench --json $keys --set model.width=$d --set model.layers=$l --set model.heads=$h \
    --set model.context=$t --set model.mlp_hidden=$f --set training.batch=$b \
    --set training.threads=2 --set training.precision="$precision" --set measure.every=0 \
    ${EXTRA:-}
}
theirs() {
  OMP_NUM_THREADS=2 OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-SkylakeX} "$python" src/test/bench/torch_gpt.py \
    --width $d --layers $l --heads $h --context $t --hidden $f --batch $b --steps 20 --family $family
}
speed() { sed -n 's/.*"tokens_per_s" *: *\([0-9.]*\).*/\1/p'; }
median() { tr ' ' '\n' | grep . | sort -n | awk '{ x[NR] = $1 } END { print (x[int((NR+1)/2)] + x[int((NR+2)/2)]) / 2 }'; }

a='' b_=''
i=0
while [ $i -lt "$rounds" ]; do
  x=$(ours | speed) y=$(theirs | speed)
  echo "adamant $x  torch $y" >&2
  a="$a $x" b_="$b_ $y" i=$((i + 1))
done
x=$(echo "$a" | median) y=$(echo "$b_" | median)
echo "$size $precision $family, medians of $rounds: adamant $x tokens/s, torch $y tokens/s, ratio $(echo "$x $y" | awk '{ printf "%.2f", $1 / $2 }')"
