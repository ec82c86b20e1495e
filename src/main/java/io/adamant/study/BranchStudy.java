package io.adamant.study;

import io.adamant.base.InputException;
import io.adamant.base.UserPath;
import io.adamant.config.DataOrder;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunFolders;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.train.CheckpointStore;
import io.adamant.train.RunIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The branches of a run: from one of its checkpoints on, with its optimizer state, the same number
 * of tokens in larger batches at rates scaled by a rule. How far the batch may grow until the final
 * loss leaves the noise of branches of the batch as it was is the branched critical batch.
 *
 * <p>A branch of k times the batch stands each of its steps for k of the run's: its rate is theirs
 * on average, times &radic;k or k. All else is the run's own: coefficients of averages are per
 * step, so that momentum remembers k times the tokens; decay is per step and goes with the rate;
 * steps count on from the checkpoint's. The data's order is that of another seed from the
 * checkpoint on.
 *
 * <p>Sources: Merrill et al. 2025, "Critical Batch Size Revisited" (arXiv 2505.23971), branched
 * training; McCandlish et al. 2018 (arXiv 1812.06162) on the noise scales that it is compared with;
 * rules of scaling: Malladi et al. 2022 (arXiv 2205.10287), Goyal et al. 2017 (arXiv 1706.02677).
 *
 * @param name of the results folder
 * @param runId of the run that branches
 * @param checkpoint where it does
 * @param origin the run
 * @param step steps done there
 * @param multipliers of the batch, 1 first, rising
 * @param scale of the rates
 * @param seeds of the data's order of the branches with the batch as it was; of the others the
 *     first of them
 * @param repeats seeds of each larger batch
 */
public record BranchStudy(
    String name,
    String runId,
    Path checkpoint,
    RunConfig origin,
    int step,
    List<Integer> multipliers,
    Scale scale,
    List<Long> seeds,
    int repeats) {

  /** How many branches keep the batch as it was. */
  public static final int UNCHANGED = 3;

  /** The rule by which rates follow the batch. */
  public enum Scale {
    /** &radic;k: updates whose size does not go with the gradient's, as of Adam and signs. */
    SQRT,
    /** k: updates in proportion to the gradient. */
    LINEAR,
    /** 1. */
    NONE;

    /** The factor on rates for a batch k times as large. */
    public double factor(int k) {
      return switch (this) {
        case SQRT -> Math.sqrt(k);
        case LINEAR -> k;
        case NONE -> 1;
      };
    }

    /** Its word on the command line. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The rule for an optimizer: linear for an update in proportion to the gradient. */
    public static Scale of(String optimizer) {
      return List.of("sgd", "sgdm", "schedulefree_sgd").contains(optimizer) ? LINEAR : SQRT;
    }
  }

  /** Takes copies. */
  public BranchStudy {
    multipliers = List.copyOf(multipliers);
    seeds = List.copyOf(seeds);
  }

  /**
   * Plans the branches of a run.
   *
   * @param path of a finished run
   * @param at steps of one of its checkpoints
   * @param wanted multipliers of the batch, each at least 1; 1 is always among them
   * @param scale of the rates; empty for the optimizer's own
   * @param repeats seeds of each larger batch, 1 to {@link #UNCHANGED}
   * @throws InputException if it cannot branch there so
   */
  public static BranchStudy of(
      Path path, long at, List<Integer> wanted, Optional<Scale> scale, int repeats) {
    Path run =
        RunFolders.ofRun(path)
            .orElseThrow(
                () ->
                    new InputException(
                        path
                            + " is no run; expected: a finished one, such as results/NAME/runs/ID"));
    RunStatus status = RunDirectory.summary(run).map(RunSummary::status).orElse(null);
    if (status != RunStatus.FINISHED) {
      throw new InputException(
          "%s %s; expected: a finished run"
              .formatted(
                  run,
                  status == null
                      ? "has no result yet"
                      : "is " + status.name().toLowerCase(Locale.ROOT)));
    }
    RunConfig origin = RunIdentity.recorded(run);
    TrainConfig training = origin.training();
    requireBranchable(origin, run);
    Path checkpoint = checkpoint(run, at, training.steps());
    long left = training.steps() - at;
    List<Integer> multipliers = new ArrayList<>(List.of(1));
    wanted.stream().filter(k -> k != 1).sorted().distinct().forEach(multipliers::add);
    for (int k : multipliers) {
      if (left % k != 0) {
        throw InputException.badValue(
            "--batch",
            "x" + k,
            "multipliers that divide the %s steps that are left after step %s".formatted(left, at));
      }
    }
    if (repeats < 1 || repeats > UNCHANGED) {
      throw InputException.badValue("--seeds", repeats, "1 to " + UNCHANGED);
    }
    List<Long> seeds = new ArrayList<>();
    for (int i = 1; i <= UNCHANGED; i++) {
      seeds.add(training.seed() + i);
    }
    String id = RunFolders.id(run);
    return new BranchStudy(
        "branch-%s-%s".formatted(id, at),
        id,
        checkpoint,
        origin,
        (int) at,
        multipliers,
        scale.orElse(Scale.of(origin.optimizer().type())),
        seeds,
        repeats);
  }

  private static void requireBranchable(RunConfig origin, Path run) {
    String reason = "";
    if (origin.training().batchWarmup() > 0) {
      reason = "training.batch_warmup, whose batch grows by itself";
    } else if (origin.data().order() == DataOrder.FILE) {
      reason = "data.order: file, whose order is that of one batch size";
    } else if (origin.training().branchStep() > 0) {
      reason = "training.branch_from: it is a branch itself";
    }
    if (!reason.isEmpty()) {
      throw new InputException(run + " cannot branch, it has " + reason);
    }
  }

  private static Path checkpoint(Path run, long at, int steps) {
    List<Path> kept =
        new CheckpointStore(run.resolve(RunDirectory.CHECKPOINT))
            .newestFirst().stream().filter(folder -> stepOf(folder) < steps).sorted().toList();
    return kept.stream()
        .filter(folder -> stepOf(folder) == at)
        .findFirst()
        .map(folder -> UserPath.of(folder.toAbsolutePath().normalize().toString()))
        .orElseThrow(
            () ->
                new InputException(
                    kept.isEmpty()
                        ? "%s keeps no checkpoint before its end; train it with training.checkpoint_every and training.keep_checkpoints"
                            .formatted(run)
                        : "--at: %s has no checkpoint of step %s; allowed: %s"
                            .formatted(
                                run,
                                at,
                                kept.stream()
                                    .map(folder -> Long.toString(stepOf(folder)))
                                    .collect(Collectors.joining(", ")))));
  }

  private static long stepOf(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().replaceFirst(".*-", ""));
  }

  /** The step at which the branches of the batch as it was measure the noise of the gradient. */
  public int probed() {
    return step + 1;
  }

  /** Steps of a branch. */
  public int steps(int k) {
    return (origin.training().steps() - step) / k;
  }

  /** Name of the branches of a batch. */
  public String arm(int k) {
    return "x" + k;
  }

  /** All branches, those of the batch as it was first. */
  public List<PlannedRun> runs() {
    List<PlannedRun> runs = new ArrayList<>();
    for (int k : multipliers) {
      for (long seed : k == 1 ? seeds : seeds.subList(0, repeats)) {
        runs.add(new PlannedRun(arm(k), arm(k) + " seed=" + seed, config(k, seed)));
      }
    }
    return runs;
  }

  /**
   * A branch.
   *
   * @param k multiplier of the batch
   * @param seed of the data's order; with the run's own and k = 1 the branch is the run
   */
  public RunConfig config(int k, long seed) {
    TrainConfig training = origin.training();
    Map<String, Object> changes = new HashMap<>();
    changes.put("training.branch_from", checkpoint.toString());
    changes.put("training.branch_step", step);
    changes.put("training.branch_batch", k);
    changes.put("training.branch_rate", scale.factor(k));
    changes.put("training.batch", k * training.batch());
    changes.put("training.steps", step + steps(k));
    changes.put("training.seed", seed);
    changes.put("training.eval_every", apart(training.evalEvery(), k));
    changes.put("training.checkpoint_every", apart(training.checkpointEvery(), k));
    if (k == 1) { // an observer: the weights are the same with it
      changes.put("measure.every", Math.max(1, origin.measure().every()));
      changes.put("measure.probe_every", probed());
    }
    return origin.with(changes);
  }

  /** As many tokens apart, or a step. */
  private static int apart(int steps, int k) {
    return steps == 0 ? 0 : Math.max(1, steps / k);
  }
}
