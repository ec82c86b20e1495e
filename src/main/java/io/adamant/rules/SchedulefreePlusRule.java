package io.adamant.rules;

/**
 * Schedule-Free+ with AdamC's decay and Polyak's rate, the form of its paper. With y the weights
 * that are trained, x those that are evaluated, and sums over all parameters, here over this one:
 *
 * <pre>
 * 1−b_k = (1−β1)^(1−p) (1−β1_end)^p, p = min(1, (k−1)/steps)
 * e ← ρe + (1−ρ)√(π/2)|g|_1,  a = η max(0, loss + b_k⟨g, z−x⟩)/(e/(1−ρ^k))
 * z ← z − a²λy − au, u Adam's,  c = k^r A²/Σ k^r A², A the largest a so far
 * x ← (1−c)x + c z,  y = b_k x + (1−b_k)z
 * </pre>
 *
 * <p>c is 1 in the first {@code c_warmup} steps, which count in no sum. Kept are y and z; z − x =
 * (z − y)/b_(k−1). Deviations from the authors' code: it stores e with its correction, so that the
 * correction of each step is in all later ones ({@code correction: stored}); its rate is at least
 * 1e-8 before it is multiplied, here one of 0 moves nothing; where all gradients have been zero, a
 * is 0 here and not a division by zero.
 */
final class SchedulefreePlusRule extends GuardedRule {
  private static final double LEAST = 1e-8;

  private final double first;
  private final double last;
  private final double annealed;
  private final double momentum;
  private final double beta2;
  private final double eps;
  private final double rho;
  private final double r;
  private final double warmup;
  private final boolean stores;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");
  private final double[] z = zeros("z");
  private final double[] loss = input("loss", 1);
  private final double[] size = zeros("size", 1);
  private final double[] rate = zeros("rate", 1);
  private final double[] top = zeros("top", 1);
  private final double[] total = zeros("total", 1);
  private final double[] c = zeros("c", 1);
  private final double[] b = zeros("b", 1);
  private final double[] before = zeros("b_before", 1);

  SchedulefreePlusRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    first = settings.within("beta1", 0.9, 0.01, 1);
    last = settings.within("beta1_end", 0.965, 0.01, 1);
    annealed = settings.steps("beta1_steps");
    momentum = settings.beta("inner_momentum", 0.9);
    beta2 = settings.beta("beta2", 0.95);
    eps = settings.nonNegative("eps", 1e-8);
    rho = settings.beta("polyak_beta", 0.3);
    r = settings.nonNegative("r", 0);
    warmup = settings.steps("c_warmup");
    stores = settings.choice("correction", "once", "stored").equals("stored");
  }

  @Override
  double[] direction(double[] g, long k) {
    throw new IllegalStateException("needs weights and rate");
  }

  @Override
  double[] direction(double[] w, double[] g, double learningRate, long k) {
    if (k == 1) {
      System.arraycopy(w, 0, z, 0, w.length);
    }
    double p = annealed == 0 ? 0 : Math.min(1, (k - 1.0) / annealed);
    double now = 1 - Math.pow(1 - first, 1 - p) * Math.pow(1 - last, p);
    before[0] = b[0] > 0 ? b[0] : now;
    b[0] = now;
    double along = 0;
    double length = 0;
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = momentum * m[i] + (1 - momentum) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      double mean = m[i] / (1 - Math.pow(momentum, (double) k));
      u[i] = ratio(mean, Math.sqrt(v[i] / (1 - Math.pow(beta2, (double) k))) + eps);
      along += g[i] * (z[i] - w[i]) / before[0];
      length += Math.abs(g[i]);
    }
    double average = rho * size[0] + (1 - rho) * Math.sqrt(Math.PI / 2) * length;
    double e = average / (1 - Math.pow(rho, (double) k));
    size[0] = stores ? e : average;
    rate[0] = e > 0 ? learningRate * Math.max(0, loss[0] + now * along) / e : 0;
    if (k <= warmup) {
      c[0] = 1;
      return u;
    }
    top[0] = Math.max(top[0], Math.max(rate[0], LEAST));
    double weight = Math.pow((double) k, r) * top[0] * top[0];
    total[0] += weight;
    c[0] = weight / total[0];
    return u;
  }

  @Override
  void move(double[] w, double[] u, double learningRate, double weightDecay, long k) {
    for (int i = 0; i < w.length; i++) {
      double x = x(w[i], z[i], before[0]);
      z[i] -= rate[0] * (u[i] + rate[0] * weightDecay * w[i]);
      x += c[0] * (z[i] - x);
      w[i] = z[i] + b[0] * (x - z[i]);
    }
  }

  /** From y = bx + (1−b)z, exact where all three are one. */
  private static double x(double y, double z, double b) {
    return y + (y - z) * (1 - b) / b;
  }

  @Override
  public double[] averaged(double[] w) {
    double[] x = w.clone();
    for (int i = 0; i < w.length && b[0] > 0; i++) {
      x[i] = x(w[i], z[i], b[0]);
    }
    return x;
  }
}
