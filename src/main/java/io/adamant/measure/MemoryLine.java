package io.adamant.measure;

import io.adamant.results.Metrics;
import io.adamant.stats.Interval;
import io.adamant.stats.LagMoments;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;

/**
 * The memory of one group's gradients at one step. With C_k of {@link LagMoments}:
 *
 * <ul>
 *   <li>{@code remembered}: gradients that were compared; with fewer than 16 there is nothing else.
 *   <li>{@code lag_1}, {@code lag_2}, {@code lag_4} &hellip;: C_k/C_0; of the first with the ends
 *       of its 95 % interval. Below 0 consecutive gradients point against each other.
 *   <li>{@code predictive_beta} with its interval: the coefficient whose average points most along
 *       the next gradient; null where none does.
 *   <li>{@code kernels}, by coefficient: {@code update_rms_lags} = &radic;(&Sigma;w_j w_k
 *       C_|j&minus;k|/C_0), and {@code update_rms} with its interval, the same times {@code
 *       factor_coordinates} of that coefficient. v stays as it is. Only coefficients with
 *       beta^{remembered} &le; 0.01 and, where there is a v, beta&sup2; &le; beta2.
 *   <li>the update RMS of the sampled coordinates in parts: {@code update_rms} = {@code
 *       update_rms_white} &middot; {@code factor_memory} &middot; {@code factor_coordinates}
 *       &middot; {@code factor_eps} &middot; {@code factor_rest}. White is &radic;&Sigma;w_j&sup2;,
 *       memory &radic;(&Sigma;w_j w_k C_|j&minus;k|/(C_0 &Sigma;w_j&sup2;)). Coordinates is the
 *       root of the mean of &Sigma;w_j&sup2;g&sup2;_{t&minus;j}/v&#770; over &Sigma;w_j&sup2;: 1
 *       where v&#770; is the mean square of each coordinate's gradient. The rest is 1 where all
 *       coordinates have one memory and the last steps are like those before.
 *   <li>{@code update_rms_ahead} with the interval of its memory: white, memory, coordinates and
 *       &epsilon; of half of the coordinates, measured at step {@code ahead_from} (in steps taken),
 *       so long ago that the present momentum holds at most a hundredth of what was known then;
 *       {@code update_rms_tested} is the update RMS of the other half now.
 * </ul>
 *
 * <p>Under rules without v the update is the momentum, in units of the RMS gradient that was
 * remembered; there is no factor of coordinates or &epsilon;.
 *
 * @param sums of the group
 * @param taken steps so far
 * @param remembered gradients in the rings
 */
record MemoryLine(MemorySums sums, long taken, int remembered) {

  private static final double[] GRID = {0, 0.5, 0.8, 0.9, 0.95, 0.975, 0.9875, 0.99375, 0.996875};

  /** What was predicted at an earlier step. */
  record Prediction(long from, LagMoments.Estimate rms) {}

  private static boolean every(int block) {
    return true;
  }

  private static boolean known(int block) {
    return block % 2 == 0;
  }

  private static boolean tested(int block) {
    return !known(block);
  }

  /** The coefficients that a group is asked for: its own first, NaN where there is not one. */
  static double[] betas(Set<UpdateModel> models, int length) {
    UpdateModel first = models.iterator().next();
    double own =
        models.size() == 1
            ? first.average().map(GradientAverage::beta).orElse(Double.NaN)
            : Double.NaN;
    double most =
        models.stream()
            .flatMap(model -> model.adam().stream())
            .mapToDouble(AdamModel::beta2)
            .min()
            .orElse(1);
    return DoubleStream.concat(
            DoubleStream.of(own),
            DoubleStream.of(GRID).filter(b -> b * b <= most && LagMoments.covers(b, length)))
        .toArray();
  }

  Map<String, Object> fields(Deque<Prediction> predictions) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(Metrics.REMEMBERED, remembered);
    if (remembered < LagMoments.FEWEST) {
      return line;
    }
    LagMoments moments = sums.moments(remembered, MemoryLine::every);
    put(line, Metrics.lag(1), moments.persistence(1));
    for (int lag = 2; lag <= remembered / 2; lag *= 2) {
      line.put(Metrics.lag(lag), GroupLine.orNull(moments.persistence(lag).value()));
    }
    put(line, Metrics.PREDICTIVE_BETA, moments.predictiveBeta());
    Map<String, Object> kernels = new LinkedHashMap<>();
    for (int i = 1; i < sums.betas().length; i++) {
      double beta = sums.betas()[i];
      if (LagMoments.covers(beta, remembered)) {
        Map<String, Object> kernel = new LinkedHashMap<>();
        LagMoments.Estimate rms = moments.updateRms(beta);
        kernel.put(Metrics.UPDATE_RMS_LAGS, GroupLine.orNull(rms.value()));
        put(kernel, Metrics.UPDATE_RMS, times(rms, coordinates(i, MemoryLine::every)));
        kernels.put(Metrics.beta(beta), kernel);
      }
    }
    line.put(Metrics.KERNELS, kernels);
    if (LagMoments.covers(sums.betas()[0], remembered)) {
      putOwn(line, moments);
      putAhead(line, predictions);
    }
    return line;
  }

  /** The rule's own update in parts. */
  private void putOwn(Map<String, Object> line, LagMoments moments) {
    double beta = sums.betas()[0];
    double white = LagMoments.whiteRms(beta, remembered);
    double coordinates = coordinates(0, MemoryLine::every);
    double measured = update(MemoryLine::every, moments);
    LagMoments.Estimate memory = moments.memoryFactor(beta);
    line.put(Metrics.UPDATE_RMS, GroupLine.orNull(measured));
    line.put(Metrics.UPDATE_RMS_WHITE, white);
    put(line, Metrics.FACTOR_MEMORY, memory);
    line.put(Metrics.FACTOR_COORDINATES, GroupLine.orNull(coordinates));
    line.put(Metrics.FACTOR_EPS, GroupLine.orNull(eps(MemoryLine::every)));
    line.put(
        Metrics.FACTOR_REST,
        GroupLine.orNull(
            measured / (white * memory.value() * coordinates * eps(MemoryLine::every))));
  }

  /** The prediction that is old enough now, and one for later. */
  private void putAhead(Map<String, Object> line, Deque<Prediction> predictions) {
    double beta = sums.betas()[0];
    int reach = 1;
    while (!LagMoments.covers(beta, reach)) {
      reach++;
    }
    while (predictions.size() > 1 && second(predictions).from() <= taken - reach) {
      predictions.removeFirst();
    }
    Prediction known = predictions.peekFirst();
    boolean old = known != null && known.from() <= taken - reach;
    put(line, Metrics.UPDATE_RMS_AHEAD, old ? known.rms() : LagMoments.Estimate.UNKNOWN);
    line.put(Metrics.AHEAD_FROM, old ? known.from() : null);
    double tested = update(MemoryLine::tested, sums.moments(remembered, MemoryLine::tested));
    line.put(Metrics.UPDATE_RMS_TESTED, GroupLine.orNull(tested));
    predictions.addLast(new Prediction(taken, prediction(beta)));
  }

  private static Prediction second(Deque<Prediction> predictions) {
    return predictions.stream().skip(1).findFirst().orElseThrow();
  }

  private LagMoments.Estimate prediction(double beta) {
    LagMoments.Estimate rms = sums.moments(remembered, MemoryLine::known).updateRms(beta);
    return times(rms, coordinates(0, MemoryLine::known) * eps(MemoryLine::known));
  }

  /** The root of what white gradients of these squares would give, over that of equal squares. */
  private double coordinates(int kernel, IntPredicate blocks) {
    if (!ratio()) {
      return 1;
    }
    double beta = sums.betas()[kernel];
    double whole = 1 - Math.pow(beta, remembered); // the weights have the sum 1
    double white = LagMoments.whiteRms(beta, remembered);
    return sums.rms(MemorySums.WHITE + kernel, blocks) / whole / white;
  }

  private double eps(IntPredicate blocks) {
    return ratio() ? sums.rms(MemorySums.UPDATE, blocks) / sums.rms(MemorySums.BARE, blocks) : 1;
  }

  /** Whether all of the update is divided by v. */
  private boolean ratio() {
    return sums.models().stream().allMatch(model -> model.adam().isPresent());
  }

  private double update(IntPredicate blocks, LagMoments moments) {
    UpdateModel model = sums.models().iterator().next();
    double rms = sums.rms(MemorySums.UPDATE, blocks);
    return ratio()
        ? rms / model.adam().orElseThrow().firstCorrection(taken)
        : rms / model.average().orElseThrow().meanShare(taken) / Math.sqrt(moments.moment(0));
  }

  private static LagMoments.Estimate times(LagMoments.Estimate estimate, double factor) {
    Interval interval = estimate.interval();
    return estimate.known() && !Double.isNaN(factor)
        ? new LagMoments.Estimate(
            estimate.value() * factor,
            new Interval(interval.low() * factor, interval.high() * factor, interval.level()))
        : LagMoments.Estimate.UNKNOWN;
  }

  private static void put(Map<String, Object> line, String key, LagMoments.Estimate estimate) {
    line.put(key, GroupLine.orNull(estimate.value()));
    line.put(Metrics.low(key), GroupLine.orNull(estimate.interval().low()));
    line.put(Metrics.high(key), GroupLine.orNull(estimate.interval().high()));
  }
}
