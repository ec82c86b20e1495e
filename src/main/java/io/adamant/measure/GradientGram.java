package io.adamant.measure;

/**
 * Inner products g_k &middot; g_l of K independent gradients of equally large samples, which is all
 * that is needed of them to tell signal from noise. Sums over tensors add up.
 *
 * <p>With D the mean of the diagonal and U that of the rest: E U = &#8214;&mu;&#8214;&sup2;,
 * because noises of different samples are independent, and E (D &minus; U) = tr &Sigma; of one such
 * gradient. Both are unbiased whatever the distribution. For two sizes of batch, K samples together
 * and each alone, this is the two-batch-size estimator of McCandlish et al. 2018 (arXiv 1812.06162,
 * appendix A.1), written so that nothing cancels.
 *
 * <p>The ratio U/(D &minus; U) is biased by the scatter of its denominator, relatively by about
 * 2/((K &minus; 1) d_eff), d_eff = (tr &Sigma;)&sup2;/tr &Sigma;&sup2;.
 *
 * <p>Its standard error: g_k &middot; g_l = &#8214;&mu;&#8214;&sup2; + a_k + a_l + e_kl with a_k =
 * &mu; &middot; z_k of variance A = &mu;&#7488;&Sigma;&mu; and e_kl = z_k &middot; z_l of variance
 * Q = tr &Sigma;&sup2;, all uncorrelated, so that Var U = 4A/K + 2Q/(K(K &minus; 1)). A and Q come
 * from the two-way analysis of variance of the off-diagonal products: nothing is assumed of how
 * coordinates are correlated. A negative estimate of A counts as 0 and its degrees of freedom go to
 * Q, which makes intervals somewhat too wide at a small snr (coverage 96&ndash;99 % at K = 4). The
 * variance of D &minus; U is its jackknife. K &ge; 4 for a standard error.
 *
 * @param count K
 * @param products row by row, (K, K)
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the numbers are not shared
record GradientGram(int count, double[] products) {

  private static final int LEAST = 4;

  static GradientGram zero(int count) {
    return new GradientGram(count, new double[count * count]);
  }

  GradientGram plus(GradientGram other) {
    double[] sum = products.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.products[i];
    }
    return new GradientGram(count, sum);
  }

  double product(int k, int l) {
    return products[k * count + l];
  }

  /** &#8214;&mu;&#8214;&sup2; and tr &Sigma; of one of the K gradients. */
  GradientSplit split() {
    return without(-1);
  }

  /**
   * The ratio for a gradient that is the mean of several of these.
   *
   * @param ratio how many, such as micro-batches in a batch
   */
  SnrEstimate estimate(double ratio) {
    if (count < 2) {
      return SnrEstimate.UNKNOWN;
    }
    GradientSplit one = split();
    GradientSplit batch = new GradientSplit(one.signal(), one.noise() / ratio);
    if (count < LEAST || !(one.noise() > 0)) {
      return new SnrEstimate(batch, Double.NaN, 1);
    }
    Spread signal = spreadOfSignal(one.signal());
    double noiseVariance = jackknifeOfNoise();
    double snr = one.signal() / one.noise();
    // U = ||mean||^2 - (D - U)/K, and for normal noise the two are independent.
    double variance = signal.variance + snr * snr * noiseVariance + 2 * snr * noiseVariance / count;
    double error = Math.sqrt(Math.max(0, variance)) / one.noise();
    return new SnrEstimate(batch, ratio * error, signal.degreesOfFreedom);
  }

  private record Spread(double variance, double degreesOfFreedom) {}

  private Spread spreadOfSignal(double mean) {
    double k = count;
    double[] effects = new double[count];
    double rows = 0; // mean square of the rows' means
    for (int i = 0; i < count; i++) {
      double sum = 0;
      for (int j = 0; j < count; j++) {
        sum += i == j ? 0 : product(i, j);
      }
      double deviation = sum / (k - 1) - mean;
      rows += deviation * deviation / (k - 1);
      effects[i] = deviation * (k - 1) / (k - 2);
    }
    double freedom = k * (k - 3) / 2;
    double q = 0;
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        double rest = product(i, j) - mean - effects[i] - effects[j];
        q += rest * rest / freedom;
      }
    }
    double a = Math.pow((k - 1) / (k - 2), 2) * rows - q / (k - 2);
    if (a <= 0) {
      double pooled =
          (freedom * q + (k - 1) * rows * (k - 1) * (k - 1) / (k - 2)) / (freedom + k - 1);
      return new Spread(2 * pooled / (k * (k - 1)), freedom + k - 1);
    }
    double byRows = 4 / k * Math.pow((k - 1) / (k - 2), 2) * rows;
    double byRest = (4 / (k * (k - 2)) - 2 / (k * (k - 1))) * q;
    double variance = byRows - byRest;
    double satterthwaite =
        variance * variance / (byRows * byRows / (k - 1) + byRest * byRest / freedom);
    return new Spread(variance, satterthwaite);
  }

  private double jackknifeOfNoise() {
    double sum = 0;
    double squares = 0;
    for (int k = 0; k < count; k++) {
      double noise = without(k).noise();
      sum += noise;
      squares += noise * noise;
    }
    double mean = sum / count;
    return (count - 1.0) / count * Math.max(0, squares - count * mean * mean);
  }

  private GradientSplit without(int left) {
    double diagonal = 0;
    double rest = 0;
    int n = left < 0 ? count : count - 1;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        if (i != left && j != left) {
          if (i == j) {
            diagonal += product(i, j);
          } else {
            rest += product(i, j);
          }
        }
      }
    }
    double signal = n > 1 ? rest / ((double) n * (n - 1)) : Double.NaN;
    return new GradientSplit(signal, diagonal / n - signal);
  }
}
