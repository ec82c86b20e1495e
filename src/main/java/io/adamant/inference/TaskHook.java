package io.adamant.inference;

import io.adamant.base.InputException;
import io.adamant.base.UserPath;
import io.adamant.config.Packing;
import io.adamant.config.RunConfig;
import io.adamant.data.Tokenizer;
import io.adamant.results.Metrics;
import io.adamant.results.StepMetrics;
import io.adamant.train.StepView;
import io.adamant.train.TrainingHook;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Lets the model in training answer multiple-choice questions every so many steps. */
public final class TaskHook implements TrainingHook {

  private final RunConfig run;
  private final Tokenizer tokenizer;
  private final List<TaskFile.Question> questions;
  private TextScorer scorer;

  /**
   * Watches a run.
   *
   * @param run resolved; its {@code measure.evaluate_every} is above 0
   * @param tokenizer of its data, open while it trains
   * @throws InputException if the questions cannot be read, or the tokenizer encodes no text
   */
  public TaskHook(RunConfig run, Tokenizer tokenizer) {
    this.run = run;
    this.tokenizer = tokenizer;
    if (!tokenizer.hasText()) {
      throw new InputException(
          "measure.evaluate_every: the tokenizer of this run reads no text; allowed: 0");
    }
    try {
      questions = TaskFile.read(UserPath.of(run.measure().evaluateTask()));
    } catch (InputException e) {
      throw e.at("measure.evaluate_task");
    }
  }

  @Override
  public boolean wants(long step) {
    return step % run.measure().evaluateEvery() == 0 || step == run.training().steps();
  }

  @Override
  public boolean isEvaluation() {
    return true;
  }

  @Override
  public Map<String, Object> observe(StepView view) {
    if (scorer == null) {
      boolean documents = run.data().packing() == Packing.DOCUMENTS;
      scorer =
          new TextScorer(
              SampleHook.decoder(run, view),
              documents ? OptionalInt.of(tokenizer.endOfText()) : OptionalInt.empty());
    }
    MultipleChoice answers =
        MultipleChoice.of(scorer, tokenizer, new int[0], questions, answered -> {});
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("questions", questions.size());
    line.put(Metrics.ACCURACY, map(answers.accuracy()));
    line.put(Metrics.ACCURACY_BY_LENGTH, map(answers.accuracyByLength()));
    return Map.of(Metrics.TASK, line);
  }

  private static Map<String, Object> map(MultipleChoice.Score score) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(Metrics.VALUE, score.accuracy());
    map.put(Metrics.STANDARD_ERROR, StepMetrics.finite(score.standardError()));
    return map;
  }
}
