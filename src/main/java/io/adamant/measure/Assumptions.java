package io.adamant.measure;

import io.adamant.results.Metrics;
import java.util.Map;

/**
 * Why an update RMS is not what the independent signal-to-noise ratio predicts, as factors whose
 * product is measured over predicted:
 *
 * <ul>
 *   <li>{@code factor_eps} = RMS(u)/RMS(u at &epsilon; = 0): below 1 where &epsilon; is not small
 *       against &radic;v.
 *   <li>{@code factor_coordinates} = RMS(m&#770;/&radic;v&#770;) over
 *       &radic;(&Sigma;m&#770;&sup2;/&Sigma;v&#770;) and over what the fluctuation of v explains: 1
 *       where all coordinates have one snr, below 1 where few coordinates hold the signal.
 *   <li>{@code factor_time} = &radic;(&Sigma;m&#770;&sup2;/&Sigma;v&#770;) over the mean field: 1
 *       where gradients are independent over steps with a constant mean; below 1 where the mean
 *       turns within the momentum's memory, above 1 where gradients repeat.
 * </ul>
 *
 * <p>{@code persistence} looks at the last one from another side: (m_{t&minus;1} &middot;
 * g_t)/(a&#8214;&mu;&#8214;&sup2;), the share of the gradient's signal that the steps before share;
 * 1 for a constant mean. {@code clip_scale} is the factor that clipping put on this step's
 * gradient.
 */
final class Assumptions {

  private Assumptions() {}

  static void put(
      Map<String, Object> line,
      GroupLine group,
      SnrEstimate snr,
      double measured,
      double predicted) {
    Sums sums = group.sums();
    Cell first = group.cells().get(0);
    boolean one =
        group.cells().stream()
            .allMatch(c -> c.parameters().optimizer() == first.parameters().optimizer());
    MixedMoments moments = sums.moments();
    if (one && first.model().adam().isPresent() && moments.second() > 0) {
      AdamModel adam = first.model().adam().get();
      double c1 = adam.firstCorrection(group.step());
      double bare = sums.rms(moments.ratioSquare());
      double pooled = Math.sqrt(sums.momentum() / (c1 * c1) / moments.second());
      double fluctuation = adam.secondOrderFactor(snr.snr());
      double coordinates = bare / pooled / fluctuation;
      double eps = measured / bare;
      line.put(Metrics.FACTOR_EPS, GroupLine.orNull(eps));
      line.put(Metrics.FACTOR_COORDINATES, GroupLine.orNull(coordinates));
      line.put(Metrics.FACTOR_TIME, GroupLine.orNull(measured / predicted / eps / coordinates));
    }
    if (one && first.model().average().isPresent() && group.step() > 1) {
      GradientAverage average = first.model().average().get();
      double before = // m_{t-1} . g_t
          (moments.momentumGradient() - (1 - average.beta()) * sums.gradient()) / average.beta();
      // ||mu||^2 of the gradient as the optimizer got it, clipped
      double signal = sums.gradient() * snr.snr() / (1 + snr.snr());
      line.put(
          Metrics.PERSISTENCE,
          GroupLine.orNull(before / average.meanShare(group.step() - 1) / signal));
    }
  }
}
