package io.adamant.cli;

import io.adamant.study.StudyPlan;
import io.adamant.train.TrainingHook;
import java.util.List;

/** The observers that a run's configuration asks for. */
final class Hooks {

  private Hooks() {}

  static List<TrainingHook> of(StudyPlan.Item item) {
    return List.of();
  }
}
