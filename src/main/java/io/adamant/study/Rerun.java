package io.adamant.study;

import io.adamant.base.InputException;
import io.adamant.base.UserPath;
import io.adamant.config.DataConfig;
import io.adamant.config.RunConfig;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunFolders;
import io.adamant.results.RunSummary;
import io.adamant.results.StudyBundle;
import io.adamant.train.RunIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A run of a bundle, trained once more and compared with what it was. */
public final class Rerun {

  private final StudyBundle bundle;
  private final Path there;

  /**
   * Names a run.
   *
   * @param bundle that it is in
   * @param id its identity, or the beginning of it
   * @throws InputException if there is no such run, or several
   */
  public Rerun(StudyBundle bundle, String id) {
    this.bundle = bundle;
    this.there = bundle.run(id);
  }

  /**
   * The run's identity.
   *
   * @return as in the bundle
   */
  public String id() {
    return RunFolders.id(there);
  }

  /**
   * Plans the run.
   *
   * @param overrides {@code KEY=VALUE}: where its corpus lies here, or its device
   * @param cache directory of token stores
   * @param progress takes a line while a corpus is tokenized
   * @return the plan; close it
   * @throws InputException if the corpus is not here, or this would be another run
   */
  public StudyPlan plan(List<String> overrides, Path cache, Consumer<String> progress) {
    RunConfig config = RunIdentity.recorded(there);
    config = config.with("data.tokenizer", bundle.tokenizer(config.data().tokenizer()));
    for (String override : overrides) {
      String[] parts = override.split("=", 2);
      if (parts.length < 2) {
        throw InputException.badValue("--set", override, "KEY=VALUE");
      }
      config = config.with(parts[0].strip(), parts[1].strip());
    }
    requireCorpus(config.data().corpus());
    StudyPlan plan = StudyPlan.ofRun(id(), config, cache, progress);
    StudyPlan.Item item = plan.items().get(0);
    Map<String, String> differences = RunIdentity.differences(there, item.config(), item.data());
    // Arithmetic of another version is what a repetition may be there to find.
    differences.remove(Manifest.Key.NUMERICS.path());
    if (!differences.isEmpty()) {
      plan.close();
      throw new InputException(
          "this would be another run than %s: %s".formatted(id(), RunIdentity.text(differences)));
    }
    return plan;
  }

  private void requireCorpus(String corpus) {
    boolean file = !corpus.equals(DataConfig.WORDNET) && !corpus.startsWith(DataConfig.DJL);
    if (file && !corpus.startsWith("[") && !Files.exists(UserPath.of(corpus))) {
      throw new InputException(
          "the corpus of run %s is not here: %s; expected: its place, as --set data.corpus=PATH"
                  .formatted(id(), corpus)
              + " (SHA-256 of its tokens %s)"
                  .formatted(RunDirectory.manifest(there).text(Manifest.Key.DATA_SHA256)));
    }
  }

  /**
   * Compares results.
   *
   * @param here folder of the run that was trained again
   * @return the outcome; empty if one of them has no result
   */
  public Optional<Outcome> outcome(Path here) {
    return RunDirectory.summary(there)
        .flatMap(was -> RunDirectory.summary(here).map(is -> new Outcome(was, is, changed(here))));
  }

  /**
   * How a repetition ended.
   *
   * @param was the summary in the bundle
   * @param is that of the repetition
   * @param changed facts of the manifests that differ: in the bundle and here, by key
   */
  public record Outcome(RunSummary was, RunSummary is, Map<String, List<String>> changed) {

    /** Copies the map. */
    public Outcome {
      changed = new LinkedHashMap<>(changed);
    }

    /**
     * Whether the final weights are the same.
     *
     * @return true if their hashes are known and equal
     */
    public boolean equal() {
      return !is.weightsSha256().isEmpty() && is.weightsSha256().equals(was.weightsSha256());
    }
  }

  private Map<String, List<String>> changed(Path here) {
    Manifest was = RunDirectory.manifest(there);
    Manifest is = RunDirectory.manifest(here);
    Map<String, List<String>> changed = new LinkedHashMap<>();
    for (Manifest.Key key : Manifest.Key.values()) {
      if (!was.text(key).equals(is.text(key))) {
        changed.put(key.path(), List.of(was.text(key), is.text(key)));
      }
    }
    return changed;
  }
}
