package io.adamant.rules;

/**
 * What schedule-free rules share (Defazio et al., arXiv 2405.15682). The weights y that are trained
 * lie between z, which takes the steps, and the average x of z, which is evaluated: y = βx +
 * (1−β)z.
 *
 * <pre>
 * a = max(a, η), s ← s + k^r a^p, c = k^r a^p/s
 * z' = z − η(u + λy), x' = (1−c)x + c z', y' = βx' + (1−β)z'
 * </pre>
 *
 * <p>Kept are y and z: y' = y + c(z − y) − η(1 − β(1−c))(u + λy), and x = (y − (1−β)z)/β. The rate
 * η is the schedule's: the authors' {@code warmup_steps} is its warm-up, and its decay would only
 * change z, since c follows the highest rate so far. c is 0 while that is 0.
 */
abstract class ScheduleFree extends GuardedRule {
  private final double beta;
  private final double r;
  private final double power;
  private final double[] z = zeros("z");
  private final double[] top = zeros("top", 1);
  private final double[] total = zeros("total", 1);
  private final double[] c = zeros("c", 1);

  ScheduleFree(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta = settings.within("beta1", 0.9, 0.01, 1);
    r = settings.nonNegative("r", 0);
    power = settings.nonNegative("weight_lr_power", 2);
  }

  /** The direction u_k of z, advancing what it follows from. */
  abstract double[] towards(double[] g, long k);

  @Override
  final double[] direction(double[] g, long k) {
    throw new IllegalStateException("needs the weights");
  }

  @Override
  final double[] direction(double[] w, double[] g, long k) {
    if (k == 1) {
      System.arraycopy(w, 0, z, 0, z.length);
    }
    return towards(g, k);
  }

  @Override
  final void move(double[] w, double[] u, double learningRate, double weightDecay, long k) {
    top[0] = Math.max(top[0], learningRate);
    double weight = Math.pow((double) k, r) * Math.pow(top[0], power);
    total[0] += weight;
    c[0] = ratio(weight, total[0]);
    for (int i = 0; i < w.length; i++) {
      double step = learningRate * (u[i] + weightDecay * w[i]);
      w[i] += c[0] * (z[i] - w[i]) - (1 - beta * (1 - c[0])) * step;
      z[i] -= step;
    }
  }

  @Override
  public final double[] averaged(double[] w) {
    double[] x = new double[w.length];
    for (int i = 0; i < w.length; i++) {
      x[i] = (w[i] - (1 - beta) * z[i]) / beta;
    }
    return x;
  }
}
