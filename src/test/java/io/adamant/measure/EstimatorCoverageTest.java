package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.stats.Interval;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The truth lies in the stated 95 % intervals about as often as they state. */
@Tag("slow")
class EstimatorCoverageTest {

  private static final int REPETITIONS = 200;

  @SuppressWarnings("unchecked")
  private static Map<String, Object> group(Map<String, Object> fields) {
    return (Map<String, Object>) ((Map<String, Object>) fields.get("groups")).get("mlp");
  }

  private static double number(Map<String, Object> fields, String key) {
    return ((Number) fields.get(key)).doubleValue();
  }

  private static boolean covers(Map<String, Object> line, String key, double truth) {
    if (line.containsKey(key + "_low")) {
      return number(line, key + "_low") <= truth && truth <= number(line, key + "_high");
    }
    return Interval.student(number(line, key), number(line, key + "_se"), 1e6, 0.95)
        .contains(truth);
  }

  @ParameterizedTest
  @CsvSource({"0.01, 4", "0.1, 8", "1, 4", "1, 8", "0.1, 32"})
  void intervalsCoverTheTruth(double snr, int micros) {
    Map<String, Integer> covered = new HashMap<>();
    Map<String, Double> sums = new HashMap<>();
    try (InjectedGradients run = new InjectedGradients(1000, snr, micros, 2, 11 + micros)) {
      for (int i = 0; i < REPETITIONS; i++) {
        Map<String, Object> line = group(run.run(25));
        for (String key : new String[] {"snr", "snr_micro", "snr_probe"}) {
          covered.merge(key, covers(line, key, snr) ? 1 : 0, Integer::sum);
          sums.merge(key, number(line, key) / REPETITIONS, Double::sum);
        }
      }
    }
    covered.forEach(
        (key, count) -> assertThat(count / (double) REPETITIONS).as(key).isBetween(0.90, 0.99));
    // 2000 coordinates: one measurement scatters by about 1/sqrt(2000); 200 of them by a 14th of
    // it.
    sums.forEach(
        (key, mean) -> assertThat(mean).as(key).isCloseTo(snr, within(0.008 + 0.01 * snr)));
  }

  /** The Hessian is h times the identity, so every curvature has a closed form. */
  @ParameterizedTest
  @CsvSource({"0.1", "1"})
  void curvatureAndTheBestRateAreFound(double snr) {
    double h = 2;
    int covered = 0;
    int scales = 0;
    double noiseScale = 0;
    int repetitions = 60;
    try (InjectedGradients run = new InjectedGradients(1000, snr, 4, h, 3)) {
      for (int i = 0; i < repetitions; i++) {
        Map<String, Object> probe = probe(run.run(10));
        assertThat(number(probe, "sharpness")).isCloseTo(h, within(0.02));
        double truth = run.bestRate();
        covered += covers(probe, "eta_star", truth) ? 1 : 0;
        scales += coversScale(probe, InjectedGradients.BATCH / snr) ? 1 : 0;
        noiseScale +=
            number(probe, "noise_curvature") / number(probe, "gradient_curvature") / repetitions;
      }
    }
    assertThat(covered / (double) repetitions).isBetween(0.88, 1.0);
    assertThat(scales / (double) repetitions).isBetween(0.88, 1.0);
    // tr(Sigma H)/g'Hg = tr Sigma/||g||^2 = 1/snr
    assertThat(noiseScale).isCloseTo(1 / snr, within(0.15 / snr));
  }

  /** An end that is missing is 0 or infinite. */
  private static boolean coversScale(Map<String, Object> probe, double truth) {
    Object low = probe.get("noise_scale_curved_low");
    Object high = probe.get("noise_scale_curved_high");
    return (low == null || (Double) low <= truth) && (high == null || truth <= (Double) high);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> probe(Map<String, Object> fields) {
    return (Map<String, Object>) fields.get("probe");
  }
}
