package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class KeyedPermutationTest {
  @Property
  void isABijection(@ForAll @IntRange(min = 1, max = 5000) int size, @ForAll long key) {
    KeyedPermutation permutation = new KeyedPermutation(size, key);
    BitSet images = new BitSet(size);
    for (int i = 0; i < size; i++) {
      long image = permutation.apply(i);
      assertThat(image).isBetween(0L, size - 1L);
      images.set((int) image);
    }
    assertThat(images.cardinality()).isEqualTo(size);
  }

  @Property(tries = 200)
  void staysInRangeForHugeSizes(
      @ForAll @LongRange(min = 1, max = 1L << 62) long size, @ForAll long key) {
    KeyedPermutation permutation = new KeyedPermutation(size, key);
    assertThat(permutation.apply(size - 1)).isBetween(0L, size - 1);
    assertThat(permutation.apply(0)).isBetween(0L, size - 1);
  }

  /** χ² of where index i goes over 7,000 keys; 6 degrees of freedom, 40 has probability 5e-7. */
  @Test
  void everyImageIsEquallyLikelyOverKeys() {
    int size = 7;
    for (int index = 0; index < size; index++) {
      long[] seen = new long[size];
      for (long key = 0; key < 1000L * size; key++) {
        seen[(int) new KeyedPermutation(size, key).apply(index)]++;
      }
      double chiSquare = 0;
      for (long count : seen) {
        chiSquare += (count - 1000.0) * (count - 1000.0) / 1000;
      }
      assertThat(chiSquare).isLessThan(40);
    }
  }

  /** A shuffle has about one fixed point and one pair of neighbours that stay neighbours. */
  @Test
  void scattersNeighbours() {
    int size = 100_000;
    KeyedPermutation permutation = new KeyedPermutation(size, 42);
    int fixed = 0;
    int followed = 0;
    for (int i = 0; i < size; i++) {
      fixed += permutation.apply(i) == i ? 1 : 0;
      followed += i > 0 && permutation.apply(i) == permutation.apply(i - 1) + 1 ? 1 : 0;
    }
    assertThat(fixed).isLessThan(12);
    assertThat(followed).isLessThan(12);
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatThrownBy(() -> new KeyedPermutation(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 0");
    assertThatThrownBy(() -> new KeyedPermutation(5, 1).apply(5))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new KeyedPermutation(5, 1).apply(-1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
