package io.adamant.cli;

import io.adamant.config.MeasureConfig;
import io.adamant.config.RunConfig;
import io.adamant.measure.GroupStatistics;
import io.adamant.measure.MeasurePlan;
import io.adamant.model.Gpt;
import io.adamant.optim.Schedules;
import io.adamant.study.StudyPlan;
import io.adamant.train.TrainingHook;
import java.util.List;

/** The observers that a run's configuration asks for. */
final class Hooks {

  private Hooks() {}

  static List<TrainingHook> of(StudyPlan.Item item) {
    RunConfig run = item.config();
    MeasureConfig measure = run.measure();
    if (measure.every() == 0) {
      return List.of();
    }
    long steps = run.training().steps();
    MeasurePlan plan =
        new MeasurePlan(
            steps,
            run.training().batch(),
            measure.every(),
            measure.tensors(),
            measure.probeEvery(),
            measure.probeBatches());
    return List.of(
        new GroupStatistics(
            plan, Gpt::group, Schedules.of(run.schedule(), run.optimizer().lr(), steps)));
  }
}
