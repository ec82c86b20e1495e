package io.adamant.train;

import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.config.RunId;
import io.adamant.data.CacheDirectory;
import io.adamant.data.TokenDataset;
import io.adamant.huggingface.HuggingFaceModel;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which run a configuration and its data are: everything that decides the trajectory, by content.
 */
public final class RunIdentity {

  private static final String INIT_FROM = "training.init_from";
  private static final String BRANCH_FROM = "training.branch_from";

  private RunIdentity() {}

  /**
   * The name of a run's directory.
   *
   * @param config resolved
   * @param data its data
   * @return hash of everything that decides the trajectory
   */
  public static String of(RunConfig config, TokenDataset data) {
    return RunId.of(byContent(config), data.dataSha256(), Training.NUMERICS_VERSION);
  }

  /** The run with weights to start from and optimizers' files named by content, not by path. */
  private static RunConfig byContent(RunConfig run) {
    RunConfig config = OptimizerTexts.byContent(run, Path.of(""));
    String sha256 = initSha256(config);
    RunConfig named = sha256.isEmpty() ? config : config.with(INIT_FROM, sha256);
    String branch = branchSha256(config);
    return branch.isEmpty() ? named : named.with(BRANCH_FROM, branch);
  }

  /** Hash of the checkpoint that a run branches off from; empty for others. */
  static String branchSha256(RunConfig config) {
    if (config.training().branchFrom().isEmpty()) {
      return "";
    }
    Path from = Path.of(config.training().branchFrom());
    try {
      return Checkpoint.arraysSha256(from);
    } catch (IOException e) {
      throw Checkpoint.notReadable(from, e);
    }
  }

  /** Hash of the weights that a run starts from; empty for random ones. */
  static String initSha256(RunConfig config) {
    String from = config.training().initFrom();
    if (from.isEmpty()) {
      return "";
    }
    Optional<HuggingFaceModel> imported = Training.imported(from);
    if (imported.isPresent()) {
      return imported.get().sha256(CacheDirectory.ofUser());
    }
    try {
      return Checkpoint.weightsSha256(Path.of(from));
    } catch (IOException e) {
      throw new InputException(
          "training.init_from: %s is not a readable checkpoint folder: %s"
              .formatted(from, e.getMessage()),
          e);
    }
  }

  /** A directory of another run is neither resumed nor overwritten, nor is its result returned. */
  static void requireSame(Path root, RunConfig config, TokenDataset data) {
    if (!RunDirectory.isRun(root)
        || RunDirectory.manifest(root).text(Manifest.Key.DATA_SHA256).isEmpty()) {
      return; // nothing, or stopped before it began
    }
    Map<String, String> differences = differences(root, config, data);
    if (!differences.isEmpty()) {
      throw new InputException(
          "%s holds another run (%s); use another directory".formatted(root, text(differences)));
    }
  }

  /**
   * The run of a folder as it was asked for, with the paths of its optimizers' files written out.
   *
   * @param root of the run
   * @return what its {@code run.yaml} holds
   * @throws InputException if there is none or it cannot be understood
   */
  public static RunConfig recorded(Path root) {
    return OptimizerTexts.absolute(RunDirectory.config(root), root);
  }

  /**
   * Differences in a text.
   *
   * @param differences as {@link #differences} has them
   * @return separated by semicolons
   */
  public static String text(Map<String, String> differences) {
    return differences.entrySet().stream()
        .map(difference -> difference.getKey() + ": " + difference.getValue())
        .collect(Collectors.joining("; "));
  }

  /**
   * What makes a run another than that of a folder.
   *
   * @param root folder of a run that has begun
   * @param config resolved
   * @param data its data
   * @return by key, in words: what it is there and here; empty for the same run
   */
  public static Map<String, String> differences(Path root, RunConfig config, TokenDataset data) {
    Manifest manifest = RunDirectory.manifest(root);
    String dataSha256 = manifest.text(Manifest.Key.DATA_SHA256);
    RunConfig begun = OptimizerTexts.byContent(RunDirectory.config(root), root);
    String init = manifest.text(Manifest.Key.INIT_SHA256);
    boolean byPath = init.isEmpty(); // random weights, or a run of before this was recorded
    RunConfig source = byPath ? begun : begun.with(INIT_FROM, init);
    String branch = manifest.text(Manifest.Key.BRANCH_SHA256);
    boolean branches = !config.training().branchFrom().isEmpty();
    Map<String, String> there =
        RunId.settings(
            branch.isEmpty() ? source : source.with(BRANCH_FROM, branch),
            dataSha256,
            (int) manifest.number(Manifest.Key.NUMERICS));
    Map<String, String> here =
        RunId.settings(
            byPath && !branches ? OptimizerTexts.byContent(config, Path.of("")) : byContent(config),
            data.dataSha256(),
            Training.NUMERICS_VERSION);
    Set<String> keys = new TreeSet<>(there.keySet());
    keys.addAll(here.keySet());
    Map<String, String> differences = new LinkedHashMap<>();
    for (String key : keys) {
      if (!Objects.equals(there.get(key), here.get(key))) {
        differences.put(
            key,
            there.getOrDefault(key, "none")
                + " there, "
                + here.getOrDefault(key, "none")
                + " here");
      }
    }
    return differences;
  }
}
