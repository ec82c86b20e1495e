"""The weight-RMS experiment as the article kexue.fm 11307 writes it, timed.

Usage: python3 weight_rms.py [N] [T]; prints the RMS and the seconds.
Ours: ./adamant simulate weight-rms --bias-correction no
"""
import sys
import time

import numpy as np

N = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
T = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
beta1, beta2 = 0.9, 0.95
begin = time.perf_counter()
m, v = 0, 0
w = np.random.randn(N) * 0.1
for i in range(T):
    g = np.random.randn(N)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    w = w - 0.001 * (m / v**0.5 + 0.1 * w)
print((w**2).mean() ** 0.5, time.perf_counter() - begin)
