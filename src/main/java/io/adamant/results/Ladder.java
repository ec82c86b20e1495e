package io.adamant.results;

import io.adamant.base.InputException;
import io.adamant.config.StopConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Who goes on from which rung of a study, from its files alone ({@link RungFiles} and results), so
 * that every process that reads the same files decides the same.
 *
 * <p>What is ranked is a setting: the runs that differ in nothing but their seed, by the mean of
 * their validation losses at the rung, once all of them have reached it; they go on together. A
 * seed that diverged, or that nobody tries any more, makes the mean infinite. Of n settings that
 * have reached a rung the best &lfloor;n/&eta;&rfloor; go on. A rung is closed when no other
 * setting can reach it: then at least one goes on, and the others have stopped for good, unless the
 * study grows.
 */
public final class Ladder {

  /**
   * A run of the study.
   *
   * @param arm name of its arm
   * @param setting equal for the runs that differ in nothing but their seed
   * @param id its identity
   * @param steps its length
   */
  public record Run(String arm, Object setting, String id, long steps) {

    /**
     * A run of a record.
     *
     * @param run as a study's folder records it
     * @return the same, without making a configuration of its settings
     */
    public static Run of(StudyRecord.Run run) {
      Map<String, Object> setting = new LinkedHashMap<>(run.settings());
      long steps = 0;
      if (setting.get("training") instanceof Map<?, ?> training) {
        Map<Object, Object> seedless = new LinkedHashMap<>(training);
        seedless.remove("seed");
        setting.put("training", seedless);
        steps = training.get("steps") instanceof Number number ? number.longValue() : 0;
      }
      return new Run(run.arm(), setting, run.id(), steps);
    }
  }

  /** What a run may do. */
  public enum State {
    /** It is not held at a rung. */
    FREE,
    /** It is held at a rung and among those that go on: whoever is free continues it. */
    PROMOTED,
    /** It is held at a rung; later results may let it on. */
    WAITING,
    /** It is held at a rung for good. */
    STOPPED
  }

  /**
   * Where a run is.
   *
   * @param state what it may do
   * @param step of the last rung that it has reached; 0 before the first
   * @param rank of its setting there, 1 for the lowest loss; 0 while seeds of it are missing
   * @param of settings that have reached the rung
   * @param kept how many of them go on
   */
  public record Place(State state, long step, int rank, int of, int kept) {

    /** Not held. */
    public static final Place FREE = new Place(State.FREE, 0, 0, 0, 0);

    /**
     * Whether the run is held at a rung.
     *
     * @return true while it may not go on
     */
    public boolean held() {
      return state == State.WAITING || state == State.STOPPED;
    }

    /**
     * The rank in words.
     *
     * @return such as {@code rank 3 of 4 at the rung, of which 1 goes on}
     */
    public String words() {
      return rank == 0
          ? "other seeds of its setting have not reached the rung"
          : "rank %s of %s%s at the rung, of which %s %s on"
              .formatted(
                  rank,
                  of,
                  state == State.WAITING ? " so far" : "",
                  kept == 0 ? "none" : kept,
                  kept > 1 ? "go" : "goes");
    }
  }

  /**
   * A rung as it stands.
   *
   * @param group arm within which settings are compared; empty for the whole study
   * @param step of the rung
   * @param planned settings that could still be there, or are
   * @param reached settings whose seeds have all reached it
   * @param kept of them those that the rule lets go on
   * @param wentOn settings of which a seed has gone on
   * @param closed whether no other setting can reach it
   */
  public record Rung(
      String group, long step, int planned, int reached, int kept, int wentOn, boolean closed) {}

  /** Equal to itself alone. */
  private static final class Setting {
    private final List<Run> runs;

    Setting(List<Run> runs) {
      this.runs = List.copyOf(runs);
    }

    List<Run> runs() {
      return runs;
    }
  }

  /** How a run ended, as far as that bears on the rungs. */
  private enum End {
    FINISHED,
    LOST
  }

  private final StopConfig stop;
  private final Path study;
  private final Predicate<String> givenUp;
  private final RungFiles files;
  private final Map<String, List<Setting>> groups = new LinkedHashMap<>();
  private final Map<String, Long> lengths = new HashMap<>(); // of the runs, by identity
  private final Map<String, RunStatus> results = new HashMap<>(); // never change
  private Map<String, Place> places = Map.of();
  private List<Rung> rungs = List.of();

  /**
   * A ladder.
   *
   * @param stop the rule
   * @param runs of the study, in its order; one that two arms ask for is there twice
   * @param study its folder
   * @param givenUp whether nobody tries a run any more, by its identity
   */
  public Ladder(StopConfig stop, List<Run> runs, Path study, Predicate<String> givenUp) {
    this.stop = stop;
    this.study = study;
    this.givenUp = givenUp;
    this.files = new RungFiles(study);
    Map<String, Map<Object, List<Run>>> grouped = new LinkedHashMap<>();
    for (Run run : runs) {
      lengths.put(run.id(), run.steps());
      grouped
          .computeIfAbsent(
              stop.within() == StopConfig.Within.ARM ? run.arm() : "", g -> new LinkedHashMap<>())
          .computeIfAbsent(List.of(run.arm(), run.setting()), s -> new ArrayList<>())
          .add(run);
    }
    grouped.forEach(
        (group, settings) ->
            groups.put(group, settings.values().stream().map(Setting::new).toList()));
    refresh();
  }

  /**
   * The ladder that a study's folder records.
   *
   * @param study its folder
   * @param givenUp whether nobody tries a run any more, by its identity
   * @return empty if the study stops no run
   * @throws InputException if the record cannot be understood
   */
  public static Optional<Ladder> read(Path study, Predicate<String> givenUp) {
    return StudyRecord.read(study)
        .filter(record -> record.stop().isPresent())
        .map(
            record ->
                new Ladder(
                    record.stop().get(),
                    record.runs().stream().map(Run::of).toList(),
                    study,
                    givenUp));
  }

  /** Reads the files again. */
  public void refresh() {
    Map<String, Place> found = new HashMap<>();
    List<Rung> seen = new ArrayList<>();
    Map<String, Optional<End>> ends = new HashMap<>();
    lengths.values().stream()
        .distinct()
        .flatMap(steps -> stop.below(steps).stream())
        .distinct()
        .forEach(files::refresh);
    groups.forEach((group, settings) -> climb(group, settings, ends, found, seen));
    places = found;
    rungs = seen;
  }

  private void climb(
      String group,
      List<Setting> settings,
      Map<String, Optional<End>> ends,
      Map<String, Place> found,
      List<Rung> seen) {
    List<Setting> candidates = settings;
    boolean closed = true;
    for (long step : stop.below(settings.get(0).runs().get(0).steps())) {
      Map<Setting, Double> values = new LinkedHashMap<>();
      Set<Setting> outside = new HashSet<>(); // they passed before there was such a rung
      for (Setting setting : candidates) {
        Optional<OptionalDouble> value = value(setting, step, ends);
        if (value.isEmpty()) {
          closed = false;
        } else if (value.get().isEmpty()) {
          outside.add(setting);
        } else {
          values.put(setting, value.get().getAsDouble());
        }
      }
      Map<Setting, Integer> ranked = new HashMap<>();
      values.keySet().stream()
          .sorted(Comparator.comparingDouble(values::get))
          .forEach(setting -> ranked.put(setting, ranked.size() + 1));
      int kept = stop.kept(ranked.size(), closed);
      List<Setting> next = new ArrayList<>();
      int wentOn = 0;
      for (Setting setting : candidates) {
        int rank = ranked.getOrDefault(setting, 0);
        boolean gone = setting.runs().stream().anyMatch(run -> files.wentOnByRule(step, run.id()));
        boolean top = rank > 0 && rank <= kept && Double.isFinite(values.get(setting));
        boolean goesOn = gone || top || outside.contains(setting);
        if (goesOn) {
          next.add(setting);
        }
        wentOn += gone ? 1 : 0;
        State held = goesOn ? State.PROMOTED : closed ? State.STOPPED : State.WAITING;
        for (Run run : setting.runs()) {
          if (files.losses(step).containsKey(run.id())) {
            State state = files.wentOn(step, run.id()) ? State.FREE : held;
            put(found, run.id(), new Place(state, step, rank, ranked.size(), kept));
          }
        }
      }
      seen.add(new Rung(group, step, candidates.size(), ranked.size(), kept, wentOn, closed));
      candidates = next;
    }
  }

  /** A run that two arms ask for goes on if one of them lets it. */
  private static void put(Map<String, Place> found, String id, Place place) {
    found.merge(
        id,
        place,
        (before, now) ->
            before.step() < now.step()
                    || (before.step() == now.step() && now.state().compareTo(before.state()) < 0)
                ? now
                : before);
  }

  /**
   * The mean loss of a setting at a rung.
   *
   * @return empty while a seed is on its way there; an empty number if all seeds passed it without
   *     a loss
   */
  private Optional<OptionalDouble> value(
      Setting setting, long step, Map<String, Optional<End>> ends) {
    double sum = 0;
    int count = 0;
    for (Run run : setting.runs()) {
      Double loss = files.losses(step).get(run.id());
      if (loss == null && !passed(run, step)) {
        Optional<End> end = ends.computeIfAbsent(run.id(), this::end);
        if (end.isEmpty()) {
          return Optional.empty();
        }
        loss = end.get() == End.LOST ? (Double) Double.POSITIVE_INFINITY : null;
      }
      if (loss != null) {
        sum += loss;
        count++;
      }
    }
    return Optional.of(count == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / count));
  }

  /** Whether a run is at a later rung, as after a rung was added. */
  private boolean passed(Run run, long step) {
    return stop.below(run.steps()).stream()
        .anyMatch(rung -> rung > step && files.losses(rung).containsKey(run.id()));
  }

  private Optional<End> end(String id) {
    RunStatus status = results.get(id);
    if (status == null) {
      Path folder = study.resolve("runs").resolve(id);
      Optional<RunSummary> result = RunDirectory.summary(folder).filter(RunSummary::isFinal);
      if (result.isEmpty()) {
        return givenUp.test(id) ? Optional.of(End.LOST) : Optional.empty();
      }
      status = result.get().status();
      results.put(id, status);
    }
    return Optional.of(status == RunStatus.FINISHED ? End.FINISHED : End.LOST);
  }

  /**
   * Where a run is, as of the last {@link #refresh}.
   *
   * @param id its identity
   * @return {@link State#FREE} also for a run that the study's grids do not have
   */
  public Place place(String id) {
    return places.getOrDefault(id, Place.FREE);
  }

  /**
   * Whether nothing is left to do for a run, as of the last {@link #refresh}.
   *
   * @param id its identity
   * @return true if it stopped at a rung for good
   */
  public boolean isStopped(String id) {
    return place(id).state() == State.STOPPED;
  }

  /**
   * The rungs, as of the last {@link #refresh}.
   *
   * @return by group, rising
   */
  public List<Rung> rungs() {
    return rungs;
  }

  /**
   * Whether a run has to stop after a step and ask.
   *
   * @param id its identity
   * @param step steps done
   * @return true at a rung that it has not gone on from
   */
  public boolean asks(String id, long step) {
    return lengths.containsKey(id)
        && stop.below(lengths.get(id)).contains(step)
        && !files.wentOn(step, id);
  }

  /**
   * Notes that a run has reached a rung, and decides.
   *
   * @param id its identity
   * @param step of the rung
   * @param loss on the validation text
   * @param worker who trains it, for people
   * @return where it is; it goes on unless it is {@linkplain Place#held() held}
   */
  public Place reached(String id, long step, double loss, String worker) {
    files.reached(step, id, loss, worker);
    refresh();
    Place place = place(id);
    if (place.state() != State.FREE) {
      files.decided(place, id, !place.held(), worker);
      refresh();
    }
    return place;
  }

  /**
   * Notes that a run that was held goes on.
   *
   * @param id its identity, of a run that is promoted
   * @param worker who continues it, for people
   */
  public void promote(String id, String worker) {
    files.decided(place(id), id, true, worker);
    refresh();
  }

  /**
   * Lets a run go on to its end, whatever its rank.
   *
   * @param id its identity
   * @param who says so, for people
   * @throws InputException if the study has no such run
   */
  public void letOn(String id, String who) {
    if (!lengths.containsKey(id)) {
      throw new InputException("no run " + id + " in the study; runs.csv and --status name them");
    }
    stop.below(lengths.get(id)).forEach(step -> files.byHand(step, id, who));
    refresh();
  }

  /**
   * The least that the study can train: every rung is reached by all settings before one goes on.
   *
   * @return how far each run gets
   */
  public List<Share> least() {
    List<Share> shares = new ArrayList<>();
    groups.forEach(
        (group, settings) -> {
          List<Setting> left = settings;
          for (long step : stop.below(settings.get(0).runs().get(0).steps())) {
            int kept = stop.kept(left.size(), true);
            left.subList(kept, left.size())
                .forEach(s -> s.runs().forEach(run -> shares.add(new Share(run.id(), step))));
            left = left.subList(0, kept);
          }
          left.forEach(s -> s.runs().forEach(run -> shares.add(new Share(run.id(), run.steps()))));
        });
    return shares;
  }

  /**
   * How far a run of the study may get at least.
   *
   * @param id its identity
   * @param steps it trains
   */
  public record Share(String id, long steps) {}
}
