package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.chart.Digits;
import io.adamant.data.CacheDirectory;
import io.adamant.data.DatasetSpec;
import io.adamant.data.TokenDataset;
import io.adamant.data.TokenView;
import io.adamant.data.Tokenizer;
import io.adamant.inference.CorpusLoss;
import io.adamant.inference.LanguageModel;
import io.adamant.inference.MultipleChoice;
import io.adamant.inference.MultipleChoice.Score;
import io.adamant.inference.TaskFile;
import io.adamant.inference.TaskFile.Question;
import io.adamant.results.Metrics;
import io.adamant.results.StepMetrics;
import io.adamant.train.StoredModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code adamant evaluate}. */
@Command(
    name = "evaluate",
    description = "Measure a trained model: its loss on a text, or its answers to questions.",
    footer = {
      "",
      "A task is a file of multiple-choice questions, one JSON object a line, as HellaSwag and ARC are",
      "published or with context, choices and answer. The model answers with the choice that has the",
      "largest log-likelihood, and by length with the largest one over the choice's bytes.",
      "",
      "Examples:",
      "  ./adamant evaluate results/train --corpus djl:wikitext-2/test",
      "  ./adamant evaluate results/train --corpus 'books/*.txt' --stride 64",
      "  ./adamant evaluate FOLDER --task hellaswag_val.jsonl --limit 500 --json"
    })
final class EvaluateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions options;

  @Option(
      names = "--corpus",
      paramLabel = "TEXT",
      description = "A text, whatever data.corpus can name: a file, a pattern, djl:NAME, wordnet.")
  private String corpus;

  @Option(names = "--task", paramLabel = "FILE", description = "Multiple-choice questions.")
  private Path task;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of a window (default: the model's context).")
  private Integer context;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description =
          "Tokens from one window to the next; each token then has at least context - N before it"
              + " (default: the window, so that none is computed twice).")
  private Integer stride;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The first N tokens or questions only (default: all).")
  private Long limit;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if ((corpus == null) == (task == null)) {
      throw new InputException("give one of --corpus and --task");
    }
    if (limit != null && limit < 2) {
      throw InputException.badValue("--limit", limit, "a whole number, at least 2");
    }
    if (task != null && (context != null || stride != null)) {
      throw new InputException("--context and --stride are for --corpus");
    }
    StoredModel stored = options.stored();
    String text = task == null ? ofCorpus(stored) : ofTask(stored);
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
    return 0;
  }

  private String ofCorpus(StoredModel stored) {
    int window = within("--context", context, stored.config().context());
    int step = within("--stride", stride, window);
    StoredModel.Text how = stored.text();
    stored.tokenizer().close(); // it is the one of the training
    DatasetSpec whole =
        new DatasetSpec(
            corpus,
            how.tokenizer(),
            how.vocab(),
            Optional.empty(),
            DatasetSpec.DEFAULT_VALIDATION_FRACTION,
            how.endOfText(),
            false,
            false);
    PrintWriter err = spec.commandLine().getErr();
    try (TokenDataset data = TokenDataset.openWhole(whole, CacheDirectory.ofUser(), err::println);
        LanguageModel model = options.load(stored, data.tokenizer(), err)) {
      TokenView all = data.validation();
      TokenView view = limit == null || limit >= all.size() ? all : all.part(0, limit);
      CorpusLoss loss;
      try (WorkBar bar = new WorkBar("evaluating", view.size() - 1, err)) {
        loss = CorpusLoss.of(model.scorer(), view, window, step, bar::advance);
      }
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("model", stored.description());
      map.put("corpus", corpus);
      map.put("tokens", loss.tokens());
      map.put("context", window);
      map.put("stride", step);
      map.put("loss", loss.loss());
      map.put(Metrics.STANDARD_ERROR, StepMetrics.finite(loss.standardError()));
      map.put("perplexity", loss.perplexity());
      map.put("bits_per_byte", StepMetrics.finite(data.statistics().bitsPerByte(loss.loss())));
      return json ? Json.pretty(map) : text(loss, data.statistics().bitsPerByte(loss.loss()));
    }
  }

  private static int within(String option, Integer value, int most) {
    if (value != null && (value < 1 || value > most)) {
      throw InputException.badValue(option, value, "a whole number from 1 to " + most);
    }
    return value == null ? most : value;
  }

  private static String text(CorpusLoss loss, double bitsPerByte) {
    StringBuilder text = new StringBuilder();
    line(text, "tokens", "%,d", loss.tokens());
    line(text, "loss", "%.4f \u00b1 %.4f nats per token", loss.loss(), loss.standardError());
    line(text, "perplexity", "%.3f", loss.perplexity());
    if (Double.isFinite(bitsPerByte)) {
      line(text, "bits per byte", "%.4f", bitsPerByte);
    }
    return text.toString();
  }

  private String ofTask(StoredModel stored) {
    List<Question> all = TaskFile.read(task);
    List<Question> questions =
        limit == null ? all : all.subList(0, (int) Math.min(limit, all.size()));
    PrintWriter err = spec.commandLine().getErr();
    try (Tokenizer tokenizer = stored.tokenizer();
        LanguageModel model = options.load(stored, tokenizer, err)) {
      MultipleChoice answers;
      try (WorkBar bar = new WorkBar("answering", questions.size(), err)) {
        answers =
            MultipleChoice.of(
                model.scorer(), tokenizer, stored.text().begin(tokenizer), questions, bar::advance);
      }
      if (json) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("model", stored.description());
        map.put("task", task.toString());
        map.put("questions", questions.size());
        map.put(Metrics.ACCURACY, map(answers.accuracy()));
        map.put(Metrics.ACCURACY_BY_LENGTH, map(answers.accuracyByLength()));
        return Json.pretty(map);
      }
      StringBuilder text = new StringBuilder();
      line(text, "questions", "%,d", questions.size());
      line(text, "accuracy", "%s", words(answers.accuracy()));
      line(text, "by length", "%s", words(answers.accuracyByLength()));
      return text.toString();
    }
  }

  private static Map<String, Object> map(Score score) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(Metrics.VALUE, score.accuracy());
    map.put(Metrics.STANDARD_ERROR, StepMetrics.finite(score.standardError()));
    map.put("low", score.interval().low());
    map.put("high", score.interval().high());
    map.put("level", score.interval().level());
    return map;
  }

  private static String words(Score score) {
    return Digits.format(
        "%.4f \u00b1 %.4f, bootstrap %.4f to %.4f (95 %%)",
        score.accuracy(), score.standardError(), score.interval().low(), score.interval().high());
  }

  private static void line(StringBuilder text, String name, String format, Object... values) {
    text.append(Digits.format("%-14s %s%n", name, Digits.format(format, values)));
  }
}
