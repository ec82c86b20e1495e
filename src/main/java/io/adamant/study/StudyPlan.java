package io.adamant.study;

import io.adamant.base.Granted;
import io.adamant.base.InputException;
import io.adamant.config.ConfirmConfig;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.config.StudyConfig;
import io.adamant.data.DatasetSpec;
import io.adamant.data.Overlap;
import io.adamant.data.TokenDataset;
import io.adamant.results.StudyRecord;
import io.adamant.train.ParameterGroups;
import io.adamant.train.RunIdentity;
import io.adamant.train.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The runs of a study with everything resolved: settings checked, data opened, identities known.
 * Whatever is wrong with any run shows here, before the first one trains.
 */
public final class StudyPlan implements AutoCloseable {

  /** A run with its identity; one of a record is resolved when somebody wants to train it. */
  public static final class Item {
    private final String arm;
    private final String label;
    private final String id;
    private final Supplier<Resolved> source;
    private Resolved resolved;

    /**
     * A run.
     *
     * @param arm name of its arm
     * @param label arm and whatever else varies
     * @param config resolved
     * @param data open
     * @param id name of its directory
     */
    public Item(String arm, String label, RunConfig config, TokenDataset data, String id) {
      this(arm, label, id, () -> new Resolved(config, data));
    }

    private Item(String arm, String label, String id, Supplier<Resolved> source) {
      this.arm = arm;
      this.label = label;
      this.id = id;
      this.source = source;
    }

    /** Name of its arm. */
    public String arm() {
      return arm;
    }

    /** Its arm and whatever else varies. */
    public String label() {
      return label;
    }

    /** Name of its directory. */
    public String id() {
      return id;
    }

    /**
     * Its configuration, resolved.
     *
     * @throws InputException if this program, with the data as it is, cannot train it or knows it
     *     by another identity
     */
    public RunConfig config() {
      return resolved().config();
    }

    /** Its data, open; errors as {@link #config}. */
    public TokenDataset data() {
      return resolved().data();
    }

    private synchronized Resolved resolved() {
      if (resolved == null) {
        resolved = source.get();
      }
      return resolved;
    }
  }

  private record Resolved(RunConfig config, TokenDataset data) {}

  /**
   * A run as the study asks for it; two arms may ask for the same one.
   *
   * @param arm name of the arm
   * @param label arm and whatever else varies
   * @param item the run, which may bear the name of another arm
   */
  record ArmRun(String arm, String label, Item item) {}

  private final String name;
  private final String title;
  private final List<ArmRun> armRuns;
  private final List<Item> items;
  private final Map<DatasetSpec, TokenDataset> datasets;
  private final Optional<ConfirmConfig> confirm;

  private StudyPlan(
      String name,
      String title,
      Optional<ConfirmConfig> confirm,
      List<ArmRun> armRuns,
      Map<DatasetSpec, TokenDataset> datasets) {
    this.confirm = confirm;
    this.name = name;
    this.title = title;
    this.armRuns = List.copyOf(armRuns);
    this.items = armRuns.stream().map(ArmRun::item).distinct().toList();
    this.datasets = datasets;
  }

  /**
   * Refuses what is wrong with a study's runs as far as that shows without the engine.
   *
   * @param study as read
   * @throws InputException as {@link Training#check}, or if a file of the data is not there
   */
  public static void check(StudyConfig study) {
    check(study.plan());
  }

  /**
   * Refuses what is wrong with a run as far as that shows without the engine.
   *
   * @param name of the results folder
   * @param config as read
   * @throws InputException as {@link Training#check}, or if a file of the data is not there
   */
  public static void check(String name, RunConfig config) {
    check(List.of(new PlannedRun(config.optimizer().name(), name, config)));
  }

  private static void check(List<PlannedRun> runs) {
    Set<DatasetSpec> seen = new HashSet<>();
    for (PlannedRun run : runs) {
      DatasetSpec data = Training.dataset(run.config());
      named(
          run,
          () -> {
            Training.check(run.config());
            return run;
          });
      if (seen.add(data)) {
        TokenDataset.requireFiles(data);
      }
    }
  }

  /**
   * Plans a study.
   *
   * @param study as read
   * @param workers that share this machine's threads
   * @param cache directory of token stores
   * @param progress takes a line while a corpus is tokenized
   * @return the plan; close it
   * @throws InputException if any run cannot be trained as configured
   */
  public static StudyPlan of(
      StudyConfig study, int workers, Path cache, Consumer<String> progress) {
    int share = Math.max(1, Granted.here().threads() / workers);
    return of(study.name(), study.title(), study.confirm(), study.plan(), share, cache, progress);
  }

  /**
   * Plans runs that no study's file lists.
   *
   * @param name of the results folder
   * @param title for reports, may be empty
   * @param runs at least one, their labels unique
   * @param workers that share this machine's threads
   * @param cache directory of token stores
   * @param progress takes a line while a corpus is tokenized
   * @return the plan; close it
   * @throws InputException if any run cannot be trained as configured
   */
  public static StudyPlan ofRuns(
      String name,
      String title,
      List<PlannedRun> runs,
      int workers,
      Path cache,
      Consumer<String> progress) {
    int share = Math.max(1, Granted.here().threads() / workers);
    return of(name, title, Optional.empty(), runs, share, cache, progress);
  }

  /**
   * The plan that a study's folder records, for a worker of it.
   *
   * @param directory with {@code study.yaml}
   * @param threads of each run
   * @param device of each run, such as {@code cuda:1}
   * @param cache directory of token stores
   * @return the plan, whose runs are resolved one by one as they are wanted; close it
   * @throws InputException if the record cannot be used
   */
  public static StudyPlan ofRecord(
      StudyDirectory directory, int threads, String device, Path cache) {
    StudyRecord study = directory.read();
    Planner planner = new Planner(threads, cache, line -> {});
    Map<String, Item> items = new LinkedHashMap<>();
    List<ArmRun> armRuns = new ArrayList<>();
    for (StudyRecord.Run run : study.runs()) {
      Supplier<Resolved> source = () -> recorded(run, planner, threads, device, directory.root());
      Item item =
          items.computeIfAbsent(run.id(), id -> new Item(run.arm(), run.label(), id, source));
      armRuns.add(new ArmRun(run.arm(), run.label(), item));
    }
    return new StudyPlan(study.name(), study.title(), study.confirm(), armRuns, planner.datasets);
  }

  /** A machine with other kernels may have written the record since our study process did. */
  private static Resolved recorded(
      StudyRecord.Run run, Planner planner, int threads, String device, Path root) {
    RunConfig config =
        run.config().with(Map.of("training.threads", threads, "training.device", device));
    RunConfig ours =
        Training.withKernels(config, config.training().kernels())
            .orElseGet(() -> config.with("training.kernels", "auto"));
    Resolved resolved = planner.resolve(new PlannedRun(run.arm(), run.label(), ours));
    String id = RunIdentity.of(resolved.config(), resolved.data());
    if (!id.equals(run.id())) {
      throw new InputException(
          root
              + ": run '"
              + run.label()
              + "' is recorded as "
              + run.id()
              + " and is "
              + id
              + " now: the program, the data or an optimizer's file changed; start the study again");
    }
    return resolved;
  }

  /**
   * Plans one run, as a study of its own.
   *
   * @param name of the results folder
   * @param config as read
   * @param cache directory of token stores
   * @param progress takes a line while a corpus is tokenized
   * @return the plan; close it
   * @throws InputException if the run cannot be trained as configured
   */
  public static StudyPlan ofRun(
      String name, RunConfig config, Path cache, Consumer<String> progress) {
    PlannedRun run = new PlannedRun(config.optimizer().name(), name, config);
    int threads = Granted.here().threads();
    return of(name, "", Optional.empty(), List.of(run), threads, cache, progress);
  }

  private static StudyPlan of(
      String name,
      String title,
      Optional<ConfirmConfig> confirm,
      List<PlannedRun> runs,
      int share,
      Path cache,
      Consumer<String> progress) {
    Planner planner = new Planner(share, cache, progress);
    Map<String, Item> items = new LinkedHashMap<>();
    List<ArmRun> armRuns = new ArrayList<>();
    for (PlannedRun run : runs) {
      Resolved resolved = planner.resolve(run);
      String id = RunIdentity.of(resolved.config(), resolved.data());
      Item twin =
          items.putIfAbsent(
              id, new Item(run.arm(), run.label(), resolved.config(), resolved.data(), id));
      armRuns.add(new ArmRun(run.arm(), run.label(), items.get(id)));
      if (twin != null) {
        progress.accept(run.label() + " is the same run as " + twin.label() + "; trained once");
      }
    }
    return new StudyPlan(name, title, confirm, armRuns, planner.datasets);
  }

  /** Resolves runs; those of the same data share it, open. */
  private record Planner(
      int share,
      Path cache,
      Consumer<String> progress,
      Map<DatasetSpec, TokenDataset> datasets,
      Set<String> sources) {

    Planner(int share, Path cache, Consumer<String> progress) {
      this(share, cache, progress, new HashMap<>(), new HashSet<>());
    }

    Resolved resolve(PlannedRun run) {
      RunConfig read = named(run, () -> Training.resolve(withThreads(run.config(), share)));
      TokenDataset data =
          datasets.computeIfAbsent(
              Training.dataset(read), spec -> TokenDataset.open(spec, cache, progress));
      RunConfig config = Training.withVocabulary(read, data);
      named(run, () -> Training.checkData(config, data));
      if (sources.add(config.training().initFrom())) {
        named(
            run,
            () -> {
              Training.checkWeights(config);
              return config;
            });
      }
      named(run, () -> ParameterGroups.size(config, data.tokenizer().vocabularySize()));
      return new Resolved(config, data);
    }
  }

  private static RunConfig withThreads(RunConfig config, int share) {
    return config.training().threads() == 0 ? config.with("training.threads", share) : config;
  }

  /** Puts the run's label in front of what is wrong with it. */
  private static <T> T named(PlannedRun run, Supplier<T> check) {
    try {
      return check.get();
    } catch (InputException e) {
      throw new InputException("run '" + run.label() + "': " + e.getMessage(), e);
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
   * What follows the grids.
   *
   * @return empty if nothing does
   */
  public Optional<ConfirmConfig> confirm() {
    return confirm;
  }

  /**
   * All runs of the grids, each identity once; those on fresh seeds are a {@link Confirmation}.
   *
   * @return in the study's order
   */
  public List<Item> items() {
    return items;
  }

  /** All runs as the study asks for them, in its order. */
  List<ArmRun> armRuns() {
    return armRuns;
  }

  /**
   * What to know of the data before training on it.
   *
   * @return a sentence for each data set that validates on documents of its training part
   */
  public List<String> warnings() {
    return datasets.values().stream()
        .flatMap(
            data ->
                data.overlap().flatMap(Overlap::warning).stream()
                    .map(warning -> data.description() + ": " + warning))
        .sorted()
        .toList();
  }

  @Override
  public void close() {
    datasets.values().forEach(TokenDataset::close);
  }
}
