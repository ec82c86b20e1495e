package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.optim.LearningRate;
import io.adamant.optim.OptimizerState;
import io.adamant.optim.ParameterGroup;
import io.adamant.stats.RatioHistogram;
import io.adamant.train.StepView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** m/&sigma; of coordinates, held against plain Java arithmetic on the optimizer's own state. */
class CoordinateRatioTest {

  private static final double BETA = 0.9;
  private static final int STEPS = 60;

  private static Map<String, Double> line(int size, double mean, double[] truth) {
    LearningRate rate = LearningRate.constant(1e-3);
    Map<String, Object> settings = Map.of("beta1", BETA, "beta2", BETA, "eps", 0.0);
    GroupStatistics hook =
        new GroupStatistics(MeasurePlan.of(STEPS, 16, 10), SyntheticRun::grouping, rate);
    try (SyntheticRun run = new SyntheticRun("adamw", settings, rate).with("mlp", size, 1, 1, 0)) {
      StepView view = run.step(mean);
      for (int step = 1; step < STEPS; step++) {
        view = run.step(mean);
      }
      fill(run.groups().get(0), truth);
      return SyntheticRun.group(hook.observe(view), "mlp");
    }
  }

  /** Histogram of log2 |m/&sigma;| by its definition, and the mean |u| behind it. */
  private static void fill(ParameterGroup group, double[] truth) {
    OptimizerState state = group.state();
    NDList ms = state.tensors().get(state.states().indexOf("m"));
    NDList vs = state.tensors().get(state.states().indexOf("v"));
    float[] m = ms.get(0).toFloatArray();
    float[] v = vs.get(0).toFloatArray();
    double correction = 1 - Math.pow(BETA, STEPS);
    for (int i = 0; i < m.length; i++) {
      double first = m[i] / correction;
      double second = v[i] / correction;
      double ratio = Math.abs(first) / Math.sqrt(second - first * first);
      int bin = (int) Math.floor((Math.log(ratio) / Math.log(2) + 8) * 2);
      truth[Math.max(0, Math.min(RatioHistogram.BINS - 1, bin))] += 1.0 / m.length;
      truth[RatioHistogram.BINS] += 1 / Math.sqrt(1 + 1 / (ratio * ratio)) / m.length;
    }
  }

  /** 5,000 coordinates are all counted, of 100,000 every fifth: shares then scatter by 0.4 %. */
  @ParameterizedTest
  @CsvSource({"5000, 0, 0.002", "5000, 0.7, 0.002", "100000, 0.1, 0.015", "100000, 2, 0.015"})
  void theHistogramIsThatOfTheState(int size, double mean, double tolerance) {
    double[] truth = new double[RatioHistogram.BINS + 1];
    Map<String, Double> line = line(size, mean, truth);
    @SuppressWarnings("unchecked")
    List<Double> shares = (List<Double>) (Object) ((Map<?, ?>) line).get("ratio_histogram");
    double below = 0;
    for (int i = 0; i < RatioHistogram.BINS; i++) {
      assertThat(shares.get(i)).as("bin " + i).isCloseTo(truth[i], within(tolerance));
      below += i < 16 ? truth[i] : 0;
    }
    assertThat(line.get("noise_dominated")).isCloseTo(below, within(tolerance));
    assertThat(line.get("mollification"))
        .isCloseTo(truth[RatioHistogram.BINS], withinPercentage(0.01));
  }

  /** Where v is 0, even if m is not, a coordinate is in no bin and has no direction. */
  @Test
  void withoutASecondMomentACoordinateIsNotCounted() {
    float[] m = {0, 0.5f, 0, 0.5f, -0.5f, 1, 2, 0.001f};
    float[] v = {0, 0, 1, 1, 0.5f, 1, 0, 1};
    double[] bins = new double[RatioHistogram.BINS];
    bins[0] = 2; // m = 0, and 0.001, which is below 2^-8
    bins[14] = 1; // 1/sqrt(3)
    bins[16] = 1; // exactly 1, an edge
    bins[RatioHistogram.BINS - 1] = 1; // infinite
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      NDList first = new NDList(manager.create(m));
      NDList second = new NDList(manager.create(v));
      double[] row =
          new Kernels(manager)
              .moments(manager, first, second, first, 1, 1, Optional.empty(), true)
              .toDoubleArray();
      MixedMoments moments = MixedMoments.of(row, 0);
      assertThat(moments.histogram()).containsExactly(bins);
      assertThat(moments.ratio()).isCloseTo(1.5 + Math.sqrt(0.5) + 0.001, within(1e-6));
      assertThat(moments.ratioSquare()).isCloseTo(1.75 + 1e-6, within(1e-6));
    }
  }

  /** What the report draws as the median on pure noise. */
  @ParameterizedTest
  @CsvSource({"100000"})
  void theMedianOnPureNoiseIsThatOfANormalMomentum(int size) {
    double[] truth = new double[RatioHistogram.BINS + 1];
    line(size, 0, truth);
    double z = 0.6744897501960817 * Math.sqrt((1 - BETA) / (1 + BETA));
    assertThat(RatioHistogram.quantile(java.util.Arrays.copyOf(truth, RatioHistogram.BINS), 0.5))
        .isCloseTo(z / Math.sqrt(1 - z * z), withinPercentage(6)); // bins are 41 % wide
  }
}
