package io.adamant.study;

import io.adamant.config.ConfigException;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.config.StudyConfig;
import io.adamant.data.Dataset;
import io.adamant.data.DatasetSpec;
import io.adamant.train.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The runs of a study with everything resolved: settings checked, data opened, identities known.
 * Whatever is wrong with any run shows here, before the first one trains.
 */
public final class StudyPlan implements AutoCloseable {

  /**
   * A run with its identity.
   *
   * @param arm name of its arm
   * @param label arm and whatever else varies
   * @param config resolved
   * @param data open
   * @param id name of its directory
   */
  public record Item(String arm, String label, RunConfig config, Dataset data, String id) {}

  private final String name;
  private final String title;
  private final List<Item> items;
  private final Map<DatasetSpec, Dataset> datasets;

  private StudyPlan(
      String name, String title, List<Item> items, Map<DatasetSpec, Dataset> datasets) {
    this.name = name;
    this.title = title;
    this.items = List.copyOf(items);
    this.datasets = datasets;
  }

  /**
   * Plans a study.
   *
   * @param study as read
   * @param cache directory of token stores
   * @param progress takes a line while a corpus is tokenized
   * @return the plan; close it
   * @throws ConfigException if any run cannot be trained as configured
   */
  public static StudyPlan of(StudyConfig study, Path cache, Consumer<String> progress) {
    return of(study.name(), study.title(), study.plan(), cache, progress);
  }

  /**
   * Plans one run, as a study of its own.
   *
   * @param name of the results folder
   * @param config as read
   * @param cache directory of token stores
   * @param progress takes a line while a corpus is tokenized
   * @return the plan; close it
   * @throws ConfigException if the run cannot be trained as configured
   */
  public static StudyPlan ofRun(
      String name, RunConfig config, Path cache, Consumer<String> progress) {
    PlannedRun run = new PlannedRun(config.optimizer().type(), name, config);
    return of(name, "", List.of(run), cache, progress);
  }

  private static StudyPlan of(
      String name, String title, List<PlannedRun> runs, Path cache, Consumer<String> progress) {
    Map<DatasetSpec, Dataset> datasets = new HashMap<>();
    List<Item> items = new ArrayList<>();
    Map<String, String> labels = new LinkedHashMap<>();
    for (PlannedRun run : runs) {
      RunConfig config = named(run, () -> Trainer.resolve(run.config()));
      Dataset data =
          datasets.computeIfAbsent(
              Trainer.dataset(config), spec -> Dataset.open(spec, cache, progress));
      named(run, () -> Trainer.checkData(config, data));
      String id = Trainer.runId(config, data);
      String twin = labels.putIfAbsent(id, run.label());
      if (twin == null) {
        items.add(new Item(run.arm(), run.label(), config, data, id));
      } else {
        progress.accept(run.label() + " is the same run as " + twin + "; it is trained once");
      }
    }
    return new StudyPlan(name, title, items, datasets);
  }

  /** Puts the run's label in front of what is wrong with it. */
  private static <T> T named(PlannedRun run, Supplier<T> check) {
    try {
      return check.get();
    } catch (ConfigException e) {
      throw new ConfigException("run '" + run.label() + "': " + e.getMessage(), e);
    }
  }

  /**
   * The study's name.
   *
   * @return name of its results folder
   */
  public String name() {
    return name;
  }

  /**
   * The study's title.
   *
   * @return may be empty
   */
  public String title() {
    return title;
  }

  /**
   * All runs, each identity once.
   *
   * @return in the study's order
   */
  public List<Item> items() {
    return items;
  }

  @Override
  public void close() {
    datasets.values().forEach(Dataset::close);
  }
}
