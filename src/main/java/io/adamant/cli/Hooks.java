package io.adamant.cli;

import io.adamant.base.Services;
import io.adamant.config.MeasureConfig;
import io.adamant.config.Reduction;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.inference.SampleHook;
import io.adamant.inference.TaskHook;
import io.adamant.measure.GradientMemory;
import io.adamant.measure.GroupStatistics;
import io.adamant.measure.MeasurePlan;
import io.adamant.model.Gpt;
import io.adamant.optim.Schedules;
import io.adamant.study.StudyPlan;
import io.adamant.train.TrainingHook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The observers that a run's configuration asks for, and those that a user registered. */
final class Hooks {

  private Hooks() {}

  static List<TrainingHook> of(StudyPlan.Item item) {
    List<TrainingHook> hooks = of(item.config());
    if (item.config().measure().sampleEvery() > 0) {
      hooks.add(new SampleHook(item.config(), item.data().tokenizer()));
    }
    if (item.config().measure().evaluateEvery() > 0) {
      hooks.add(new TaskHook(item.config(), item.data().tokenizer()));
    }
    return hooks;
  }

  /** Refuses, before anything is written, what the observers of a plan's runs cannot use. */
  static void check(StudyPlan plan) {
    plan.items().forEach(Hooks::of);
  }

  static List<TrainingHook> of(RunConfig run) {
    List<TrainingHook> hooks = new ArrayList<>();
    plan(run)
        .ifPresent(plan -> hooks.add(new GroupStatistics(plan, Gpt::group, Schedules.of(run))));
    if (run.measure().memory() > 0) {
      int length = run.measure().memory();
      int coordinates = run.measure().memoryCoordinates();
      plan(run)
          .ifPresent(plan -> hooks.add(new GradientMemory(plan, Gpt::group, length, coordinates)));
    }
    hooks.addAll(Services.load(TrainingHook.class));
    return hooks;
  }

  /** What a run measures, if anything. */
  static Optional<MeasurePlan> plan(RunConfig run) {
    MeasureConfig measure = run.measure();
    TrainConfig training = run.training();
    return measure.every() == 0
        ? Optional.empty()
        : Optional.of(
            new MeasurePlan(
                training.steps(),
                training.batch(),
                measure.every(),
                measure.tensors(),
                measure.probeEvery(),
                measure.probeBatches(),
                step -> (int) (training.sequences(step) - training.sequences(step - 1)),
                training.reduction() == Reduction.TREE));
  }
}
