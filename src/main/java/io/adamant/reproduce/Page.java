package io.adamant.reproduce;

import io.adamant.base.Csv;
import io.adamant.base.DurableFiles;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** All claims on one page: {@code README.md} with figures, and the same as {@code report.html}. */
final class Page {
  private static final String OPEN = "What was not reproduced, and why";
  private static final List<String> GROUPS = List.of("Verdicts", "Controls", "Superseded");
  private static final int OPENING = 3; // figures at the head of the page
  private static final String SUMMARY = "What was asked, and what holds";
  private static final String METHOD = "How verdicts come about";

  private final ClaimLibrary library;
  private final PageSummary summary;
  private final Optional<PublishedComparison> comparison;

  /** Rows that count, then controls, then rows that a later claim corrects. */
  private final List<ClaimStatus> statuses;

  private final Map<String, List<Figure>> figures = new LinkedHashMap<>(); // by row

  Page(
      ClaimLibrary library,
      List<ClaimStatus> rows,
      Optional<PublishedTable> published,
      Optional<PublishedComparison> comparison) {
    this.library = library;
    this.comparison = comparison;
    this.statuses =
        rows.stream()
            .sorted(Comparator.comparingInt(Page::place).thenComparing(status -> !status.run()))
            .toList(); // else as they were
    summary = new PageSummary(library, statuses);
    Set<List<Figure.Line>> drawn = new HashSet<>(); // rows of one set of runs show the same
    for (ClaimStatus status : statuses) {
      List<Figure> own =
          status.claim().supersededBy().isEmpty() ? ClaimFigures.of(status, published) : List.of();
      figures.put(status.id(), own.stream().filter(figure -> drawn.add(figure.lines())).toList());
    }
  }

  /** Its table, of {@link #GROUPS}. */
  private static int place(ClaimStatus status) {
    return status.claim().supersededBy().isPresent() ? 2 : status.counts() ? 0 : 1;
  }

  /** The tables of rows, by heading; without those that would be empty. */
  private Map<String, List<ClaimStatus>> groups() {
    return statuses.stream()
        .collect(
            Collectors.groupingBy(
                status -> GROUPS.get(place(status)), LinkedHashMap::new, Collectors.toList()));
  }

  List<Path> write(Path folder) {
    List<Path> files = new ArrayList<>();
    List<Path> drawn =
        new ChartPage("Reproduction of published claims", sections(), Map.of()).write(folder);
    Path readme = folder.resolve("README.md");
    DurableFiles.write(readme, markdown());
    files.add(readme);
    Path points = folder.resolve("figures.csv");
    DurableFiles.write(points, points().csv());
    files.add(points);
    files.addAll(drawn);
    return files;
  }

  /** A point of a line of a figure. */
  private record Point(Figure figure, Figure.Line line, int at) {}

  /** All figures' data. */
  private Table points() {
    List<Point> points = new ArrayList<>();
    for (List<Figure> some : figures.values()) {
      for (Figure figure : some) {
        for (Figure.Line line : figure.lines()) {
          IntStream.range(0, line.xs().size())
              .mapToObj(at -> new Point(figure, line, at))
              .forEach(points::add);
        }
      }
    }
    return new Table.Columns<Point>()
        .text("figure", point -> point.figure().id())
        .text("line", point -> point.line().name())
        .text("meaning", point -> point.line().meaning())
        .text("x", point -> cell(point.line().xs(), point.at()))
        .text("y", point -> cell(point.line().ys(), point.at()))
        .text("low", point -> cell(point.line().low(), point.at()))
        .text("high", point -> cell(point.line().high(), point.at()))
        .of("", points);
  }

  private static String cell(List<Double> values, int at) {
    return values.isEmpty() || Figure.Line.isUnknown(values.get(at))
        ? ""
        : Csv.number(values.get(at));
  }

  private String on(ClaimStatus status) {
    String corpus =
        Optional.ofNullable(status.claim().designs().get(status.scale()))
            .map(design -> ConfigKey.name(design.study().base().data().corpus()))
            .orElse("no runs");
    if (status.claim().experiment().equals(Optional.of(FrozenRows.NAME))) {
      return "a language model's frozen weights";
    }
    return status.claim().trains() ? corpus + ", " + status.scale().word() : "no text, simulated";
  }

  // Markdown -------------------------------------------------------------------------------------

  private String markdown() {
    StringBuilder text = new StringBuilder("# Reproduction of published claims\n\n");
    text.append(
        "Written by `./adamant reproduce`; do not edit. [report.html](report.html) is the same");
    text.append(" with charts to look into; [figures.csv](figures.csv) has their data.\n\n");
    summary.opening().forEach(sentence -> paragraph(text, sentence));
    text.append(table(summary.outcomes(Page::link, "<br>"))).append('\n');
    summary.grounds().forEach(sentence -> paragraph(text, sentence));
    opening().forEach(figure -> image(text, figure));
    groups()
        .forEach(
            (heading, rows) ->
                text.append("## ")
                    .append(heading)
                    .append("\n\n")
                    .append(table(linked(rows)))
                    .append('\n'));
    comparison.ifPresent(
        against -> {
          text.append("## ").append(against.heading()).append("\n\n");
          against.sentences().forEach(sentence -> paragraph(text, sentence));
          text.append(table(against.table())).append('\n');
        });
    for (Publication publication : library.publications()) {
      text.append("## ").append(publication.title()).append("\n\n");
      text.append(table(places(publication, "[%s](#%s)"))).append('\n');
    }
    text.append("## ").append(METHOD).append("\n\n");
    summary.method().forEach(sentence -> paragraph(text, sentence));
    for (ClaimStatus status : statuses) {
      claim(text, status);
    }
    text.append("## ").append(OPEN).append("\n\n");
    List<ClaimStatus> open = summary.open();
    if (open.isEmpty()) {
      paragraph(text, "Every claim was reproduced.");
    }
    open.forEach(
        status -> paragraph(text, "**" + status.title() + ".** " + ClaimWords.why(status)));
    return text.toString();
  }

  /** Where a reader of a publication finds its figures and tables. */
  private Table places(Publication publication, String link) {
    return new Table.Columns<Publication.Place>()
        .text("there", Publication.Place::name)
        .text("what it shows", Publication.Place::shows)
        .text("here", place -> place.why().orElseGet(() -> rows(publication, place, link)))
        .of("", publication.places());
  }

  private String rows(Publication publication, Publication.Place place, String link) {
    List<Claim> claims = publication.claims(place, library.claims());
    return statuses.stream()
        .filter(status -> claims.contains(status.claim()))
        .map(s -> link.formatted(s.id(), s.id()) + " (" + s.state() + ")")
        .collect(Collectors.joining(", "));
  }

  private Table linked(List<ClaimStatus> rows) {
    return new Table.Columns<ClaimStatus>()
        .text("claim", Page::link)
        .text("verdict", status -> "**" + ClaimWords.verdict(status) + "**" + summary.p(status))
        .text("published", ClaimWords::published)
        .text("measured here, ± 95 %", status -> ClaimWords.measured(status, "<br>"))
        .text("on", this::on)
        .text("command", status -> "`" + ClaimWords.command(status) + "`")
        .text("time", ClaimWords::time)
        .of("", rows);
  }

  private static String link(ClaimStatus status) {
    return "[%s](#%s)".formatted(status.title(), status.id());
  }

  private void claim(StringBuilder text, ClaimStatus status) {
    Claim claim = status.claim();
    text.append("<a id=\"").append(status.id()).append("\"></a>\n\n## ");
    text.append(status.title()).append("\n\n");
    paragraph(text, claim.words());
    paragraph(text, "**" + ClaimWords.sentence(status) + "**");
    ClaimWords.tables(status).forEach(table -> text.append(table(table)).append('\n'));
    ClaimWords.notes(status).forEach(note -> paragraph(text, note));
    figures.get(status.id()).forEach(figure -> image(text, figure));
  }

  private static void image(StringBuilder text, Figure figure) {
    text.append("![%s](%s.png)\n\n".formatted(figure.title(), figure.id()));
  }

  /** The first figures of the first rows that have some. */
  private List<Figure> opening() {
    return statuses.stream()
        .filter(status -> status.counts() && status.run())
        .flatMap(status -> figures.get(status.id()).stream().limit(1))
        .limit(OPENING)
        .toList();
  }

  private static void paragraph(StringBuilder text, String sentence) {
    StringBuilder line = new StringBuilder();
    for (String word : sentence.split(" ", -1)) {
      if (line.length() + word.length() > 118) {
        text.append(line.toString().strip()).append('\n');
        line.setLength(0);
      }
      line.append(word).append(' ');
    }
    text.append(line.toString().strip()).append("\n\n");
  }

  /** Markdown that leaves where cells stand to the reader. */
  private static String table(Table table) {
    return table
        .markdown()
        .stripLeading()
        .replaceFirst("\\n.*\n", "\n|" + " --- |".repeat(table.columns().size()) + "\n");
  }

  // HTML -----------------------------------------------------------------------------------------

  /** Seven columns are too wide: the commands go below, time and corpus into one cell. */
  private Table verdicts(List<ClaimStatus> rows) {
    return new Table.Columns<ClaimStatus>()
        .text("claim", ClaimStatus::title)
        .text("verdict", status -> ClaimWords.verdict(status) + summary.p(status))
        .text("published", status -> unbroken(ClaimWords.published(status)))
        .text("measured here, ± 95 %", status -> unbroken(ClaimWords.measured(status, "\n")))
        .text("on", status -> on(status) + "\n" + ClaimWords.time(status))
        .of("", rows);
  }

  private static String unbroken(String cell) {
    return cell.replace(" ± ", "\u00a0±\u00a0");
  }

  private List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    sections.add(
        Section.of("summary", SUMMARY)
            .say(summary.opening())
            .table(summary.outcomes(ClaimStatus::title, "\n"))
            .done());
    groups()
        .forEach(
            (heading, rows) -> {
              String id = heading.toLowerCase(Locale.ROOT);
              List<String> sentences = id.equals("verdicts") ? summary.grounds() : List.of();
              sections.add(Section.of(id, heading).say(sentences).table(verdicts(rows)).done());
            });
    comparison.ifPresent(
        against ->
            sections.add(
                Section.of("published", against.heading())
                    .say(against.sentences())
                    .table(against.table())
                    .done()));
    for (Publication publication : library.publications()) {
      String title = publication.title();
      sections.add(
          Section.of("places-" + publication.cited().replaceAll("\\W+", "-"), title)
              .table(places(publication, "%s"))
              .done());
    }
    sections.add(Section.of("method", METHOD).say(summary.method()).done());
    for (ClaimStatus status : statuses) {
      Claim claim = status.claim();
      Section.Builder section =
          Section.of(status.id(), status.title())
              .say(claim.words())
              .say(ClaimWords.sentence(status))
              .say("Run by " + ClaimWords.command(status) + ".")
              .say(ClaimWords.notes(status))
              .wide(figures.get(status.id()).stream().map(Figure::chart).toList());
      ClaimWords.tables(status).forEach(section::table);
      sections.add(section.done());
    }
    List<String> open =
        summary.open().stream().map(s -> s.title() + ". " + ClaimWords.why(s)).toList();
    sections.add(Section.of("open", OPEN).say(open).done());
    return sections;
  }
}
