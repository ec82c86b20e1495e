package io.adamant.data;

/**
 * A bijection of {0, …, n−1} chosen by a 64-bit key, computed index by index: no array of n entries
 * is ever made, so an epoch over any number of windows can be shuffled and entered anywhere.
 *
 * <p>A balanced Feistel network of six rounds permutes the 2^(2h) numbers of 2h bits, the smallest
 * such domain with 2^(2h) ≥ n. A result of n or above is encrypted again until one falls below n
 * (cycle walking), which keeps the map a bijection on {0, …, n−1}; the domain is at most four times
 * n, so that at most four encryptions are expected. The round function is the finalizer of
 * SplitMix64. Reference: J. Black and P. Rogaway, Ciphers with arbitrary finite domains, CT-RSA
 * 2002.
 */
public final class KeyedPermutation {
  private static final int ROUNDS = 6;
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private final long size;
  private final int halfBits;
  private final long halfMask;
  private final long key;

  /**
   * Chooses a permutation.
   *
   * @param size the number n of indices, at least 1 and at most 2^62
   * @param key any number; another key gives another permutation
   * @throws IllegalArgumentException if the size is out of range
   */
  public KeyedPermutation(long size, long key) {
    if (size < 1 || size > 1L << 62) {
      throw new IllegalArgumentException("size must be between 1 and 2^62, found " + size);
    }
    this.size = size;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    this.halfBits = Math.max(1, (bits + 1) / 2);
    this.halfMask = (1L << halfBits) - 1;
    this.key = key;
  }

  /**
   * Maps an index.
   *
   * @param index between 0 and n−1
   * @return the image, between 0 and n−1
   * @throws IndexOutOfBoundsException if the index is out of range
   */
  public long apply(long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index " + index + " is not below " + size);
    }
    long image = encrypt(index);
    while (image >= size) {
      image = encrypt(image);
    }
    return image;
  }

  private long encrypt(long number) {
    long left = number >>> halfBits;
    long right = number & halfMask;
    for (int round = 1; round <= ROUNDS; round++) {
      long next = left ^ (mix(mix(key + round * GOLDEN_GAMMA) + right) & halfMask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }

  /** The finalizer of SplitMix64: a fixed bijection of 64-bit numbers that scatters its input. */
  static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }

  /** A key for one of many independent permutations or numbers drawn from a seed. */
  static long subkey(long seed, long epoch, long purpose) {
    long a = mix(seed + GOLDEN_GAMMA);
    long b = mix(a ^ mix(epoch + 2 * GOLDEN_GAMMA));
    return mix(b + mix(purpose + 3 * GOLDEN_GAMMA));
  }
}
