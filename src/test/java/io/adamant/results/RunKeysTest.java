package io.adamant.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The keys and names of the files of runs and studies are written in this package only. */
class RunKeysTest {

  private static final Path SOURCES = Path.of("src/main/java/io/adamant");
  private static final Pattern LITERAL = Pattern.compile("\"((?:\\\\.|[^\"\\\\])*)\"");

  private static final Set<String> FILES =
      Set.of(
          "run.yaml",
          "manifest.json",
          "metrics.jsonl",
          "summary.json",
          "arm.json",
          "study.yaml",
          "confirmation.yaml");

  /** Where the same word is a key of something else. */
  private static final Map<String, Set<String>> OTHERS =
      Map.ofEntries(
          Map.entry("data.tokenizer", Set.of("config", "study/Rerun")),
          Map.entry("micro_batch", Set.of("config", "plan")),
          // Names of sums that the laws are made of
          Map.entry("gradient_curvature", Set.of("onestep/FrozenResult")),
          Map.entry("noise_curvature", Set.of("onestep/FrozenResult")),
          Map.entry("noise_scale_curved", Set.of("onestep/FrozenResult")),
          Map.entry("standard_error", Set.of("lab/FrozenPage")),
          Map.entry("numerics_version", Set.of("config")), // part of a run's identity
          Map.entry("run_id", Set.of("train/TrainState")), // checkpoint.json
          Map.entry("kernel_path", Set.of("train/TrainState", "train/Checkpoint")),
          Map.entry("skipped_steps", Set.of("train/TrainState")),
          Map.entry("first_bad_step", Set.of("train/TrainState")),
          Map.entry("peak_memory_bytes", Set.of("plan")), // bench --json
          Map.entry("tokens_per_s", Set.of("plan", "study/WorkerEvent", "report/ComparisonTable")),
          Map.entry("val_ppl", Set.of("report/ComparisonTable")), // table.csv
          Map.entry("update_rms", Set.of("simulate", "theory/Equilibrium")), // quantities
          Map.entry(
              "weight_rms",
              Set.of("simulate", "theory/Equilibrium", "reproduce/WeightRmsExperiment")),
          Map.entry("val_loss", Set.of("reproduce/AuthorsRuns", "report/ComparisonTable")));

  @Test
  void noOtherPackageWritesAKeyOfARunFile() throws IOException {
    Set<String> keys = keys();
    assertThat(keys).hasSizeGreaterThan(50).contains("val_loss", "weights_sha256", "source_commit");
    List<String> strangers = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        String name = SOURCES.relativize(file).toString().replace('\\', '/');
        if (!name.startsWith("results/")) {
          literals(file).stream()
              .filter(text -> FILES.contains(text) || keys.contains(text))
              .filter(
                  text -> OTHERS.getOrDefault(text, Set.of()).stream().noneMatch(name::startsWith))
              .forEach(text -> strangers.add(name + ": \"" + text + '"'));
        }
      }
    }
    assertThat(strangers).isEmpty();
  }

  /** Keys of several words; a single one, such as seed, is a word of the language too. */
  private static Set<String> keys() {
    Set<String> keys = new HashSet<>();
    for (Class<?> type :
        List.of(
            Metrics.class,
            RunSummary.class,
            RunSummary.Performance.class,
            StudyRecord.class,
            ArmNames.class)) {
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
          field.setAccessible(true);
          try {
            keys.add((String) field.get(null));
          } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
          }
        }
      }
    }
    Arrays.stream(Manifest.Key.values()).map(Manifest.Key::path).forEach(keys::add);
    keys.removeIf(key -> !key.matches(".*[_.].*"));
    return keys;
  }

  /** String literals outside comments. */
  private static List<String> literals(Path file) throws IOException {
    List<String> literals = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String code = line.strip();
      if (!code.startsWith("*") && !code.startsWith("/*") && !code.startsWith("//")) {
        Matcher matcher = LITERAL.matcher(code);
        while (matcher.find()) {
          literals.add(matcher.group(1));
        }
      }
    }
    return literals;
  }
}
