package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.config.RunConfig;
import io.adamant.results.Manifest;
import io.adamant.simulate.RunScales;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What rate, decay, steps and batch of the drawn arms mean. */
final class ScalesSection {
  private ScalesSection() {}

  static Section of(List<ArmCurves> arms) {
    Map<ArmCurves, RunScales> scales = new LinkedHashMap<>();
    arms.forEach(arm -> scales.put(arm, scales(arm)));
    Function<ArmCurves, RunScales> of = scales::get;
    return Section.of("scales", "What rate and decay mean")
        .say(
            "At the peak of the rate: how long decay takes to shrink weights by a factor e, where"
                + " decay and pure noise would balance them, how far they would then turn in a"
                + " step, and the tokens that momentum averages over. Weights come near the"
                + " balance after about three of the times.")
        .sayOfEach(
            "How decay's time is counted: %s.",
            ArmCurves.each(
                arms,
                arm -> Optional.of(scales.get(arm).decayForm()).filter(form -> !form.isEmpty())))
        .sayOfEach(
            "Theory of the updates: %s.",
            ArmCurves.each(arms, arm -> Optional.of(scales.get(arm).stated())))
        .table(
            new Table.Columns<ArmCurves>()
                .text("arm", ArmCurves::name)
                .number(
                    "decay time (steps)", Digits.significant(3), value(of, RunScales::decaySteps))
                .number("(tokens)", Digits::words, value(of, RunScales::decayTokens))
                .number("(epochs)", Digits.significant(3), value(of, RunScales::decayEpochs))
                .number("weight RMS", Digits.significant(3), value(of, RunScales::weightRms))
                .number("angle a step", Digits.significant(3), value(of, RunScales::angle))
                .number("momentum (tokens)", Digits::words, value(of, RunScales::momentumTokens))
                .of("At the peak of the learning rate", arms))
        .done();
  }

  private static RunScales scales(ArmCurves arm) {
    RunConfig run = arm.arm().config();
    double text = arm.arm().runs().get(0).manifest().number(Manifest.Key.TRAIN_TOKENS);
    return RunScales.of(
        run, text > 0 ? OptionalDouble.of(run.tokens() / text) : OptionalDouble.empty());
  }

  private static ToDoubleFunction<ArmCurves> value(
      Function<ArmCurves, RunScales> of, Function<RunScales, OptionalDouble> number) {
    return arm -> number.apply(of.apply(arm)).orElse(Double.NaN);
  }
}
