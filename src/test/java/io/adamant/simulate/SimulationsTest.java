package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.theory.Formula;
import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Simulations: threads, keys, random numbers; their agreement is {@link FormulaAuditTest}. */
class SimulationsTest {

  static Stream<Simulation> simulations() {
    return Simulations.all().stream();
  }

  @ParameterizedTest
  @MethodSource("simulations")
  void theThreadsDoNotChangeTheResult(Simulation simulation) {
    String fewer = simulation.name().equals("weight-rms") ? "steps=50 coordinates=1300" : "";
    if (simulation.parameters().stream().anyMatch(p -> p.name().equals("repetitions"))) {
      boolean peak = List.of("surge", "softsign-lr").contains(simulation.name());
      fewer = peak ? "repetitions=66 dimension=5" : "repetitions=70";
    }
    if (List.of("angle", "equilibrium").contains(simulation.name())) {
      fewer += " steps=100 coordinates=20";
    }
    Values v = FormulaAuditTest.values(simulation.parameters(), fewer);
    AtomicLong done = new AtomicLong();
    List<Measurement> one = simulation.run().apply(v, new Blocks(1, 3, done::addAndGet));
    assertThat(simulation.run().apply(v, new Blocks(3, 3, units -> {}))).isEqualTo(one);
    assertThat(done.get()).isEqualTo(simulation.units().applyAsLong(v));
    if (one.stream().anyMatch(m -> m.halfWidth() > 0)) {
      assertThat(simulation.run().apply(v, new Blocks(3, 4, units -> {}))).isNotEqualTo(one);
    }
  }

  @ParameterizedTest
  @MethodSource("simulations")
  void everyPartnerIsMeasuredAndEveryKeyIsAFormula(Simulation simulation) {
    String fewer = simulation.name().equals("weight-rms") ? "steps=5 coordinates=20" : "";
    if (simulation.parameters().stream().anyMatch(p -> p.name().equals("repetitions"))) {
      boolean peak = List.of("surge", "softsign-lr").contains(simulation.name());
      fewer = peak ? "repetitions=60 dimension=8" : "repetitions=2"; // a peak must stand out
    }
    Values v = FormulaAuditTest.values(simulation.parameters(), fewer);
    List<String> measured =
        simulation.run().apply(v, Blocks.quiet(0)).stream().map(Measurement::key).toList();
    assertThat(measured).doesNotHaveDuplicates();
    assertThat(measured).containsAll(simulation.against().values());
    if (!simulation.name().equals("weight-rms")) { // its keys depend on the optimizer
      assertThat(simulation.formulas().apply(v).stream().map(Formula::key))
          .containsAll(simulation.against().keySet());
    }
  }

  /** Moments, tails and the distribution function of the ziggurat. */
  @Test
  void gaussianNumbersAreGaussian() {
    int n = 4_000_000;
    double[] x = new double[n];
    new GaussianSource(5).fill(x);
    double[] moments = new double[5];
    for (double value : x) {
      for (int k = 1; k <= 4; k++) {
        moments[k] += Math.pow(value, k) / n;
      }
    }
    assertThat(moments[1]).isEqualTo(0, within(4 / Math.sqrt(n)));
    assertThat(moments[2]).isEqualTo(1, within(4 * Math.sqrt(2.0 / n)));
    assertThat(moments[3]).isEqualTo(0, within(4 * Math.sqrt(15.0 / n)));
    assertThat(moments[4]).isEqualTo(3, within(4 * Math.sqrt(96.0 / n)));
    Arrays.sort(x);
    double[] edges = {-4, -3.7, -3, -2, -1, -0.5, 0, 0.1, 0.5, 1, 2, 3, 3.65, 4};
    for (double edge : edges) {
      int below = -1 - Arrays.binarySearch(x, edge);
      double p = (1 + org.apache.commons.math3.special.Erf.erf(edge / Math.sqrt(2))) / 2;
      double deviation = 4 * Math.sqrt(p * (1 - p) / n) + 1e-9;
      assertThat(below / (double) n).as("below %s", edge).isEqualTo(p, within(deviation));
    }
  }

  /** The law's own claims, and what training makes of them: theory.md §2.1, §2.3. */
  @Test
  void theSurgeOfOneStepIsNotThatOfTraining() {
    RandomQuadratic problem = RandomQuadratic.draw("diagonal", "proportional", 12, 16, 1);
    List<Double> batches = List.of(0.25, 1.0, 16.0, 4096.0);
    SurgeMethod adam = new SurgeMethod(SurgeMethod.Kind.ADAM, 0.9, 0.99);
    SurgeCurve curve = SurgeCurve.of(problem, adam, batches, 100, 100, Blocks.quiet(2));
    assertThat(adam.threshold(problem.geometry())).isEqualTo(16 / 17.0, within(1e-9));
    List<Double> step = curve.oneStep().stream().map(Measurement::value).toList();
    assertThat(curve.peak(step)).isEqualTo(1);
    assertThat(curve.fall(step)).isEqualTo(0.553, within(0.03));
    for (int i = 0; i < batches.size(); i++) {
      assertThat(step.get(i) / curve.law().get(i)).isEqualTo(1, within(0.03));
      assertThat(curve.trained().get(i)).isLessThan(0.7 * step.get(i));
    }
  }
}
