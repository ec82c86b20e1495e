package io.adamant.simulate;

/** Seeds for independent streams. */
public final class Seeds {
  private Seeds() {}

  /**
   * A seed for one stream of many: SplitMix64's finaliser (Steele, Lea and Flood 2014) over each
   * part, because {@link java.util.Random} starts alike from neighbouring seeds.
   *
   * @param parts what names the stream
   * @return its seed
   */
  public static long mix(long... parts) {
    long mixed = 0;
    for (long part : parts) {
      mixed += part + 0x9E3779B97F4A7C15L;
      mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
      mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
      mixed ^= mixed >>> 31;
    }
    return mixed;
  }
}
