package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.simulate.SurgeMethod.Kind;
import io.adamant.simulate.ToyQuadratic.Design;
import io.adamant.simulate.ToyQuadratic.Spectrum;
import io.adamant.theory.LocalGeometry;
import io.adamant.theory.LongRun;
import io.adamant.theory.OptimalLearningRate;
import io.adamant.theory.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The toy, whole training and filters against the reference file's runs of the same. */
class ReferenceRunsTest {

  /**
   * Rates too small to reach the noise floor, at which the loss hardly depends on the draw of H:
   * the means of the file's three draws and of our six.
   */
  @ParameterizedTest
  @CsvSource({"sgd,3e-5,0.02", "sign,0.001,0.002", "sign,0.003,0.02", "adam,0.001,0.01"})
  void theToyEndsWhereTheReferenceEnds(String method, double rate, double error) {
    double theirs = 0;
    int rows = 0;
    for (JsonNode row : Reference.at("toy_quadratic", "rows")) {
      boolean same =
          row.path("method").asText().equals(method)
              && row.path("H").asText().equals("het")
              && row.path("sym").asBoolean()
              && row.path("b1").asDouble() == 0.95
              && (!method.equals("adam") || row.path("b2").asDouble() == 0.95)
              && row.path("lr").asDouble() == rate;
      theirs += same ? row.path("final_median").asDouble() : 0;
      rows += same ? 1 : 0;
    }
    assertThat(rows).isEqualTo(3);
    ToyArm arm =
        switch (method) {
          case "sgd" -> new ToyArm("arm", "sgdm", Map.of("beta1", 0.95), List.of(rate));
          case "sign" -> new ToyArm("arm", "signum", Map.of("beta1", 0.95), List.of(rate));
          default ->
              new ToyArm(
                  "arm",
                  "adavar",
                  Map.of("beta1", 0.95, "gamma", 0.95, "tau", 0.95, "eps", 1e-8),
                  List.of(rate));
        };
    double ours = 0;
    for (int seed = 0; seed < 6; seed++) {
      ToySettings settings = ToySettings.study(Spectrum.HETEROGENEOUS, Design.SYMMETRIC, seed);
      ours += ToyStudy.run(settings, List.of(arm)).best("arm").finalMedian() / 6;
    }
    assertThat(ours / (theirs / 3)).isEqualTo(1, within(error));
  }

  /** At small B noise dominates a run: Signum's best rate over SignSGD's is 1/√c(beta1). */
  @Test
  void trainingHasTheReferencesRateRatio() {
    double theirs = best("sign", 0.9, 0) / best("sign", 0, 0);
    RandomQuadratic problem = RandomQuadratic.draw("moderate", "isotropic", 30, 16, 3);
    double ours =
        trained(problem, new SurgeMethod(Kind.SIGNUM, 0.9, 0))
            / trained(problem, new SurgeMethod(Kind.SIGNUM, 0, 0));
    assertThat(ours / theirs).isEqualTo(1, within(0.08));
    assertThat(LongRun.signumRateRatio(0.9) / theirs).isEqualTo(1, within(0.02));
  }

  private static double trained(RandomQuadratic problem, SurgeMethod method) {
    return new TrainedRate(problem, method, 0.25, 300, 5).best(0.1);
  }

  private static double best(String method, double beta1, int batch) {
    return training(method, beta1).path("best_eta").get(batch).asDouble();
  }

  private static JsonNode training(String method, double beta1) {
    for (JsonNode row : Reference.at("lr_vs_batch_training", "rows")) {
      if (row.path("H").asText().equals("rot")
          && row.path("sched").asText().equals("cos")
          && row.path("method").asText().equals(method)
          && row.path("b1").asDouble() == beta1) {
        return row;
      }
    }
    throw new AssertionError("no row of " + method);
  }

  /**
   * The laws of SGD and SignSGD at the file's starting point, with constants solved from their
   * first and last batch, give every batch between, and with r those of momentum.
   */
  @Test
  void theLawsAtTheReferencesStart() {
    List<Double> batches = new ArrayList<>();
    training("sgd", 0).path("B").forEach(b -> batches.add(b.asDouble()));
    JsonNode sgd = training("sgd", 0).path("one_step_formula_at_w0");
    int last = batches.size() - 1;
    double ratio = sgd.get(last).asDouble() / sgd.get(0).asDouble();
    double curved = (ratio - 1) / (1 / batches.get(0) - ratio / batches.get(last));
    double most = sgd.get(0).asDouble() * (1 + curved / batches.get(0));
    LocalGeometry at = new LocalGeometry(most, 1, 16 * most, curved, 1, 1, 1);
    JsonNode sign = training("sign", 0).path("one_step_formula_at_w0");
    JsonNode signum = training("sign", 0.9).path("one_step_formula_at_w0");
    // Σ|g|/η = T/β + β(P − T) at two batches gives T and P in units of Σ|g|.
    double first = Math.sqrt(1 / (1 + 16 / batches.get(0)));
    double end = Math.sqrt(1 / (1 + 16 / batches.get(last)));
    double low = 1 / sign.get(0).asDouble();
    double high = 1 / sign.get(last).asDouble();
    double trace = (low / first - high / end) / (1 / (first * first) - 1 / (end * end));
    double whole = (low - trace / first) / first + trace;
    LocalGeometry signs = new LocalGeometry(1, 1, 16, 16, 1, trace, whole);
    for (int i = 0; i <= last; i++) {
      double b = batches.get(i);
      assertThat(OptimalLearningRate.sgd(at, b) / sgd.get(i).asDouble()).isEqualTo(1, within(1e-4));
      assertThat(OptimalLearningRate.signSgd(signs, b) / sign.get(i).asDouble())
          .isEqualTo(1, within(1e-4));
      assertThat(OptimalLearningRate.signum(signs, 0.9, b) / signum.get(i).asDouble())
          .isEqualTo(1, within(1e-4));
    }
  }

  /** sin(2πk/100)·e^{−ck}: largest output, and its amplitude around steps 1000 and 1800. */
  @Test
  void filtersOfTheReferencesSignals() {
    int seen = 0;
    var fields = Reference.at("signal").fields();
    while (fields.hasNext()) {
      var field = fields.next();
      String[] parts = field.getKey().split("[=,]", -1); // c=0.003,beta=0.9
      double decay = Double.parseDouble(parts[1]);
      double beta = Double.parseDouble(parts[3]);
      double[] g = new double[2000];
      for (int k = 0; k < g.length; k++) {
        g[k] = Math.sin(2 * Math.PI * k / 100) * Math.exp(-decay * k);
      }
      double[] d = SignalView.adam(beta, SignalView.Start.ZERO).apply(g);
      assertAmplitude(d, 1, g.length, field.getValue().path("max_abs").asDouble());
      assertAmplitude(d, 1000, 1100, field.getValue().path("late_amp_1000").asDouble());
      assertAmplitude(d, 1800, 1900, field.getValue().path("late_amp_1800").asDouble());
      seen++;
    }
    assertThat(seen).isEqualTo(13);
  }

  private static void assertAmplitude(double[] d, int from, int to, double expected) {
    double largest = 0;
    for (int k = from; k < to; k++) {
      largest = Math.max(largest, Math.abs(d[k]));
    }
    assertThat(largest / expected).isEqualTo(1, within(1e-4));
  }
}
