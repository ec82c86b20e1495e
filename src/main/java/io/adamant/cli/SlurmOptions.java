package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.slurm.Slurm;
import io.adamant.slurm.SlurmArray;
import io.adamant.study.WorkerPool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code --slurm}: the study as an array of workers; used as a mixin. */
final class SlurmOptions {

  private static final String PRINT = "print";
  private static final String SUBMIT = "submit";

  @Option(
      names = "--slurm",
      arity = "0..1",
      fallbackValue = SUBMIT,
      paramLabel = PRINT,
      preprocessor = Attached.class,
      description =
          "Submit an array of workers to Slurm and return; --slurm=print only shows the script."
              + " Options for sbatch follow after --.")
  private String mode;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "With --slurm: as many workers at most (default: one for each run that is left).")
  private Integer workers;

  /** {@code --slurm FILE}: the next word is no value of it, only one after = is. */
  static final class Attached implements IParameterPreprocessor {
    @Override
    @SuppressWarnings("JdkObsolete") // picocli's signature
    public boolean preprocess(
        Stack<String> words, CommandSpec spec, ArgSpec option, Map<String, Object> info) {
      if ("=".equals(info.get("separator"))) {
        return false;
      }
      option.setValue(SUBMIT);
      return true;
    }
  }

  /** Whether Slurm is asked for; refuses what does not belong together. */
  boolean wanted(CommandSpec spec, List<String> sbatch) {
    List<String> words = words(spec);
    int end = words.indexOf("--");
    int after = end < 0 ? 0 : words.size() - end - 1;
    if (sbatch.size() > after || (mode == null && !sbatch.isEmpty())) {
      throw new InputException(
          "%s: expected one STUDY.yaml; options for sbatch follow after --slurm and --"
              .formatted(sbatch.get(0)));
    }
    if (mode == null && workers != null) {
      throw new InputException(
          "--workers " + workers + " is for --slurm; --jobs N is for one machine");
    }
    if (mode != null && !List.of(SUBMIT, PRINT).contains(mode)) {
      throw InputException.badValue("--slurm", mode, "--slurm alone, or --slurm=print");
    }
    if (workers != null && workers < 1) {
      throw InputException.badValue("--workers", workers, "1 or more");
    }
    return mode != null;
  }

  /** Whether the script is to be shown alone. */
  boolean printsOnly() {
    return PRINT.equals(mode);
  }

  /** Submits, or shows the script; returns the exit code. */
  int run(CommandSpec spec, List<String> sbatch, String study, Path folder, long left, int cpus) {
    SlurmArray.Request request =
        new SlurmArray.Request(
            study,
            (int) left,
            workers == null ? OptionalInt.empty() : OptionalInt.of(workers),
            cpus,
            Path.of("").toAbsolutePath(),
            command(spec),
            sbatch);
    SlurmArray array = new SlurmArray(folder, new Slurm());
    if (printsOnly()) {
      spec.commandLine().getOut().print(array.script(request));
      spec.commandLine().getOut().flush();
      return 0;
    }
    SlurmArray.Outcome outcome = array.submit(request);
    (outcome.exitCode() == 0 ? spec.commandLine().getOut() : spec.commandLine().getErr())
        .println(outcome.exitCode() == 0 ? outcome.text() : "adamant: " + outcome.text());
    spec.commandLine().getOut().flush();
    spec.commandLine().getErr().flush();
    return outcome.exitCode();
  }

  /** The words as the user gave them. */
  private static List<String> words(CommandSpec spec) {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  /** The same command without what was for the submission alone. */
  private static List<String> command(CommandSpec spec) {
    List<String> words = new ArrayList<>();
    boolean skip = false;
    for (String word : words(spec)) {
      if (word.equals("--")) {
        break;
      }
      if (!skip && !word.matches("--(slurm|workers)(=.*)?|--retry|--replace")) {
        words.add(word);
      }
      skip = word.equals("--workers");
    }
    String home = System.getProperty("adamant.home", "");
    if (home.isEmpty()) {
      return WorkerPool.jvm(Main.class.getName(), words);
    }
    words.add(0, Path.of(home, "adamant").toString());
    return words;
  }
}
