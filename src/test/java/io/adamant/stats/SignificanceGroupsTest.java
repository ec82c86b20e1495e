package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Holm's correction, compact letters and the two together. */
class SignificanceGroupsTest {
  /** By hand, and as R's p.adjust(…, "holm") prints them. */
  @Example
  void holm() {
    assertThat(Holm.adjust(new double[] {0.04, 0.005, 0.13, 0.011, 0.02}))
        .containsExactly(new double[] {0.08, 0.025, 0.13, 0.044, 0.06}, within(1e-15));
    assertThat(Holm.adjust(new double[] {0.01, 0.02, 0.03, 0.04}))
        .containsExactly(new double[] {0.04, 0.06, 0.06, 0.06}, within(1e-15));
    assertThat(Holm.adjust(new double[] {0.9, 0.8})).containsExactly(1, 1);
    assertThat(Holm.adjust(new double[0])).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> Holm.adjust(new double[] {1.1}));
  }

  @Example
  void lettersOfAChain() {
    boolean[][] differs = new boolean[4][4]; // neighbours alike, all others differ
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        differs[i][j] = Math.abs(i - j) > 1;
      }
    }
    assertThat(CompactLetters.of(differs)).containsExactly("a", "ab", "bc", "c");
    assertThat(CompactLetters.of(new boolean[3][3])).containsExactly("a", "a", "a");
    assertThat(CompactLetters.of(new boolean[0][0])).isEmpty();
  }

  /** Two arms share a letter exactly when they do not differ, and no letter is superfluous. */
  @Property(tries = 300)
  void sharedLettersMeanNoDifference(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int n) {
    Random random = new Random(seed);
    boolean[][] differs = new boolean[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        differs[i][j] = random.nextBoolean();
        differs[j][i] = differs[i][j];
      }
    }
    List<String> letters = CompactLetters.of(differs);
    assertThat(letters.get(0)).startsWith("a");
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        String other = letters.get(j);
        boolean shared = letters.get(i).chars().anyMatch(c -> other.indexOf(c) >= 0);
        assertThat(shared).isEqualTo(!differs[i][j]);
      }
    }
  }

  @Example
  void threeArms() {
    Map<String, double[]> samples =
        Map.of(
            "sgdm", new double[] {5.0, 5.1, 4.9},
            "adamw", new double[] {3.00, 3.02, 2.98},
            "signum", new double[] {3.01, 3.03, 3.00});
    SignificanceGroups groups = SignificanceGroups.of(samples, Design.UNPAIRED, 0.05);
    assertThat(groups.order()).containsExactly("adamw", "signum", "sgdm");
    assertThat(groups.letters()).containsExactlyEntriesOf(letters("a", "a", "b"));
    assertThat(groups.pairs()).hasSize(3);
    SignificanceGroups.Pair first = groups.pairs().get(0);
    assertThat(first.first()).isEqualTo("adamw");
    assertThat(first.second()).isEqualTo("signum");
    assertThat(first.test().difference()).isEqualTo(-0.04 / 3, within(1e-12));
    assertThat(first.adjustedP()).isEqualTo(first.test().pValue()); // the largest of the three
    assertThat(groups.pairs().get(1).adjustedP())
        .isGreaterThan(1.9 * groups.pairs().get(1).test().pValue());
  }

  private static Map<String, String> letters(String adamw, String signum, String sgdm) {
    Map<String, String> letters = new LinkedHashMap<>();
    letters.put("adamw", adamw);
    letters.put("signum", signum);
    letters.put("sgdm", sgdm);
    return letters;
  }

  /** Pairs share a seed's luck: the paired design sees what the unpaired cannot. */
  @Example
  void pairingTakesTheSeedsLuckOut() {
    Map<String, double[]> samples =
        Map.of(
            "a", new double[] {1, 2, 3, 4},
            "b", new double[] {1.11, 2.1, 3.09, 4.1});
    assertThat(SignificanceGroups.of(samples, Design.PAIRED, 0.05).letters())
        .isEqualTo(Map.of("a", "a", "b", "b"));
    assertThat(SignificanceGroups.of(samples, Design.UNPAIRED, 0.05).letters())
        .isEqualTo(Map.of("a", "a", "b", "a"));
  }

  /** Six equal arms: some pair is called different in at most about 5 % of studies. */
  @Example
  void equalArmsStayInOneGroup() {
    Random random = new Random(4);
    int studies = 400;
    int split = 0;
    for (int study = 0; study < studies; study++) {
      Map<String, double[]> samples = new HashMap<>();
      for (String arm : List.of("a", "b", "c", "d", "e", "f")) {
        double[] x = new double[5];
        Arrays.setAll(x, i -> random.nextGaussian());
        samples.put(arm, x);
      }
      SignificanceGroups groups = SignificanceGroups.of(samples, Design.UNPAIRED, 0.05);
      split += groups.letters().containsValue("b") ? 1 : 0;
    }
    assertThat(split).isLessThanOrEqualTo((int) (studies * 0.05 + 3 * Math.sqrt(19)));
  }

  @Example
  void refusesALoneSeed() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                SignificanceGroups.of(
                    Map.of("adamw", new double[] {1}, "sgdm", new double[] {1, 2}),
                    Design.UNPAIRED,
                    0.05))
        .withMessage("adamw has 1 values; at least 2 are needed");
  }
}
