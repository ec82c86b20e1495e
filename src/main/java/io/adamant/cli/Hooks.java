package io.adamant.cli;

import io.adamant.config.RunConfig;
import io.adamant.measure.GroupStatistics;
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
    if (run.measure().every() == 0) {
      return List.of();
    }
    long steps = run.training().steps();
    return List.of(
        new GroupStatistics(
            run.measure().every(),
            steps,
            run.training().batch(),
            Gpt::group,
            Schedules.of(run.schedule(), run.optimizer().lr(), steps)));
  }
}
