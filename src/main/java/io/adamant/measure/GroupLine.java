package io.adamant.measure;

import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.ParameterGroup;
import io.adamant.results.Metrics;
import io.adamant.stats.Interval;
import io.adamant.stats.RatioHistogram;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * The numbers of one group of parameters at one step; see {@link GroupStatistics} for their
 * meaning.
 *
 * @param cells of the group
 * @param step 1 after the first update
 * @param learningRate of the step
 * @param batch sequences of the step
 * @param probeBatch sequences of a probe's fresh batch
 * @param microRatio noise of one run of micro-batches over that of a batch
 * @param probed whether the run probes, at this step or others
 */
record GroupLine(
    List<Cell> cells,
    long step,
    double learningRate,
    int batch,
    int probeBatch,
    double microRatio,
    boolean probed) {

  Sums sums() {
    return cells.stream().map(Cell::sums).reduce(Sums.ZERO, Sums::plus);
  }

  /** By inversion of ‖m‖²/‖g‖². */
  SnrEstimate selfConsistent() {
    GradientSplit split =
        cells.stream()
            .map(cell -> cell.split(step))
            .reduce(GradientSplit.ZERO, GradientSplit::plus);
    OptionalDouble snr = split.snr();
    if (snr.isEmpty()) {
      return new SnrEstimate(split, Double.NaN, 1);
    }
    double variance = 0;
    for (Cell cell : cells) {
      GradientAverage average = cell.model().average().orElseThrow();
      variance += average.variance(snr.getAsDouble(), cell.sums().moments(), step);
    }
    return new SnrEstimate(
        split, Math.sqrt(variance) / split.noise(), Math.max(1, sums().coordinates() - 1));
  }

  /** From the micro-batches of the step. */
  SnrEstimate micro() {
    return gram(cells.get(0).micro().map(g -> g.count()), Cell::micro)
        .map(gram -> gram.estimate(microRatio))
        .orElse(SnrEstimate.UNKNOWN);
  }

  /** From fresh batches, for one of the size of the step's. */
  SnrEstimate probe() {
    return gram(cells.get(0).probe().map(g -> g.count()), Cell::probe)
        .map(gram -> gram.estimate((double) batch / probeBatch))
        .orElse(SnrEstimate.UNKNOWN);
  }

  /** The one that touches neither m nor v nor u: one kind throughout a run. */
  SnrEstimate independent() {
    return probed ? probe() : micro();
  }

  private interface Grams {
    Optional<GradientGram> of(Cell cell);
  }

  private Optional<GradientGram> gram(Optional<Integer> count, Grams grams) {
    return count.map(
        k ->
            cells.stream()
                .map(cell -> grams.of(cell).orElseThrow())
                .reduce(GradientGram.zero(k), GradientGram::plus));
  }

  /** Everything but the predictions of the weights. */
  Map<String, Object> fields() {
    Sums sums = sums();
    SnrEstimate self = selfConsistent();
    SnrEstimate micro = micro();
    SnrEstimate probe = probe();
    SnrEstimate independent = independent();
    double measured = sums.rms(sums.update());
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(Metrics.UPDATE_RMS, orNull(measured));
    line.put(Metrics.UPDATE_RMS_PREDICTED, orNull(updateRms(GroupLine::ownSnr, false)));
    line.put(Metrics.UPDATE_RMS_FREE, orNull(freeUpdateRms()));
    line.put(Metrics.WEIGHT_RMS, orNull(sums.rms(sums.weight())));
    line.put(Metrics.SNR, orNull(self.snr()));
    line.put(Metrics.standardError(Metrics.SNR), orNull(self.standardError()));
    line.put(Metrics.NOISE_SCALE, orNull(self.split().noiseScale(batch).orElse(Double.NaN)));
    putEstimate(line, Metrics.SNR_MICRO, micro);
    putEstimate(line, Metrics.SNR_PROBE, probe);
    if (independent.known()) {
      putIndependent(line, independent, measured);
    }
    putSignFlips(line);
    line.put(Metrics.ANGLE, orNull(learningRate * scaledUpdateRms() / sums.rms(sums.weight())));
    line.put(Metrics.ANGLE_PREDICTED, orNull(equilibriumAngle()));
    putEqualBetas(line, sums);
    return line;
  }

  /** Over cells whose momentum tells; null where it does not in some. */
  private void putSignFlips(Map<String, Object> line) {
    double signed = 0;
    double flipped = 0;
    double predicted = 0;
    for (Cell cell : cells) {
      MixedMoments moments = cell.sums().moments();
      signed += cell.momentum().isPresent() ? moments.signed() : Double.NaN;
      flipped += moments.flipped();
      predicted +=
          moments.signed() * cell.momentum().map(kind -> kind.flips(step)).orElse(Double.NaN);
    }
    line.put(Metrics.SIGN_FLIPS, orNull(flipped / signed));
    line.put(Metrics.SIGN_FLIPS_PREDICTED, orNull(predicted / signed));
  }

  private static void putEstimate(Map<String, Object> line, String key, SnrEstimate estimate) {
    if (Double.isFinite(estimate.snr())) {
      line.put(key, estimate.snr());
      line.put(Metrics.standardError(key), orNull(estimate.standardError()));
      Interval interval = estimate.interval();
      line.put(Metrics.low(key), orNull(interval.low()));
      line.put(Metrics.high(key), orNull(interval.high()));
    }
  }

  private void putIndependent(Map<String, Object> line, SnrEstimate snr, double measured) {
    Interval interval = snr.interval();
    putEstimate(line, Metrics.SNR_INDEPENDENT, snr);
    line.put(
        Metrics.NOISE_SCALE_INDEPENDENT, orNull(snr.split().noiseScale(batch).orElse(Double.NaN)));
    line.put(Metrics.low(Metrics.NOISE_SCALE_INDEPENDENT), inverse(interval.high()));
    line.put(Metrics.high(Metrics.NOISE_SCALE_INDEPENDENT), inverse(interval.low()));
    double predicted = updateRms(line1 -> OptionalDouble.of(snr.snr()), true);
    double low = updateRms(line1 -> OptionalDouble.of(interval.low()), true);
    double high = updateRms(line1 -> OptionalDouble.of(interval.high()), true);
    line.put(Metrics.UPDATE_RMS_INDEPENDENT, orNull(predicted));
    line.put(Metrics.low(Metrics.UPDATE_RMS_INDEPENDENT), orNull(low));
    line.put(Metrics.high(Metrics.UPDATE_RMS_INDEPENDENT), orNull(high));
    line.put(Metrics.UPDATE_RMS_RESIDUAL, orNull(measured / predicted - 1));
    line.put(Metrics.low(Metrics.UPDATE_RMS_RESIDUAL), orNull(measured / high - 1));
    line.put(Metrics.high(Metrics.UPDATE_RMS_RESIDUAL), orNull(measured / low - 1));
    Assumptions.put(line, this, snr, measured, predicted);
  }

  private Object inverse(double snr) {
    return snr > 0 && Double.isFinite(snr) ? (Object) (batch / snr) : null;
  }

  private void putEqualBetas(Map<String, Object> line, Sums sums) {
    boolean equal =
        step > 1
            && cells.stream()
                .allMatch(
                    cell ->
                        cell.model().adam().filter(a -> a.beta1() > 0).isPresent()
                            && cell.model().adam().get().equalBetas());
    if (equal) {
      line.put(
          Metrics.NOISE_DOMINATED,
          orNull(RatioHistogram.noiseDominated(sums.moments().histogram())));
      line.put(Metrics.MOLLIFICATION, orNull(sums.moments().ratio() / sums.coordinates()));
      line.put(Metrics.RATIO_HISTOGRAM, RatioHistogram.shares(sums.moments().histogram()));
    }
  }

  private interface Snr {
    OptionalDouble of(GroupLine part);
  }

  private static OptionalDouble ownSnr(GroupLine part) {
    return part.selfConsistent().split().snr();
  }

  /** Cells of one optimizer are taken together: theirs is one mean field with one snr. */
  private double updateRms(Snr snr, boolean secondOrder) {
    Map<FusedOptimizer, GroupLine> parts = new LinkedHashMap<>();
    for (Cell cell : cells) {
      parts.computeIfAbsent(
          cell.parameters().optimizer(),
          optimizer ->
              new GroupLine(
                  cells.stream().filter(c -> c.parameters().optimizer() == optimizer).toList(),
                  step,
                  learningRate,
                  batch,
                  probeBatch,
                  microRatio,
                  probed));
    }
    double total = 0;
    for (GroupLine part : parts.values()) {
      UpdateModel model = part.cells.get(0).model();
      OptionalDouble s = snr.of(part);
      Sums sums = part.sums();
      double square =
          model.meanSquare(s, sums.gradient() / sums.coordinates(), step).orElse(Double.NaN);
      double factor =
          secondOrder && model.adam().isPresent() && s.isPresent()
              ? model.adam().get().secondOrderFactor(s.getAsDouble())
              : 1;
      total += sums.coordinates() * square * factor * factor;
    }
    return sums().rms(total);
  }

  private double freeUpdateRms() {
    return rmsOver(
        cell -> {
          double rms = cell.model().freeRms().orElse(Double.NaN);
          return rms * rms;
        });
  }

  /** The update RMS in units of the schedule's rate. */
  private double scaledUpdateRms() {
    return rmsOver(
        cell -> {
          double scale = cell.parameters().lrScale();
          return scale * scale * cell.sums().update() / cell.sums().coordinates();
        });
  }

  /** &eta;&middot;RMS(u)/RMS(&theta;) where decay and updates balance on pure noise. */
  private double equilibriumAngle() {
    double[] squares = new double[2]; // of eta u, of theta
    for (Cell cell : cells) {
      ParameterGroup group = cell.parameters();
      double lr = learningRate * group.lrScale();
      double decay =
          group.optimizer().shrinksAlike()
              ? group.optimizer().perRate(group.weightDecay(), lr)
              : Double.NaN;
      double weight = cell.model().equilibriumWeightRms(lr, decay).orElse(Double.NaN);
      double update = lr * cell.model().freeRms().orElse(Double.NaN);
      squares[0] += cell.sums().coordinates() * update * update;
      squares[1] += cell.sums().coordinates() * weight * weight;
    }
    return Math.sqrt(squares[0] / squares[1]);
  }

  /** The RMS of cells whose mean squares are given. */
  double rmsOver(ToDoubleFunction<Cell> meanSquare) {
    double total = 0;
    for (Cell cell : cells) {
      total += cell.sums().coordinates() * meanSquare.applyAsDouble(cell);
    }
    return sums().rms(total);
  }

  /** JSON has no number for what is undefined. */
  static Double orNull(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
