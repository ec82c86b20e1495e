package io.adamant.onestep;

import io.adamant.base.InputException;
import io.adamant.stats.MeanEstimate;
import io.adamant.theory.LocalGeometry;
import io.adamant.theory.OptimalLearningRate;
import io.adamant.theory.SoftSign;
import io.adamant.theory.SurgeThreshold;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Best rates of one step, measured and by every law.
 *
 * @param point what it is of, for people
 * @param samples N
 * @param sums of the population by name, with standard errors of those that were probed
 * @param cells by rule and batch size
 * @param surges where the laws of signs and of Adam say that the rate begins to fall
 */
public record FrozenResult(
    String point, int samples, Map<String, Sum> sums, List<Cell> cells, List<Surge> surges) {

  private static final double LEVEL = 0.95;
  private static final double NORMAL = 1.96;
  private static final String STEP_CURVATURE =
      "the curvature of this step: nothing else is assumed";
  private static final String ONE_RATIO = "one σ/|g| for all coordinates";

  /** A number with its standard error, 0 where it is exact for the population. */
  public record Sum(double value, double error) {}

  /** A law's rate in a cell; {@code half} is the interval's of measured over law. */
  public record Compared(
      String law, double rate, double ratio, double half, Verdict verdict, String broken) {}

  /**
   * A rule at a batch size.
   *
   * @param method its title
   * @param batch B
   * @param draws that were measured
   * @param rate E[φᵀg]/E[φᵀHφ]; NaN where the curvature is not above 0
   * @param half of its 95 % interval
   * @param alignment E[φᵀg]
   * @param curvature E[φᵀHφ]
   * @param quadratic measured over quadratic decrease of the loss at each of {@link Design#RATES}
   * @param laws each law beside it
   */
  public record Cell(
      String method,
      int batch,
      int draws,
      double rate,
      double half,
      double alignment,
      double curvature,
      List<Double> quadratic,
      List<Compared> laws) {}

  /** B* of a rule's law and the batch of the largest measured rate, with the fall behind it. */
  public record Surge(String method, double law, int peak, double fall) {}

  /** Takes copies. */
  public FrozenResult {
    sums = new LinkedHashMap<>(sums);
    cells = List.copyOf(cells);
    surges = List.copyOf(surges);
  }

  /** From what a point's log holds. */
  public static FrozenResult of(
      String point, int samples, Design design, int blocks, Map<String, double[]> found) {
    return new Reader(design, blocks, found).read(point, samples);
  }

  /** A law of the sums, with what it takes for granted; T and tr(ΣH) carry their errors into it. */
  private record Law(String name, String assumption, ToDoubleFunction<LocalGeometry> rate) {}

  private static final class Reader {
    private final Design design;
    private final int blocks;
    private final Map<String, double[]> found;
    private final Map<String, Sum> sums = new LinkedHashMap<>();
    private final List<String> probed = new ArrayList<>(); // cells in the order of the probes

    Reader(Design design, int blocks, Map<String, double[]> found) {
      this.design = design;
      this.blocks = blocks;
      this.found = found;
      for (Method method : design.methods()) {
        if (!method.kind().linear()) {
          design.batches().forEach(batch -> probed.add(method.key() + " " + batch));
        }
      }
    }

    FrozenResult read(String point, int samples) {
      double[] exact = found.get("sums");
      sums.put("gradient_square", new Sum(exact[0], 0));
      sums.put("gradient_l1", new Sum(exact[1], 0));
      sums.put("noise_trace", new Sum(exact[2], 0));
      sums.put("gradient_curvature", new Sum(found.get("gHg")[0], 0));
      sums.put("sign_curvature", new Sum(found.get("signs")[0], 0));
      sums.put("curvature_trace", probe(0));
      sums.put("noise_curvature", probe(1));
      sums.put("share_without_gradient", new Sum(exact[4], 0));
      sums.put("noise_scale_simple", new Sum(exact[2] / exact[0], 0));
      double bend = found.get("gHg")[0];
      sums.put("noise_scale_curved", new Sum(probe(1).value / bend, probe(1).error / bend));
      List<Cell> cells = new ArrayList<>();
      List<Surge> surges = new ArrayList<>();
      int soft = 0;
      for (int k = 0; k < design.methods().size(); k++) {
        Method method = design.methods().get(k);
        List<Cell> own = new ArrayList<>();
        for (int batch : design.batches()) {
          own.add(cell(method, k, batch, soft));
        }
        surge(method, own, soft).ifPresent(surges::add);
        soft += method.kind() == Method.Kind.SOFT_SIGN ? 1 : 0;
        cells.addAll(own);
      }
      return new FrozenResult(point, samples, sums, cells, surges);
    }

    private Sum probe(int column) {
      double[] values = new double[design.probes()];
      for (int i = 0; i < values.length; i++) {
        values[i] = found.get("probe " + i)[column];
      }
      MeanEstimate mean = MeanEstimate.of(values, LEVEL);
      return new Sum(mean.mean(), mean.standardDeviation() / Math.sqrt(values.length));
    }

    private Optional<LocalGeometry> geometry(double traceShift, double noiseShift) {
      try {
        return Optional.of(
            new LocalGeometry(
                sums.get("gradient_square").value,
                sums.get("gradient_curvature").value,
                sums.get("noise_trace").value,
                sums.get("noise_curvature").value + noiseShift,
                sums.get("gradient_l1").value,
                sums.get("curvature_trace").value + traceShift,
                sums.get("sign_curvature").value));
      } catch (InputException notPositive) {
        return Optional.empty();
      }
    }

    private Cell cell(Method method, int index, int batch, int soft) {
      int methods = design.methods().size();
      double[] slopes = new double[blocks];
      double[] curvatures = new double[blocks];
      double[] moved = new double[Design.RATES.size()];
      double[] expected = new double[Design.RATES.size()];
      for (int b = 0; b < blocks; b++) {
        double[] block = found.get("block " + batch + " " + b);
        for (int draw = 0; draw < Design.DRAWS; draw++) {
          int at = (draw * methods + index) * FrozenPoint.WIDTH;
          slopes[b] += block[at] / Design.DRAWS;
          curvatures[b] += block[at + 1] / Design.DRAWS;
          for (int r = 0; block[at + 3] > 0 && r < moved.length; r++) {
            double rate = block[at + 3] * Design.RATES.get(r);
            moved[r] += block[at + 4 + r];
            expected[r] += rate * (rate / 2 * block[at + 1] - block[at + 2]);
          }
        }
      }
      double slope = MeanEstimate.of(slopes, LEVEL).mean();
      MeanEstimate bend = MeanEstimate.of(curvatures, LEVEL);
      double rate = Double.NaN;
      double half = Double.NaN;
      if (bend.interval().low() > 0) {
        rate = slope / bend.mean();
        double[] residuals = new double[blocks];
        for (int b = 0; b < blocks; b++) {
          residuals[b] = (slopes[b] - rate * curvatures[b]) / bend.mean();
        }
        half = MeanEstimate.of(residuals, LEVEL).interval().halfWidth();
      }
      List<Double> quadratic = new ArrayList<>();
      for (int r = 0; r < moved.length; r++) {
        quadratic.add(expected[r] == 0 ? Double.NaN : moved[r] / expected[r]);
      }
      return new Cell(
          method.title(),
          batch,
          blocks * Design.DRAWS,
          rate,
          half,
          slope,
          bend.mean(),
          quadratic,
          compared(method, batch, soft, rate, half, slope, bend));
    }

    private List<Compared> compared(
        Method method,
        int batch,
        int soft,
        double rate,
        double half,
        double slope,
        MeanEstimate bend) {
      boolean open = Double.isNaN(rate) && bend.interval().high() > 0;
      List<Compared> all = new ArrayList<>();
      double[] own = {Double.NaN, Double.NaN, Double.NaN}; // E[φ]ᵀg, tr(E[φφᵀ]H), its error
      if (!method.kind().linear()) {
        double[] mean = found.get("mean " + method.key() + " " + batch);
        Sum diagonal = probe(2 + probed.indexOf(method.key() + " " + batch));
        own = new double[] {mean[0], mean[1] + diagonal.value, diagonal.error};
      }
      Compared coordinates =
          one(
              "by coordinate",
              own[1] > 0 ? own[0] / own[1] : Double.NaN,
              own[1] > 0 ? NORMAL * own[2] / own[1] : 0,
              rate,
              half,
              open,
              coordinateFault(slope / own[0], bend.mean() / own[1], own[1], rate));
      for (Law law : laws(method, batch, soft)) {
        double value = geometry(0, 0).map(law.rate::applyAsDouble).orElse(Double.NaN);
        String fault =
            method.kind().linear()
                ? law.assumption
                : switch (coordinates.verdict) {
                  case FAILS -> coordinates.broken;
                  case OPEN -> "cannot be told from so few draws";
                  default -> law.assumption;
                };
        all.add(one(law.name, value, uncertainty(law, value), rate, half, open, fault));
      }
      if (!method.kind().linear()) {
        all.add(coordinates);
      }
      return all;
    }

    private static String coordinateFault(double aligned, double curved, double law, double rate) {
      if (!(law > 0) || Double.isNaN(rate)) {
        return "a curvature above 0";
      }
      String curvature =
          String.format(
              Locale.ROOT,
              "noise independent over coordinates: E φᵀHφ is %.2g times the law's",
              curved);
      return Math.abs(aligned - 1) > 0.1 && Math.abs(curved - 1) <= Math.abs(aligned - 1)
          ? String.format(
              Locale.ROOT,
              "Gaussian gradients of a coordinate: E φᵀg is %.2g times the law's",
              aligned)
          : curvature;
    }

    /** Open, if no rate was found because the interval of the curvature holds 0. */
    private static Compared one(
        String name,
        double law,
        double uncertainty,
        double rate,
        double half,
        boolean open,
        String fault) {
      double ratio = rate / law;
      double width = Math.hypot(half / law, ratio * uncertainty);
      if (open && Double.isFinite(law)) {
        return new Compared(name, law, Double.NaN, Double.NaN, Verdict.OPEN, "");
      }
      if (!Double.isFinite(ratio) || !Double.isFinite(width)) {
        String why = Double.isNaN(rate) || Double.isNaN(law) ? "a curvature above 0" : fault;
        return new Compared(name, law, Double.NaN, Double.NaN, Verdict.FAILS, why);
      }
      Verdict verdict = Verdict.of(ratio, width);
      return new Compared(name, law, ratio, width, verdict, verdict == Verdict.FAILS ? fault : "");
    }

    /** Half of the law's relative interval, from the errors of tr H and tr(ΣH). */
    private double uncertainty(Law law, double value) {
      double trace = NORMAL * sums.get("curvature_trace").error;
      double noise = NORMAL * sums.get("noise_curvature").error;
      double byTrace = geometry(trace, 0).map(law.rate::applyAsDouble).orElse(value) - value;
      double byNoise = geometry(0, noise).map(law.rate::applyAsDouble).orElse(value) - value;
      return Math.hypot(byTrace, byNoise) / Math.abs(value);
    }

    private List<Law> laws(Method method, int batch, int soft) {
      double beta1 = method.beta1();
      return switch (method.kind()) {
        case SGD ->
            List.of(
                new Law(
                    "η_max/(1 + B_noise/B)",
                    STEP_CURVATURE,
                    at -> OptimalLearningRate.sgd(at, batch)));
        case SGDM ->
            List.of(
                new Law(
                    "η_max/(1 + r·B_noise/B)",
                    STEP_CURVATURE,
                    at -> OptimalLearningRate.sgdm(at, beta1, batch)));
        case SIGN_SGD, SIGNUM ->
            List.of(
                new Law(
                    "mean field", ONE_RATIO, at -> OptimalLearningRate.signum(at, beta1, batch)),
                new Law("erf", ONE_RATIO, at -> OptimalLearningRate.signumErf(at, beta1, batch)));
        case ADAM ->
            List.of(
                new Law("mean field", ONE_RATIO, at -> OptimalLearningRate.adam(at, beta1, batch)),
                new Law(
                    "limit β1 → 1",
                    String.format(Locale.ROOT, "β1 → 1: it is %.4g", beta1),
                    at -> OptimalLearningRate.adamLongMomentum(at, batch)));
        case SOFT_SIGN -> softSign(method, batch, soft);
      };
    }

    private List<Law> softSign(Method method, int batch, int soft) {
      double[] exact = found.get("sums");
      double strength = SoftSign.strength(kappaSquare(soft), batch);
      double aligned = exact[FrozenPoint.SUMS + 1 + 2 * soft];
      double curved = found.get("soft " + method.key())[0];
      double size = Math.sqrt((exact[0] + exact[2] / batch) / exact[3]);
      return List.of(
          new Law(
              "one σ²/(g² + ε²)",
              "one σ²/(g² + ε²) for all coordinates",
              at ->
                  curved > 0
                      ? OptimalLearningRate.softSign(aligned, curved, at.curvatureTrace(), strength)
                      : Double.NaN),
          new Law(
              "limit ε → ∞",
              String.format(
                  Locale.ROOT,
                  "ε ≫ |g|: it is %.2g times the RMS of a batch gradient",
                  method.epsilon() / size),
              at ->
                  method.epsilon()
                      * OptimalLearningRate.softSignLargeEpsilon(at, exact[2] / exact[3], batch)));
    }

    /** Mean of σ²/(g² + ε²) for the SoftSign of this number. */
    private double kappaSquare(int soft) {
      return found.get("sums")[FrozenPoint.SUMS + 2 * soft];
    }

    private Optional<Surge> surge(Method method, List<Cell> cells, int soft) {
      double law =
          geometry(0, 0)
              .map(
                  at ->
                      switch (method.kind()) {
                        case SGD, SGDM -> Double.NaN;
                        case SIGN_SGD, SIGNUM -> SurgeThreshold.signum(at, method.beta1());
                        case ADAM -> SurgeThreshold.adam(at, method.beta1());
                        case SOFT_SIGN ->
                            found.get("soft " + method.key())[0] > 0
                                ? SurgeThreshold.softSign(
                                    found.get("soft " + method.key())[0],
                                    at.curvatureTrace(),
                                    kappaSquare(soft))
                                : Double.NaN;
                      })
              .orElse(Double.NaN);
      if (Double.isNaN(law)) {
        return Optional.empty();
      }
      Cell peak = cells.get(0);
      for (Cell cell : cells) {
        peak = cell.rate > peak.rate || Double.isNaN(peak.rate) ? cell : peak;
      }
      double fall = 1 - cells.get(cells.size() - 1).rate / peak.rate;
      return Double.isNaN(fall)
          ? Optional.empty()
          : Optional.of(new Surge(method.title(), law, peak.batch, fall));
    }
  }
}
