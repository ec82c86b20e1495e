package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import io.adamant.base.TextFile;
import io.adamant.chart.Digits;
import io.adamant.data.Tokenizer;
import io.adamant.inference.LanguageModel;
import io.adamant.inference.Sampling;
import io.adamant.inference.TokenSampler;
import io.adamant.train.StoredModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code adamant sample}. */
@Command(
    name = "sample",
    description = {
      "Let a trained model continue texts.",
      "The same model, prompt, settings and seed give the same text on the same machine."
    },
    footer = {
      "",
      "Without a prompt a text begins as one does in training, behind an end of text. The text ends",
      "at the model's own end of text or after N tokens; when it is longer than the model's context,",
      "the last half of that is read anew. Texts go to standard output, all else to standard error.",
      "",
      "Examples:",
      "  ./adamant sample results/train --prompt 'a large ' --tokens 50",
      "  ./adamant sample results/train --temperature 0.8 --top-p 0.95 --samples 3 --seed 7",
      "  ./adamant sample results/train --prompts prompts.txt --temperature 0 --json"
    })
final class SampleCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions options;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "How the text begins.")
  private String prompt;

  @Option(
      names = "--prompt-ids",
      paramLabel = "ID",
      split = ",",
      description = "The same as ids of tokens, such as 1,2,3.")
  private List<Integer> promptIds;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = "Several prompts, one a line; blank lines are passed over.")
  private Path prompts;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "200",
      description = "Tokens to draw at most (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1",
      description =
          "Divides the logits: below 1 likely tokens become likelier; 0 takes the likeliest one each"
              + " time (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Draw among the K likeliest tokens; 0 for all (default: ${DEFAULT-VALUE}).")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Draw among the likeliest tokens that have the probability P together (default:"
              + " ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of all random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "1",
      description = "Texts for each prompt (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--json",
      description =
          "Print JSON: ids, texts, and the log-probability of each token under the model as it is.")
  private boolean json;

  @Override
  public Integer call() {
    requirePositive("--tokens", tokens);
    requirePositive("--samples", samples);
    Sampling sampling = new Sampling(tokens, sampler(), seed);
    List<String> texts = texts();
    StoredModel stored = options.stored();
    try (Tokenizer tokenizer = stored.tokenizer()) {
      List<int[]> starts =
          promptIds == null
              ? texts.stream()
                  .map(text -> Sampling.prompt(tokenizer, stored.text().begin(tokenizer), text))
                  .toList()
              : List.of(ids(tokenizer));
      try (LanguageModel model = options.load(stored, tokenizer, spec.commandLine().getErr())) {
        draw(stored, model, sampling, starts);
      }
    }
    return 0;
  }

  private TokenSampler sampler() {
    try {
      return new TokenSampler(temperature, topK, topP);
    } catch (InputException e) {
      throw e.within("--");
    }
  }

  private List<String> texts() {
    int given = (prompt == null ? 0 : 1) + (promptIds == null ? 0 : 1) + (prompts == null ? 0 : 1);
    if (given > 1) {
      throw new InputException("give one of --prompt, --prompt-ids and --prompts");
    }
    if (prompts == null) {
      return List.of(prompt == null ? "" : prompt);
    }
    try {
      List<String> lines = TextFile.read(prompts).lines().filter(line -> !line.isBlank()).toList();
      if (lines.isEmpty()) {
        throw new InputException("--prompts " + prompts + " is empty; expected: a prompt a line");
      }
      return lines;
    } catch (CharacterCodingException e) {
      throw new InputException("--prompts " + prompts + " is not UTF-8", e);
    } catch (IOException e) {
      throw new InputException(
          "--prompts %s cannot be read: %s".formatted(prompts, StorageException.reason(e)), e);
    }
  }

  private int[] ids(Tokenizer tokenizer) {
    int most = tokenizer.vocabularySize() - 1;
    for (int id : promptIds) {
      if (id < 0 || id > most) {
        throw InputException.badValue("--prompt-ids", id, "ids from 0 to " + most);
      }
    }
    return promptIds.stream().mapToInt(Integer::intValue).toArray();
  }

  private void draw(
      StoredModel stored, LanguageModel model, Sampling sampling, List<int[]> starts) {
    PrintWriter out = spec.commandLine().getOut();
    List<Sampling.Sample> drawn = new ArrayList<>();
    for (int i = 0; i < starts.size(); i++) {
      for (int sample = 0; sample < samples; sample++) {
        int[] start = starts.get(i);
        int index = drawn.size();
        if (json) {
          drawn.add(sampling.draw(model.decoder(), model.tokenizer(), start, index, piece -> {}));
          continue;
        }
        if (starts.size() * samples > 1) {
          show(out, Digits.format("--- prompt %d, text %d ---%n", i + 1, sample + 1));
        }
        show(out, Sampling.text(model.tokenizer(), start));
        drawn.add(
            sampling.draw(
                model.decoder(), model.tokenizer(), start, index, piece -> show(out, piece)));
        show(out, System.lineSeparator());
      }
    }
    if (json) {
      show(out, Json.pretty(map(stored, model, drawn)));
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println(speed(drawn));
    err.flush();
  }

  private static void show(PrintWriter out, String text) {
    out.print(text);
    out.flush();
  }

  private Map<String, Object> map(
      StoredModel stored, LanguageModel model, List<Sampling.Sample> drawn) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("model", stored.description());
    map.put("temperature", temperature);
    map.put("top_k", topK);
    map.put("top_p", topP);
    map.put("seed", seed);
    map.put(
        "samples",
        drawn.stream()
            .map(
                sample -> {
                  Map<String, Object> one = new LinkedHashMap<>();
                  one.put(
                      "prompt",
                      Sampling.text(
                          model.tokenizer(),
                          sample.promptIds().stream().mapToInt(Integer::intValue).toArray()));
                  one.putAll(sample.toMap());
                  return one;
                })
            .toList());
    return map;
  }

  /** The first token waits for its prompt, each further one for a pass over the weights. */
  private static String speed(List<Sampling.Sample> drawn) {
    long further = drawn.stream().mapToLong(sample -> Math.max(0, sample.ids().size() - 1)).sum();
    double seconds = drawn.stream().mapToDouble(Sampling.Sample::seconds).sum();
    String first = Digits.format("first token after %.2f s", drawn.get(0).firstSeconds());
    return further == 0
        ? first
        : first
            + Digits.format(
                ", then %.1f tokens/s (%.1f ms each)", further / seconds, 1e3 * seconds / further);
  }

  private static void requirePositive(String option, int value) {
    if (value < 1) {
      throw InputException.badValue(option, value, "a whole number, at least 1");
    }
  }
}
