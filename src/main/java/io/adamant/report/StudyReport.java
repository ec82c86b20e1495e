package io.adamant.report;

import io.adamant.base.DurableFiles;
import io.adamant.chart.Chart;
import io.adamant.chart.Palette;
import io.adamant.chart.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a report shows, whoever draws it.
 *
 * @param study the runs
 * @param table the comparison of all arms
 * @param drawn names of the arms that the charts show, with the key of their colour
 * @param overview what was run, before the comparison table
 * @param sections curves, after it
 */
public record StudyReport(
    StudyData study,
    ComparisonTable table,
    Map<String, Integer> drawn,
    Section overview,
    List<Section> sections) {

  /** Takes copies. */
  public StudyReport {
    drawn = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(drawn));
    sections = List.copyOf(sections);
  }

  /**
   * Composes the report of a study. Charts show, of each arm, the point of its grid with the lowest
   * validation loss, and at most as many arms as {@link Palette} tells apart, the best ones.
   */
  public static StudyReport of(StudyData study) {
    ComparisonTable table = ComparisonTable.of(study);
    List<ArmCurves> curves = curves(study, table);
    Map<String, Integer> drawn = new LinkedHashMap<>();
    curves.forEach(arm -> drawn.put(arm.name(), arm.colour()));
    List<Section> sections =
        Stream.of(
                CompareSection.of(study),
                ConfirmSection.of(study),
                HalvingSection.of(study),
                SeedSection.of(study, table),
                LossSection.of(curves),
                TimeSection.of(study.comparable() ? curves : List.of()),
                TaskSection.of(curves),
                SampleSection.of(curves),
                RateSection.of(study),
                BetaSection.of(study),
                DivergenceSection.of(study),
                StepSection.of(curves),
                ScalesSection.of(curves),
                DriftSection.of(curves),
                MemorySection.of(curves),
                UpdateRmsSection.of(curves),
                IndependentSection.of(curves),
                WeightRmsSection.of(curves),
                AngleSection.of(curves),
                SignFlipsSection.of(curves),
                SnrSection.of(curves),
                CoordinateSection.of(curves),
                NoiseSection.of(curves))
            .filter(section -> !section.blank())
            .toList();
    return new StudyReport(study, table, drawn, OverviewSection.of(study, table, drawn), sections);
  }

  /** All charts, in the order of the page. */
  public List<Chart> charts() {
    return sections.stream().flatMap(section -> section.charts().stream()).toList();
  }

  /** All tables in one Markdown text, the comparison first. */
  public String markdown() {
    return table.markdown()
        + sections.stream().map(Section::markdown).collect(Collectors.joining());
  }

  /** The sections' tables as files: {@code ID.csv}, and {@code ID-2.csv} for a second one. */
  List<Path> writeTables(Path directory) {
    List<Path> files = new ArrayList<>();
    for (Section section : sections) {
      for (int i = 0; i < section.tables().size(); i++) {
        String name = section.id() + (i == 0 ? "" : "-" + (i + 1)) + ".csv";
        files.add(DurableFiles.write(directory.resolve(name), section.tables().get(i).csv()));
      }
    }
    return files;
  }

  private static List<ArmCurves> curves(StudyData study, ComparisonTable table) {
    List<ArmRuns> best = table.winners().values().stream().limit(Palette.size()).toList();
    List<ArmRuns> drawn = study.arms().stream().filter(best::contains).toList();
    List<Integer> colours = Palette.keys(drawn.stream().map(ArmRuns::arm).toList());
    return IntStream.range(0, drawn.size())
        .mapToObj(i -> new ArmCurves(drawn.get(i), colours.get(i)))
        .toList();
  }
}
