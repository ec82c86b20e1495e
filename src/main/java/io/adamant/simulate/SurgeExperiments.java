package io.adamant.simulate;

import io.adamant.simulate.OneStepRate.Method;
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
    OneStepRate rates = new OneStepRate(RandomQuadratic.of(v), v, blocks);
    double beta1 = v.number("beta1");
    Method adam = Method.adam(beta1, v.number("beta2"));
    List<Measurement> all = new ArrayList<>();
    all.addAll(RatePeak.measure("sign_sgd", rates, Method.of(0, Math::signum)));
    all.addAll(RatePeak.measure("signum", rates, Method.of(beta1, Math::signum)));
    all.addAll(RatePeak.measure("adam", rates, adam));
    return all;
  }

  /** The soft sign's mean direction along ν, its best rate, its surge and its limit ε → ∞. */
  static List<Measurement> softSign(Values v, Blocks blocks) {
    RandomQuadratic problem = RandomQuadratic.of(v);
    OneStepRate rates = new OneStepRate(problem, v, blocks);
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
    Method soft = Method.of(0, x -> SoftSign.value(x, epsilon));
    Method linear = Method.of(0, x -> limit * SoftSign.value(x, limit));
    Lanes lanes = new Lanes(v, blocks, 1);
    double[][] along =
        lanes.columns(
            (noise, out) -> {
              for (int k = 0; k < DRAWS; k++) {
                double[] phi = problem.gradient(noise, batch);
                for (int i = 0; i < phi.length; i++) {
                  out[0] += SoftSign.value(phi[i], epsilon) * nu[i] / square / DRAWS;
                }
              }
            });
    List<Measurement> all = new ArrayList<>();
    all.add(Measurement.mean("strength", "E[φ] along ν, over ν", along[0]));
    all.add(rates.measure("soft_sign", soft, batch));
    all.addAll(RatePeak.measure("surge", rates, soft));
    all.add(rates.measure("large_epsilon", linear, batch));
    return all;
  }
}
