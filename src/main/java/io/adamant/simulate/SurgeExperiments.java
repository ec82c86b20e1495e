package io.adamant.simulate;

import io.adamant.theory.SoftSign;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.List;

/** Monte Carlo of the surge and of the soft sign's best rate (theory.md §2.1, §3). */
final class SurgeExperiments {

  private static final int DRAWS = 100; // of a repetition
  private static final double LARGE = 1e4; // ε over the largest gradient, for the limit ε → ∞

  private SurgeExperiments() {}

  /** The batch sizes at which SignSGD's, Signum's and Adam's best rates are largest. */
  static List<Measurement> surge(Values v, Blocks blocks) {
    RandomQuadratic problem = RandomQuadratic.of(v);
    int repetitions = (int) v.whole("repetitions");
    double beta1 = v.number("beta1");
    OneStepRate.Method signSgd = new OneStepRate.Method(false, Double.NaN, Math::signum);
    OneStepRate.Method signum = new OneStepRate.Method(true, Double.NaN, Math::signum);
    OneStepRate.Method adam = new OneStepRate.Method(true, v.number("beta2"), x -> x);
    List<Measurement> all = new ArrayList<>();
    all.addAll(RatePeak.measure("sign_sgd", problem, signSgd, 0, repetitions, blocks));
    all.addAll(RatePeak.measure("signum", problem, signum, beta1, repetitions, blocks));
    all.addAll(RatePeak.measure("adam", problem, adam, beta1, repetitions, blocks));
    return all;
  }

  /** The soft sign's mean direction along ν, its best rate, its surge and its limit ε → ∞. */
  static List<Measurement> softSign(Values v, Blocks blocks) {
    RandomQuadratic problem = RandomQuadratic.of(v);
    int repetitions = (int) v.whole("repetitions");
    double batch = v.number("batch");
    double epsilon = v.number("epsilon");
    double[] g = problem.gradient();
    double[] nu = problem.softSigns(epsilon);
    double square = RandomQuadratic.dot(nu, nu);
    double largest = 0;
    for (int i = 0; i < g.length; i++) {
      largest = Math.max(largest, Math.abs(g[i]) + problem.sigma()[i] / Math.sqrt(batch));
    }
    double limit = LARGE * largest;
    OneStepRate.Method soft =
        new OneStepRate.Method(false, Double.NaN, x -> SoftSign.value(x, epsilon));
    OneStepRate.Method linear =
        new OneStepRate.Method(false, Double.NaN, x -> limit * SoftSign.value(x, limit));
    double[][] along =
        Lanes.columns(
            blocks,
            repetitions,
            1,
            (noise, out) -> {
              for (int k = 0; k < DRAWS; k++) {
                double[] phi = problem.gradient(noise, batch);
                for (int i = 0; i < phi.length; i++) {
                  out[0] += SoftSign.value(phi[i], epsilon) * nu[i] / square / DRAWS;
                }
              }
              return out;
            });
    List<Measurement> all = new ArrayList<>();
    all.add(Measurement.mean("strength", "E[φ] along ν, over ν", along[0]));
    all.add(OneStepRate.measure("soft_sign", problem, soft, batch, 0, repetitions, blocks));
    all.addAll(RatePeak.measure("surge", problem, soft, 0, repetitions, blocks));
    all.add(OneStepRate.measure("large_epsilon", problem, linear, batch, 0, repetitions, blocks));
    return all;
  }
}
