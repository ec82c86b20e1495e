package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.config.StopConfig;
import io.adamant.results.RunData;
import io.adamant.results.RunFolders;
import io.adamant.results.RunStatus;
import io.adamant.results.RungFiles;
import io.adamant.results.StudyRecord;
import io.adamant.stats.RankCorrelation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What stopped at rungs, and how well losses there foretold the final ones. */
final class HalvingSection {

  private HalvingSection() {}

  /**
   * A rung of the settings that are compared there.
   *
   * @param group the arm; empty where all arms compete
   * @param step of the rung
   * @param reached settings with a loss there
   * @param wentOn of them those that went on
   * @param order how the ranks there go with those at the end, over the settings that finished
   */
  private record Row(String group, long step, int reached, int wentOn, RankCorrelation order) {}

  static Section of(StudyData study) {
    Map<Path, List<ArmRuns>> folders = new LinkedHashMap<>();
    for (ArmRuns arm : study.arms()) {
      RunFolders.study(arm.runs().get(0).directory())
          .ifPresent(folder -> folders.computeIfAbsent(folder, f -> new ArrayList<>()).add(arm));
    }
    List<Row> rows = new ArrayList<>();
    folders.forEach((folder, arms) -> rows.addAll(rows(folder, arms)));
    Section.Builder section = Section.of("halving", "Stopped at rungs");
    if (rows.isEmpty()) {
      return section.done();
    }
    return section
        .say(saved(study.runs()))
        .say(
            "Whether a rung tells who will win: Kendall's τ between the validation losses there and"
                + " the final ones, over the settings that finished, means over seeds. The settings"
                + " that finished are those that were ahead at the rungs, so τ says nothing of what"
                + " was stopped, and is lower than over a whole grid, since those left are close to one"
                + " another. Without stop: the same command finishes all, and then τ is that of the"
                + " whole grid.")
        .table(table(rows))
        .done();
  }

  /** What was not trained. */
  private static Optional<String> saved(List<RunData> runs) {
    List<RunData> stopped =
        runs.stream().filter(run -> run.summary().status() == RunStatus.STOPPED).toList();
    double all = runs.stream().mapToDouble(run -> run.config().tokens()).sum();
    double less =
        stopped.stream().mapToDouble(run -> run.config().tokens() - run.summary().tokens()).sum();
    return stopped.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Digits.format(
                "%d of %d runs stopped at a rung, with their checkpoints: %,.0f of %,.0f tokens"
                    + " saved (%.0f %%). Their loss in the other tables is that of the rung.",
                stopped.size(), runs.size(), less, all, 100 * less / all));
  }

  private static List<Row> rows(Path folder, List<ArmRuns> arms) {
    boolean together =
        StudyRecord.read(folder)
            .flatMap(StudyRecord::stop)
            .filter(stop -> stop.within() == StopConfig.Within.STUDY)
            .isPresent();
    Map<String, List<ArmRuns>> groups = new LinkedHashMap<>();
    for (ArmRuns arm : arms) {
      groups.computeIfAbsent(together ? "" : arm.arm(), g -> new ArrayList<>()).add(arm);
    }
    RungFiles files = new RungFiles(folder);
    List<Long> steps = RungFiles.steps(folder);
    steps.forEach(files::refresh);
    return groups.entrySet().stream()
        .flatMap(group -> steps.stream().map(s -> row(group.getKey(), s, group.getValue(), files)))
        .filter(row -> row.reached() > 0)
        .toList();
  }

  private static Row row(String group, long step, List<ArmRuns> arms, RungFiles files) {
    List<ArmRuns> reached =
        arms.stream().filter(arm -> !Double.isNaN(loss(arm, step, files))).toList();
    int wentOn =
        (int)
            reached.stream()
                .filter(arm -> arm.runs().stream().anyMatch(r -> files.wentOn(step, r.id())))
                .count();
    List<ArmRuns> finished =
        reached.stream()
            .filter(arm -> Double.isFinite(arm.wholeLoss()))
            .filter(arm -> Double.isFinite(loss(arm, step, files)))
            .toList();
    return new Row(
        group,
        step,
        reached.size(),
        wentOn,
        RankCorrelation.of(
            finished.stream().mapToDouble(arm -> loss(arm, step, files)).toArray(),
            finished.stream().mapToDouble(ArmRuns::wholeLoss).toArray(),
            ComparisonTable.LEVEL));
  }

  /** Mean over seeds; NaN unless all have reached the rung. */
  private static double loss(ArmRuns arm, long step, RungFiles files) {
    List<Double> losses =
        arm.runs().stream()
            .map(run -> files.losses(step).get(run.id()))
            .filter(Objects::nonNull)
            .toList();
    return losses.size() < arm.runs().size()
        ? Double.NaN
        : losses.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  private static Table table(List<Row> rows) {
    Table.Columns<Row> columns = new Table.Columns<>();
    if (rows.stream().anyMatch(row -> !row.group().isEmpty())) {
      columns.text("arm", Row::group);
    }
    return columns
        .number("rung at step", Digits::count, Row::step)
        .whole("settings that reached it", Row::reached)
        .whole("went on", Row::wentOn)
        .whole("finished", row -> row.order().n())
        .text("τ with the final loss", row -> tau(row.order()))
        .text("95 % interval", row -> interval(row.order()))
        .number(
            "pairs in the same order",
            share -> Double.isNaN(share) ? "" : Digits.format("%.0f %%", 100 * share),
            row -> row.order().concordance())
        .of("Rungs, and what they foretold", rows);
  }

  private static String tau(RankCorrelation order) {
    return Double.isNaN(order.tau()) ? "" : Digits.fixed(order.tau(), 2);
  }

  private static String interval(RankCorrelation order) {
    return Double.isFinite(order.interval().low())
        ? Digits.fixed(order.interval().low(), 2)
            + " to "
            + Digits.fixed(order.interval().high(), 2)
        : "too few settings";
  }
}
