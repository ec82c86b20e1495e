package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.results.RunData;
import io.adamant.results.RunFolders;
import io.adamant.results.RunStatus;
import io.adamant.results.StudyRecord;
import io.adamant.stats.Statistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How far studies are that still train, from their files alone: their arms side by side.
 *
 * @param arms in the order of the report
 */
public record Progress(List<Arm> arms) {

  /**
   * How far an arm is.
   *
   * @param name of the arm
   * @param planned its runs, as far as {@code study.yaml} lists them
   * @param finished runs with all their steps
   * @param diverged runs that the guard gave up, and runs that failed or were given up
   * @param begun runs that are being trained
   * @param stopped runs that stopped at a rung for good
   * @param loss mean training loss of the runs that are being trained, over the last ten steps of
   *     each; of an arm that is done the mean validation loss, nats per token
   * @param tokensLeft that its runs will still train on
   * @param tokensPerSecond of the runs that are being trained, together
   */
  public record Arm(
      String name,
      long planned,
      long finished,
      long diverged,
      long begun,
      long stopped,
      double loss,
      double tokensLeft,
      double tokensPerSecond) {

    long done() {
      return finished + diverged + stopped;
    }
  }

  /** Takes a copy. */
  public Progress {
    arms = List.copyOf(arms);
  }

  /** How a run without a result stands: failed where nobody will go on with it. */
  @FunctionalInterface
  public interface Standing {
    /**
     * Looks at a run.
     *
     * @param study folder of its study
     * @param id its identity
     * @return failed, unfinished while it is being trained, or interrupted
     */
    RunStatus of(Path study, String id);
  }

  /** Counts the runs of studies that have been read. */
  public static Progress of(StudyData study, List<Path> directories, Standing standing) {
    Map<String, Long> planned = new LinkedHashMap<>();
    Map<String, Long> lost = new HashMap<>(); // given up before they wrote their settings
    Set<String> known =
        Stream.concat(study.runs().stream(), study.confirming().stream())
            .map(run -> RunFolders.id(run.directory()))
            .collect(Collectors.toSet());
    for (Path directory : directories) {
      StudyRecord.read(directory).map(StudyRecord::runs).orElse(List.of()).stream()
          .filter(run -> !run.id().isEmpty())
          .forEach(
              run -> {
                planned.merge(run.arm(), 1L, Long::sum);
                if (!known.contains(run.id())
                    && standing.of(directory, run.id()) == RunStatus.FAILED) {
                  lost.merge(run.arm(), 1L, Long::sum);
                }
              });
    }
    Map<String, List<RunData>> runs = new LinkedHashMap<>();
    study.runs().forEach(r -> runs.computeIfAbsent(r.arm(), a -> new ArrayList<>()).add(r));
    study
        .confirming()
        .forEach(
            r -> runs.computeIfAbsent(r.arm() + " on fresh seeds", a -> new ArrayList<>()).add(r));
    double usual = study.runs().stream().mapToDouble(r -> r.config().tokens()).average().orElse(0);
    Set<String> names = new LinkedHashSet<>(planned.keySet());
    names.addAll(runs.keySet());
    List<Arm> arms = new ArrayList<>();
    for (String name : names) {
      List<RunData> own = runs.getOrDefault(name, List.of());
      long gone = lost.getOrDefault(name, 0L);
      arms.add(
          arm(
              name,
              own,
              run -> standing(run, directories, standing),
              planned.getOrDefault(name, 0L),
              gone,
              usual));
    }
    return new Progress(arms);
  }

  private static RunStatus standing(RunData run, List<Path> directories, Standing standing) {
    RunStatus status = run.summary().status();
    return !status.bad() && status != RunStatus.FINISHED
        ? directories.stream()
            .filter(run.directory()::startsWith)
            .findFirst()
            .map(study -> standing.of(study, RunFolders.id(run.directory())))
            .orElse(status)
        : status;
  }

  private static Arm arm(
      String name,
      List<RunData> runs,
      Function<RunData, RunStatus> standing,
      long planned,
      long lost,
      double usual) {
    Map<RunStatus, List<RunData>> by = runs.stream().collect(Collectors.groupingBy(standing));
    List<RunData> begun = by.getOrDefault(RunStatus.UNFINISHED, List.of());
    List<RunData> interrupted = by.getOrDefault(RunStatus.INTERRUPTED, List.of());
    long stopped = by.getOrDefault(RunStatus.STOPPED, List.of()).size();
    long finished = by.getOrDefault(RunStatus.FINISHED, List.of()).size();
    long all = Math.max(planned, runs.size() + lost);
    double each = runs.stream().mapToDouble(r -> r.config().tokens()).average().orElse(usual);
    double left =
        (all - lost - runs.size()) * each
            + Stream.concat(begun.stream(), interrupted.stream())
                .mapToDouble(run -> Math.max(0, run.config().tokens() - run.summary().tokens()))
                .sum();
    double loss =
        Statistics.mean(
            (begun.isEmpty() ? runs : begun)
                .stream()
                    .mapToDouble(
                        r -> begun.isEmpty() ? r.summary().valLoss() : r.summary().trainLoss())
                    .filter(Double::isFinite)
                    .toArray());
    double speed =
        begun.stream()
            .mapToDouble(run -> run.summary().tokensPerSecond())
            .filter(Double::isFinite)
            .sum();
    return new Arm(
        name,
        all,
        finished,
        runs.size() + lost - finished - begun.size() - interrupted.size() - stopped,
        begun.size(),
        stopped,
        loss,
        left,
        speed);
  }

  /** Whether a run is still to train. */
  public boolean open() {
    return arms.stream().anyMatch(arm -> arm.done() < arm.planned());
  }

  /** The sums in one line. */
  public String line() {
    long planned = arms.stream().mapToLong(Arm::planned).sum();
    long done = arms.stream().mapToLong(Arm::done).sum();
    long begun = arms.stream().mapToLong(Arm::begun).sum();
    long diverged = arms.stream().mapToLong(Arm::diverged).sum();
    long stopped = arms.stream().mapToLong(Arm::stopped).sum();
    double tokens = arms.stream().mapToDouble(Arm::tokensLeft).sum();
    double speed = arms.stream().mapToDouble(Arm::tokensPerSecond).sum();
    String left = left(tokens, speed);
    return Digits.format("%d of %d runs done, %d training", done, planned, begun)
        + (stopped == 0 ? "" : Digits.format(", %d stopped at a rung", stopped))
        + (diverged == 0 ? "" : Digits.format(", %d diverged or given up", diverged))
        + (left.isEmpty() ? "" : "; about " + left + " left");
  }

  /** The arms side by side. */
  public Table table() {
    Table.Columns<Arm> columns =
        new Table.Columns<Arm>()
            .text("arm", Arm::name)
            .text("runs done", arm -> arm.done() + "/" + arm.planned())
            .whole("training", Arm::begun);
    if (arms.stream().anyMatch(arm -> arm.stopped() > 0)) {
      columns.whole("stopped at a rung", Arm::stopped);
    }
    return columns
        .whole("diverged or given up", Arm::diverged)
        .number("latest loss", loss -> Digits.fixed(loss, 4), Arm::loss)
        .text("time left", arm -> left(arm.tokensLeft(), arm.tokensPerSecond()))
        .of("", arms);
  }

  /** At the speed of the runs that are being trained; empty while there is none. */
  private static String left(double tokens, double speed) {
    return tokens > 0 && speed > 0 ? Digits.duration(tokens / speed) : "";
  }

  /** The first section of a page that is written again. */
  Section section(int seconds) {
    return Section.of("now", "Still training")
        .say(
            line()
                + ". This page loads itself again every "
                + Digits.plural(seconds, "second")
                + ".")
        .table(table())
        .done();
  }
}
