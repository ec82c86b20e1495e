package io.adamant.simulate;

import io.adamant.simulate.SignalView.Filter;
import io.adamant.simulate.SignalView.Start;
import io.adamant.theory.UpdateSupremum;
import io.adamant.theory.Values;
import io.adamant.theory.VariationalMomentum;
import java.util.Arrays;
import java.util.List;

/** Monte Carlo of what happens over the steps of one coordinate (theory.md §1.1, §2, §5, §6). */
final class CourseExperiments {

  private CourseExperiments() {}

  /** Largest updates: on the worst gradients, on constant ones, and on random ones. */
  static List<Measurement> supUpdate(Values v, Blocks blocks) {
    double beta1 = v.number("beta1");
    double beta2 = v.number("beta2");
    int steps = (int) v.whole("steps");
    double[] worst = UpdateSupremum.worstGradients(beta1, beta2, steps);
    double[] constant = new double[steps];
    Arrays.fill(constant, 1);
    Lanes lanes = new Lanes(v, blocks, 1);
    Filter adam = SignalView.adam(beta1, beta2, false, Start.ZERO);
    Filter corrected = SignalView.adam(beta1, beta2, true, Start.ZERO);
    double[][] c =
        lanes.columns(
            (noise, out) -> {
              double[] g = new double[steps];
              noise.fill(g);
              out[0] = Math.abs(last(adam, g));
            });
    double largest = Arrays.stream(c[0]).max().orElseThrow();
    return List.of(
        Measurement.sure("worst", "on the worst gradients", last(adam, worst)),
        Measurement.sure("worst_corrected", "the same, bias-corrected", last(corrected, worst)),
        Measurement.sure("constant", "on a constant gradient", last(adam, constant)),
        Measurement.sure(
            "largest_random", "largest of the repetitions, on random gradients", largest));
  }

  private static double last(Filter filter, double[] gradients) {
    return filter.apply(gradients)[gradients.length - 1];
  }

  /** Averages under decay weights, of momentum (μ = σ = 1) and of squares. */
  static List<Measurement> decaySums(Values v, Blocks blocks) {
    double beta1 = v.number("beta1");
    double beta2 = v.number("beta2");
    double c = 1 - v.number("lr") * v.number("weight-decay");
    long steps = v.whole("steps");
    Lanes lanes = new Lanes(v, blocks, 2);
    double[][] columns =
        lanes.columns(
            (noise, out) -> {
              double m = 0;
              double s = 0;
              double weights = 0;
              for (long t = 0; t < steps; t++) {
                double g = 1 + noise.next();
                m = beta1 * m + (1 - beta1) * g;
                s = beta2 * s + (1 - beta2) * g * g / 2;
                out[0] = c * out[0] + m;
                out[1] = c * out[1] + s;
                weights = c * weights + 1;
              }
              out[0] /= weights;
              out[1] /= weights;
            });
    double mean = Arrays.stream(columns[0]).average().orElseThrow();
    return List.of(
        Measurement.mean("mean_of_m", "E m̄/μ", columns[0]),
        Measurement.mean("mean_of_v", "E v̄/(μ² + σ²)", columns[1]),
        Measurement.mean("variance_of_m", "Var m̄/σ²", Lanes.deviations(columns[0], mean)));
  }

  /**
   * Signs of momentum: mean, covariance at a lag, and the variance of a long sum over its length.
   */
  static List<Measurement> signCorrelation(Values v, Blocks blocks) {
    double beta1 = v.number("beta1");
    double mu = Math.sqrt(v.number("snr"));
    int lag = (int) v.whole("lag");
    int length = (int) v.whole("walk") + lag;
    double spread = Math.sqrt((1 - beta1) / (1 + beta1));
    Lanes lanes = new Lanes(v, blocks, 3);
    double[][] c =
        lanes.columns(
            (noise, out) -> {
              double[] signs = new double[length];
              double[] plain = new double[length];
              double deviation = spread * noise.next(); // stationary from the first step
              for (int t = 0; t < length; t++) {
                signs[t] = Math.signum(mu + deviation);
                plain[t] = Math.signum(deviation);
                deviation = beta1 * deviation + (1 - beta1) * noise.next();
              }
              double sum = 0;
              int kept = length - lag;
              for (int t = 0; t < kept; t++) {
                out[0] += signs[t] / kept;
                out[1] += signs[t] * signs[t + lag] / kept;
                sum += plain[t];
              }
              out[2] = sum * sum / kept;
            });
    Measurement mean = Measurement.mean("mean", "E sign(m)", c[0]);
    Measurement product = Measurement.mean("product", "E sign·sign", c[1]);
    double square = mean.value() * mean.value();
    // Conservative: both errors added, though those of a long average partly cancel.
    double half = product.halfWidth() + 2 * Math.abs(mean.value()) * mean.halfWidth();
    Measurement covariance =
        new Measurement(
            "covariance", "Cov(sign m_t, sign m_{t+k})", product.value() - square, half);
    return List.of(
        mean,
        covariance,
        Measurement.mean("random_walk_factor", "Var Σ sign(m)/steps at snr = 0", c[2]));
  }

  /** Momentum of a gradient that does not move: what is kept of noise and of the mean. */
  static List<Measurement> batchMagnification(Values v, Blocks blocks) {
    double beta1 = v.number("beta1");
    long steps = v.whole("steps");
    long settled = (long) Math.ceil(25 / (1 - beta1));
    long walk = Math.max(steps, 40 * settled);
    Lanes lanes = new Lanes(v, blocks, 4);
    double[][] c =
        lanes.columns(
            (noise, out) -> {
              double m = 0;
              double sum = 0;
              double plain = 0;
              for (long t = 1; t <= walk; t++) {
                double z = noise.next();
                m = beta1 * m + (1 - beta1) * z;
                sum += Math.signum(m);
                plain += Math.signum(z);
                if (t == settled) {
                  out[0] = m * m;
                }
                if (t == steps) {
                  out[1] = m * m;
                }
              }
              out[2] = sum * sum;
              out[3] = plain * plain;
            });
    double held = 0;
    for (long t = 0; t < steps; t++) {
      held = beta1 * held + (1 - beta1);
    }
    Measurement ratio = Measurement.mean("noise_ratio", "variance of momentum over σ²", c[0]);
    Measurement signum = Lanes.mean(c[2]);
    Measurement signSgd = Lanes.mean(c[3]);
    double rate = Math.sqrt(signSgd.value() / signum.value());
    double share =
        Math.hypot(signum.halfWidth() / signum.value(), signSgd.halfWidth() / signSgd.value());
    return List.of(
        ratio,
        scaled("magnification", "noise of a batch over that of momentum", ratio, 1),
        scaled("effective_batch", "batch of the same noise", ratio, v.number("batch")),
        Measurement.mean("noise_ratio_after", "variance of momentum after t steps", c[1]),
        Measurement.sure("mean_after", "mean of momentum after t steps", held),
        new Measurement(
            "long_run_signum_rate_ratio",
            "rates of Signum and SignSGD that spread weights alike",
            rate,
            rate * share / 2));
  }

  private static Measurement scaled(String key, String title, Measurement ratio, double factor) {
    double value = factor / ratio.value();
    return new Measurement(key, title, value, value * ratio.halfWidth() / ratio.value());
  }

  /** A weight under SGD with momentum on h·w²/2, once stationary. */
  static List<Measurement> sgdmVariance(Values v, Blocks blocks) {
    double beta1 = v.number("beta1");
    double lr = v.number("lr");
    double h = v.number("curvature");
    double noiseScale = Math.sqrt(v.number("noise-variance"));
    long steps = v.whole("steps");
    Lanes lanes = new Lanes(v, blocks, 1);
    double[][] c =
        lanes.columns(
            (noise, out) -> {
              double w = 0;
              double m = 0;
              for (long t = 0; t < 2 * steps; t++) {
                m = beta1 * m + (1 - beta1) * (h * w + noiseScale * noise.next());
                w -= lr * m;
                out[0] += t >= steps ? w * w / steps : 0;
              }
            });
    return List.of(Measurement.mean("variance", "variance of the weight", c[0]));
  }

  /** The minimum of the objective (4) by search, and one step of Adam in its own form. */
  static List<Measurement> equalBetas(Values v, Blocks blocks) {
    VariationalMomentum old = new VariationalMomentum(v.number("mean"), v.number("variance"));
    double g = v.number("gradient");
    double lambda = v.number("lambda");
    double mean = old.mean();
    double variance = old.variance();
    double reach = 1;
    while (reach > 1e-9) {
      double best = old.objective(new VariationalMomentum(mean, variance), g, lambda);
      double nextMean = mean;
      double nextVariance = variance;
      for (int direction = 0; direction < 4; direction++) {
        double sign = direction % 2 == 0 ? reach : -reach;
        double m = direction < 2 ? mean + sign : mean;
        double s = direction < 2 ? variance : variance * Math.exp(sign);
        double value = old.objective(new VariationalMomentum(m, s), g, lambda);
        if (value < best) {
          best = value;
          nextMean = m;
          nextVariance = s;
        }
      }
      if (nextMean == mean && nextVariance == variance) {
        reach /= 2;
      }
      mean = nextMean;
      variance = nextVariance;
    }
    blocks.progress().accept(v.whole("repetitions"));
    return List.of(
        Measurement.sure("mean", "mean at the minimum of (4), by search", mean),
        Measurement.sure("variance", "variance at the minimum of (4), by search", variance),
        Measurement.sure(
            "direction", "m/√(m² + σ²) there", mean / Math.hypot(mean, Math.sqrt(variance))));
  }
}
