package io.adamant.reproduce;

import io.adamant.base.Csv;
import io.adamant.base.DurableFiles;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.reproduce.Claim.Kind;
import io.adamant.reproduce.TrialDesign.Tuning;
import io.adamant.stats.Holm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
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
  private static final String METHOD = "How verdicts come about";

  private final ClaimLibrary library;

  /** Rows that count, then controls, then rows that a later claim corrects. */
  private final List<ClaimStatus> statuses;

  /** Of verdicts that count, corrected by Holm over all of them; by row. */
  private final Map<String, Double> adjusted = new LinkedHashMap<>();

  private final Map<String, List<Figure>> figures = new LinkedHashMap<>(); // by row

  Page(ClaimLibrary library, List<ClaimStatus> rows, Optional<AuthorsRuns> authors) {
    this.library = library;
    this.statuses =
        rows.stream()
            .sorted(Comparator.comparingInt(Page::place).thenComparing(Page::open))
            .toList(); // else as they were
    List<ClaimStatus> judged =
        statuses.stream().filter(s -> s.counts() && !Double.isNaN(s.verdict().p())).toList();
    double[] p = Holm.adjust(judged.stream().mapToDouble(s -> s.verdict().p()).toArray());
    for (int i = 0; i < p.length; i++) {
      adjusted.put(judged.get(i).id(), p[i]);
    }
    Set<String> drawn = new HashSet<>(); // claims of one simulation share its figures
    for (ClaimStatus status : statuses) {
      List<Figure> own =
          status.claim().supersededBy().isEmpty() ? ClaimFigures.of(status, authors) : List.of();
      figures.put(status.id(), own.stream().filter(figure -> drawn.add(figure.id())).toList());
    }
  }

  private static boolean open(ClaimStatus status) {
    return status.verdict().outcome() == Outcome.NOT_RUN;
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

  private List<ClaimStatus> counted() {
    return statuses.stream().filter(ClaimStatus::counts).toList();
  }

  /** The verdict in words, with what would resolve it. */
  static String verdict(ClaimStatus status) {
    Verdict verdict = status.verdict();
    StringBuilder words = new StringBuilder(status.state());
    List<Optional<String>> sides =
        verdict.checks().stream().map(finding -> finding.check().oneSided()).distinct().toList();
    if (verdict.outcome() == Outcome.REPRODUCED && sides.size() == 1) {
      sides.get(0).ifPresent(side -> words.append(", ").append(side));
    }
    status
        .claim()
        .must()
        .filter(must -> verdict.outcome() != Outcome.NOT_RUN)
        .ifPresent(
            must ->
                words.append(
                    must == verdict.outcome()
                        ? ", as it must be"
                        : ": THE CONTROL FAILED, it must be " + must.words()));
    verdict.checks().stream()
        .map(finding -> finding.check().undecided())
        .filter(why -> !why.isEmpty())
        .findFirst()
        .ifPresent(why -> words.append(": ").append(why));
    if (verdict.outcome() != Outcome.REPRODUCED && verdict.checks().size() > 1) {
      words.append(" (").append(tally(status)).append(')');
    }
    if (verdict.needed().isPresent()) {
      words.append(" (").append(needed(status, verdict.needed().getAsLong())).append(')');
    }
    return words.toString();
  }

  /** How many of a claim's numbers hold, and what is said of the others. */
  private static String tally(ClaimStatus status) {
    List<Verdict.Finding> findings = status.verdict().checks();
    boolean pairs = findings.stream().allMatch(f -> f.check().rule() == CheckRule.DIFFERENCE);
    List<String> parts = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      long count = findings.stream().filter(f -> f.outcome() == outcome).count();
      if (outcome == Outcome.REPRODUCED) {
        parts.add(
            "%s of %s %s hold".formatted(count, findings.size(), pairs ? "pairs" : "numbers"));
      } else if (count > 0) {
        parts.add(count + " " + status.claim().kind().words(outcome));
      }
    }
    return String.join(", ", parts);
  }

  /** To one digit: it extrapolates from the spread of a few samples. */
  private static String needed(ClaimStatus status, long needed) {
    if (!status.claim().trains()) {
      return "roughly %s draws would resolve it".formatted(Text.number((double) needed, 1));
    }
    double tokens =
        status.trial().map(Trial::used).orElse(List.of()).stream()
            .mapToDouble(row -> row.number("tokens"))
            .max()
            .orElse(0);
    return "roughly %s seeds, %s tokens an arm, would resolve it"
        .formatted(Text.number((double) needed, 1), Text.tokens(needed * tokens, 1));
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

  /** The first published number only; a claim's own section has them all. */
  private static String published(ClaimStatus status) {
    return status.claim().published().stream()
        .findFirst()
        .map(published -> published.what() + ": " + published.value())
        .orElse("");
  }

  private static String measured(ClaimStatus status, String separator) {
    return status.verdict().checks().stream()
        .map(Page::measured)
        .collect(Collectors.joining(separator));
  }

  private static String measured(Verdict.Finding finding) {
    return finding.check().name() + ": " + number(finding);
  }

  private static String number(Verdict.Finding finding) {
    return Double.isNaN(finding.estimate().value())
        ? "diverged"
        : Text.plusMinus(finding.estimate().value(), finding.interval().halfWidth())
            + (finding.estimate().unvaried().isEmpty()
                ? ""
                : " (" + finding.estimate().unvaried() + ")");
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

  private static String time(ClaimStatus status) {
    if (status.seconds() <= 0) {
      return "";
    }
    long runs = status.trial().map(trial -> trial.used().size()).orElse(0);
    String time = Text.duration(status.seconds());
    return runs == 0 ? time : Text.plural(runs, "run") + ", " + time;
  }

  private static String command(ClaimStatus status) {
    boolean plain = status.scale() == Scale.TINY || !status.claim().trains();
    return "./adamant reproduce "
        + status.claim().name()
        + (plain ? "" : " --scale " + status.scale().word());
  }

  /** Claims that were published apart from those that nobody made. */
  private String counts() {
    List<String> kinds = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      List<ClaimStatus> own =
          counted().stream().filter(status -> status.claim().kind() == kind).toList();
      List<String> parts = new ArrayList<>();
      for (Outcome outcome : Outcome.values()) {
        long count = own.stream().filter(s -> s.verdict().outcome() == outcome).count();
        if (count > 0) {
          parts.add(count + " " + kind.words(outcome));
        }
      }
      if (!own.isEmpty()) {
        kinds.add(kind.count(own.size()) + ": " + String.join(", ", parts) + ".");
      }
    }
    return String.join(" ", kinds);
  }

  /** What a row's verdict rests on; rows of one set stand or fall together. */
  private static Object evidence(ClaimStatus status) {
    return status.trial().map(trial -> (Object) trial.used()).orElse(status.claim().experiment());
  }

  /** Rows by their evidence, those that have any. */
  private Map<Object, List<ClaimStatus>> sets() {
    return counted().stream()
        .filter(status -> !open(status))
        .collect(Collectors.groupingBy(Page::evidence, LinkedHashMap::new, Collectors.toList()));
  }

  private List<String> dependent() {
    List<String> sets = new ArrayList<>();
    sets()
        .values()
        .forEach(
            rows -> {
              if (rows.size() > 1) {
                sets.add(
                    rows.stream().map(ClaimStatus::id).collect(Collectors.joining(", "))
                        + rows.get(0)
                            .trial()
                            .map(trial -> " (" + Text.plural(trial.used().size(), "run") + ")")
                            .orElse(""));
              }
            });
    return sets.isEmpty()
        ? List.of()
        : List.of(
            "On one set of runs or one simulation each, and so not independent of one another: "
                + String.join("; ", sets)
                + ".");
  }

  private List<String> summary() {
    long run = counted().stream().filter(s -> !open(s)).count();
    List<String> summary = new ArrayList<>(List.of(counts()));
    summary.add(
        "%s from %s of runs or simulations."
            .formatted(Text.plural(run, "row"), Text.plural(sets().size(), "independent set")));
    summary.addAll(titles("What holds here", Kind.PUBLISHED, Set.of(Outcome.REPRODUCED)));
    summary.addAll(titles("What does not", Kind.PUBLISHED, Set.of(Outcome.CONTRADICTED)));
    summary.addAll(
        titles(
            "What these runs cannot tell",
            Kind.PUBLISHED,
            Set.of(Outcome.NOT_RESOLVED, Outcome.NOT_DECIDED)));
    summary.addAll(
        titles("What nobody claims and does not hold", Kind.READING, Set.of(Outcome.CONTRADICTED)));
    summary.addAll(dependent());
    summary.addAll(corrected());
    summary.addAll(controls());
    for (Scale scale : Scale.values()) {
      if (statuses.stream().anyMatch(s -> s.claim().trains() && s.scale() == scale)) {
        ScaleFile shared = library.scales().get(scale);
        summary.add(
            "The scale \"%s\": %s. Text: %s."
                .formatted(scale.word(), shared.about(), shared.corpus()));
      }
    }
    return summary;
  }

  /** Rows of some outcomes, by their titles. */
  private List<String> titles(String about, Kind kind, Set<Outcome> outcomes) {
    String titles =
        counted().stream()
            .filter(status -> status.claim().kind() == kind)
            .filter(status -> outcomes.contains(status.verdict().outcome()))
            .map(ClaimStatus::title)
            .collect(Collectors.joining("; "));
    return titles.isEmpty() ? List.of() : List.of(about + ": " + titles + ".");
  }

  /** Which verdicts do not stand where all rows are one family of tests. */
  private List<String> corrected() {
    if (adjusted.isEmpty()) {
      return List.of();
    }
    List<String> lost = new ArrayList<>();
    adjusted.forEach(
        (id, p) -> {
          if (p > 1 - Verdict.LEVEL) {
            lost.add("%s (p %s)".formatted(id, p(p)));
          }
        });
    return List.of(
        "With Holm's correction over these %s verdicts %s"
            .formatted(
                adjusted.size(),
                lost.isEmpty()
                    ? "all verdicts stand at 5 %."
                    : "all verdicts stand at 5 % but those of " + String.join(", ", lost) + "."));
  }

  /** Whether the tests find what is known. */
  private List<String> controls() {
    List<ClaimStatus> run =
        statuses.stream().filter(s -> s.claim().must().isPresent()).filter(s -> !open(s)).toList();
    List<String> failed =
        run.stream()
            .filter(s -> s.verdict().outcome() != s.claim().must().orElseThrow())
            .map(ClaimStatus::id)
            .toList();
    if (run.isEmpty()) {
      return List.of();
    }
    return List.of(
        failed.isEmpty()
            ? "%s whose outcome is known beforehand came out as %s must."
                .formatted(Kind.CONTROL.count(run.size()), run.size() == 1 ? "it" : "they")
            : "A control failed, so no verdict here is to be trusted: "
                + String.join(", ", failed)
                + ".");
  }

  private List<String> method() {
    List<String> method = new ArrayList<>();
    method.add(
        "Each claim has a file in configs/reproduce with its published numbers and with a margin for"
            + " every number that decides it. Every margin was committed before the claim's first"
            + " run, and where it rests on older runs or measurements of others it says so; margins.csv"
            + " holds its hash from then on, and a claim whose margin changed gets"
            + " no verdict: it is stated anew under another name, and the old row stays below, as"
            + " superseded. Arms and checks may be renamed later: the hash is taken over the old"
            + " names. A tempting reading is a statement that the authors do not make, but that a"
            + " reader might take from theirs. A control is a claim whose outcome is known.");
    method.add(
        "A claim is reproduced if the 95 % intervals of all its numbers lie within their margins. It is"
            + " contradicted if an interval lies wholly outside its margin, at the level 1 − 0.05/k for"
            + " a claim of k numbers. Everything else is not resolved at this scale. It is not"
            + " decided if what was run is not what the claim is about, or an arm's best rate lies on"
            + " an edge of what was tried. A margin open at one end tests a direction or a bound, not"
            + " the published value, and the verdict says so. A number marked exact involves no"
            + " chance and is judged by its value. The p-value of a verdict is that of the margin's"
            + " nearest end: the largest of its numbers where all must hold, the smallest times k"
            + " where one contradicts. How many seeds would"
            + " resolve a claim is extrapolated from the spread of a few; more seeds may as well"
            + " contradict it.");
    statuses.stream()
        .filter(status -> status.claim().trains())
        .map(ClaimStatus::scale)
        .distinct()
        .forEach(scale -> method.add(library.scales().get(scale).chosen()));
    method.addAll(
        List.of(
            "Arms are tuned one by one: a grid of learning rates on one seed, grown by itself where its"
                + " best rate or its best momentum lies on an edge; then the winner and its two neighbours"
                + " on three fresh seeds; then the best of these on three more, which chose nothing and"
                + " which all arms share. Those are compared, seed by seed; intervals are Student's."
                + " Superseded claims were compared on the seeds that chose. Where best rates themselves"
                + " are compared, a cell counts if every seed's best rate lies within what was tried."
                + " Tokens, schedule and model are the same for all arms.",
            "Grids were placed by a few pilot runs on a seed that is used nowhere else. Runs that several"
                + " claims need were trained once; runs.csv lists all, with the claims that asked for"
                + " them. Times are those of one thread a run, on a machine that did other work as well."));
    method.add(
        "What a sceptic may say: one text, models of a million parameters at most, rates a factor 2"
            + " apart. That is what two processor cores train in hours, and it is true. An order of"
            + " optimizers here is no evidence for the study's 160 million parameters; where its own"
            + " runs are at hand they are drawn beside ours. Best rates between the grid's points come"
            + " from a parabola, whose error is in the intervals over seeds.");
    method.removeIf(String::isEmpty);
    return method;
  }

  // Markdown -------------------------------------------------------------------------------------

  private String markdown() {
    StringBuilder text = new StringBuilder("# Reproduction of published claims\n\n");
    text.append(
        "Written by `./adamant reproduce`; do not edit. [report.html](report.html) is the same");
    text.append(" with charts to look into; [figures.csv](figures.csv) has their data.\n\n");
    summary().forEach(sentence -> paragraph(text, sentence));
    groups()
        .forEach(
            (heading, rows) ->
                text.append("## ")
                    .append(heading)
                    .append("\n\n")
                    .append(table(linked(rows)))
                    .append('\n'));
    text.append("## ").append(METHOD).append("\n\n");
    method().forEach(sentence -> paragraph(text, sentence));
    for (ClaimStatus status : statuses) {
      claim(text, status);
    }
    text.append("## ").append(OPEN).append("\n\n");
    List<ClaimStatus> open = open();
    if (open.isEmpty()) {
      paragraph(text, "Every claim was reproduced.");
    }
    open.forEach(status -> paragraph(text, "**" + status.title() + ".** " + why(status)));
    text.append("## Sources\n\n");
    text.append(
        "Orvieto and Gower (2025), In Search of Adam's Secret Sauce, arXiv 2505.21829. Su Jianlin,"
            + " kexue.fm 10563, 11267, 11280, 11301, 11307. [theory.md](../../src/site/markdown/theory.md):"
            + " the audit of these formulas.\n");
    return text.toString();
  }

  private Table linked(List<ClaimStatus> rows) {
    return new Table.Columns<ClaimStatus>()
        .text("claim", s -> "[%s](#%s)".formatted(s.title(), s.id()))
        .text("verdict", status -> "**" + verdict(status) + "**" + p(status))
        .text("published", Page::published)
        .text("measured here, ± 95 %", status -> measured(status, "<br>"))
        .text("on", this::on)
        .text("command", status -> "`" + command(status) + "`")
        .text("time", Page::time)
        .of("", rows);
  }

  /** The p-value of a verdict that counts, as it is and corrected. */
  private String p(ClaimStatus status) {
    return adjusted.containsKey(status.id())
        ? "; p %s, Holm %s".formatted(p(status.verdict().p()), p(adjusted.get(status.id())))
        : "";
  }

  private static String p(double value) {
    return value < 1e-4 ? "< 0.0001" : Text.number(value, 2);
  }

  private void claim(StringBuilder text, ClaimStatus status) {
    Claim claim = status.claim();
    text.append("<a id=\"").append(status.id()).append("\"></a>\n\n## ");
    text.append(status.title()).append("\n\n");
    paragraph(text, claim.words());
    paragraph(text, "**" + sentence(status) + "**");
    tables(status).forEach(table -> text.append(table(table)).append('\n'));
    notes(status).forEach(note -> paragraph(text, note));
    for (Figure figure : figures.get(status.id())) {
      text.append("![%s](%s.png)\n\n".formatted(figure.title(), figure.id()));
    }
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

  // Both -----------------------------------------------------------------------------------------

  private static String sentence(ClaimStatus status) {
    String verdict = verdict(status);
    return Character.toUpperCase(verdict.charAt(0)) + verdict.substring(1) + ".";
  }

  private static Table checks(ClaimStatus status) {
    boolean run = !status.verdict().checks().isEmpty();
    List<ClaimCheck> checks =
        run
            ? status.verdict().checks().stream().map(Verdict.Finding::check).toList()
            : status.claim().checks();
    Map<ClaimCheck, Verdict.Finding> findings =
        status.verdict().checks().stream()
            .collect(Collectors.toMap(Verdict.Finding::check, finding -> finding));
    Table.Columns<ClaimCheck> columns =
        new Table.Columns<ClaimCheck>()
            .text("number", ClaimCheck::name)
            .text("margin", ClaimCheck::margin)
            .text("measured", check -> run ? number(findings.get(check)) : "")
            .text("outcome", c -> run ? outcome(status.claim(), findings.get(c)) : "not run");
    if (checks.stream().anyMatch(check -> !check.why().isEmpty())) {
      columns = columns.text("why this margin", ClaimCheck::why);
    }
    return columns.of("", checks);
  }

  private static String outcome(Claim claim, Verdict.Finding finding) {
    String why = finding.check().undecided();
    String side =
        finding.outcome() == Outcome.REPRODUCED
            ? finding.check().oneSided().map(words -> ", " + words).orElse("")
            : "";
    return claim.kind().words(finding.outcome()) + side + (why.isEmpty() ? "" : ": " + why);
  }

  private static List<Table> tables(ClaimStatus status) {
    Claim claim = status.claim();
    List<Table> tables = new ArrayList<>(List.of(checks(status)));
    if (!claim.published().isEmpty()) {
      tables.add(numbers("published", claim.published()));
    }
    if (!claim.calculated().isEmpty()) {
      tables.add(numbers("not published: calculated for Adamant", claim.calculated()));
    }
    return tables;
  }

  private static Table numbers(String heading, List<Published> numbers) {
    return new Table.Columns<Published>()
        .text(heading, Published::what)
        .text("value", Published::value)
        .text("source", Published::source)
        .of("", numbers);
  }

  /** When the margins were noted, and which evidence is older. */
  private static String noted(ClaimStatus status, String since) {
    String day = "Margins noted on " + since.split("T", 2)[0];
    List<RunRow> runs = status.trial().map(Trial::used).orElse(List.of());
    long older = runs.stream().filter(run -> run.text("started").compareTo(since) < 0).count();
    if (status.claim().experiment().equals(Optional.of(FrozenRows.NAME))) {
      return day + ", after the measurement; they are the two that its verdicts had before.";
    }
    return older == 0
        ? day + ", before anything was run for them."
        : day
            + "; %s of the %s are older, trained for other claims."
                .formatted(older, Text.plural(runs.size(), "run"));
  }

  /** What a reader should know of the runs. */
  private List<String> notes(ClaimStatus status) {
    List<String> notes = new ArrayList<>();
    status
        .claim()
        .supersededBy()
        .ifPresent(name -> notes.add("Superseded by " + name + ", which corrects it."));
    status.since().map(since -> noted(status, since)).ifPresent(notes::add);
    if (!status.claim().reasons().isEmpty()) {
      notes.add("Margins: " + status.claim().reasons());
    }
    Optional<Trial> trial = status.trial().filter(Trial::complete);
    if (trial.isEmpty()) {
      return notes;
    }
    List<Tuned> tuned = trial.get().tuned();
    if (tuned.stream().anyMatch(each -> !each.grid().isEmpty())) {
      notes.add(
          "Best rates: "
              + tuned.stream()
                  .map(each -> each.cell().label() + " " + Text.number(each.rate()))
                  .collect(Collectors.joining(", "))
              + ".");
    }
    String edges =
        tuned.stream()
            .filter(Tuned::onEdge)
            .map(each -> each.cell().label())
            .collect(Collectors.joining(", "));
    if (!edges.isEmpty()) {
      notes.add("Still on an edge of what was tried: " + edges + ".");
    }
    if (status.claim().designs().get(status.scale()).tuning() == Tuning.ARMS) {
      notes.addAll(untuned(trial.get()));
    }
    return notes;
  }

  /** Which arms might do better with another momentum: grids grow only so far. */
  private static List<String> untuned(Trial trial) {
    List<String> edge = new ArrayList<>();
    List<String> rateOnly = new ArrayList<>();
    for (Tuned best : trial.tuned()) {
      String arm = best.cell().arm();
      DoubleSummaryStatistics tried =
          trial.grids().keySet().stream()
              .filter(cell -> cell.arm().equals(arm))
              .mapToDouble(GridCell::beta1)
              .summaryStatistics();
      double beta1 = best.cell().beta1();
      if (tried.getCount() == 1) {
        rateOnly.add(arm);
      } else if (tried.getMin() < tried.getMax()
          && (beta1 == tried.getMin() || beta1 == tried.getMax())) {
        edge.add(best.cell().label());
      }
    }
    List<String> notes = new ArrayList<>();
    if (!edge.isEmpty()) {
      notes.add(
          "Momentum on an edge of what was tried, where another may be better: "
              + String.join(", ", edge)
              + ".");
    }
    if (!rateOnly.isEmpty()) {
      notes.add("Tuned in the rate alone: " + String.join(", ", rateOnly) + ".");
    }
    return notes;
  }

  private List<ClaimStatus> open() {
    return counted().stream().filter(s -> s.verdict().outcome() != Outcome.REPRODUCED).toList();
  }

  private static String why(ClaimStatus status) {
    StringBuilder why = new StringBuilder(sentence(status));
    for (Verdict.Finding finding : status.verdict().checks()) {
      if (finding.outcome() != Outcome.REPRODUCED) {
        why.append(
            " %s: %s, margin %s."
                .formatted(finding.check().name(), number(finding), finding.check().margin()));
      }
    }
    if (!status.claim().discussion().isEmpty() && !status.verdict().checks().isEmpty()) {
      why.append(' ').append(status.claim().discussion());
    }
    return why.toString();
  }

  // HTML -----------------------------------------------------------------------------------------

  /** Seven columns are too wide: the commands go below, time and corpus into one cell. */
  private Table verdicts(List<ClaimStatus> rows) {
    return new Table.Columns<ClaimStatus>()
        .text("claim", ClaimStatus::title)
        .text("verdict", status -> verdict(status) + p(status))
        .text("published", status -> unbroken(published(status)))
        .text("measured here, ± 95 %", status -> unbroken(measured(status, "\n")))
        .text("on", status -> on(status) + "\n" + time(status))
        .of("", rows);
  }

  private static String unbroken(String cell) {
    return cell.replace(" ± ", "\u00a0±\u00a0");
  }

  private List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    groups()
        .forEach(
            (heading, rows) -> {
              String id = heading.toLowerCase(Locale.ROOT);
              List<String> sentences = id.equals("verdicts") ? summary() : List.of();
              sections.add(Section.of(id, heading).say(sentences).table(verdicts(rows)).done());
            });
    sections.add(Section.of("method", METHOD).say(method()).done());
    for (ClaimStatus status : statuses) {
      Claim claim = status.claim();
      Section.Builder section =
          Section.of(status.id(), status.title())
              .say(claim.words())
              .say(sentence(status))
              .say("Run by " + command(status) + ".")
              .say(notes(status))
              .wide(figures.get(status.id()).stream().map(Figure::chart).toList());
      tables(status).forEach(section::table);
      sections.add(section.done());
    }
    List<String> open = open().stream().map(s -> s.title() + ". " + why(s)).toList();
    sections.add(Section.of("open", OPEN).say(open).done());
    return sections;
  }
}
