package io.adamant.train;

import io.adamant.base.ChildJvm;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.measure.GroupStatistics;
import io.adamant.measure.MeasurePlan;
import io.adamant.model.Gpt;
import io.adamant.optim.Schedules;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A run in a JVM of its own, for tests that kill it or look at its memory: {@code RUN.yaml
 * DIRECTORY CACHE [KEY=VALUE ...]}. With -Dmemory=FILE it writes a line "step, resident KiB,
 * managed arrays" every ten steps there.
 */
final class TrainingProcess {

  private TrainingProcess() {}

  /** Starts the JVM with this one's class path, as the launcher does. */
  static ProcessBuilder start(List<String> options, List<String> arguments) {
    return ChildJvm.of(
            options, System.getProperty("java.class.path"), TrainingProcess.class, arguments)
        .redirectErrorStream(true);
  }

  public static void main(String[] args) throws IOException {
    List<String> overrides = Arrays.asList(args).subList(3, args.length);
    RunConfig config = Training.resolve(Configs.readRun(Path.of(args[0]), overrides));
    ProgressListener printer =
        new ProgressListener() {
          @Override
          public void message(String text) {
            System.out.println(text);
          }
        };
    List<TrainingHook> hooks = new ArrayList<>();
    if (config.measure().every() > 0) {
      hooks.add(statistics(config));
    }
    String memory = System.getProperty("memory");
    if (memory != null) {
      hooks.add(new MemoryLog(Path.of(memory)));
    }
    try (TokenDataset data = TestRuns.data(config, Path.of(args[2]))) {
      RunSummary summary =
          new Training(config, data, hooks, printer).train(Path.of(args[1]), () -> false);
      System.out.println("peak " + ProcessMemory.peak().orElse(0) + " s " + summary.seconds());
      System.out.println(summary.status());
    }
  }

  private static TrainingHook statistics(RunConfig config) {
    long steps = config.training().steps();
    return new GroupStatistics(
        MeasurePlan.of(steps, config.training().batch(), config.measure().every()),
        Gpt::group,
        Schedules.of(config.schedule(), config.optimizer().lr(), steps));
  }

  /** Resident memory and managed arrays over steps. */
  private static final class MemoryLog implements TrainingHook {
    private final Path file;
    private final StringBuilder lines = new StringBuilder();

    MemoryLog(Path file) {
      this.file = file;
    }

    @Override
    public boolean wants(long step) {
      return step % 10 == 5;
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      int arrays = view.groups().get(0).state().steps().getManager().getManagedArrays().size();
      lines
          .append(view.step())
          .append(' ')
          .append(ProcessMemory.resident().orElseThrow() / 1024)
          .append(' ')
          .append(arrays);
      lines.append('\n');
      try {
        Files.writeString(file, lines);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return Map.of();
    }
  }
}
