package io.adamant.reproduce;

import io.adamant.base.DurableFiles;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.config.Arm;
import io.adamant.reproduce.Claim.Kind;
import io.adamant.reproduce.TrialDesign.Tuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** All claims on one page: {@code README.md} with figures, and the same as {@code report.html}. */
final class Page {
  private static final String OPEN = "What was not reproduced, and why";
  private static final String METHOD = "How verdicts come about";

  private final ClaimLibrary library;
  private final Scale scale;
  private final List<ClaimStatus> statuses;
  private final Map<Claim, List<Figure>> figures = new LinkedHashMap<>();

  Page(
      ClaimLibrary library,
      Scale scale,
      List<ClaimStatus> statuses,
      Optional<AuthorsRuns> authors) {
    this.library = library;
    this.scale = scale;
    this.statuses = List.copyOf(statuses);
    Set<String> drawn = new HashSet<>(); // claims of one simulation share its figures
    for (ClaimStatus status : statuses) {
      List<Figure> own = ClaimFigures.of(status, scale, authors);
      figures.put(status.claim(), own.stream().filter(figure -> drawn.add(figure.id())).toList());
    }
  }

  /** The verdict in words, with what would resolve it. */
  static String verdict(ClaimStatus status) {
    Verdict verdict = status.verdict();
    StringBuilder words = new StringBuilder(status.state());
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
    files.addAll(drawn);
    return files;
  }

  /** The first published number only; a claim's own section has them all. */
  private static String published(ClaimStatus status) {
    Published published = status.claim().published().get(0);
    return published.what() + ": " + published.value();
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
        : Text.plusMinus(finding.estimate().value(), finding.interval().halfWidth());
  }

  private String on(ClaimStatus status) {
    String corpus =
        Optional.ofNullable(status.claim().designs().get(scale))
            .map(design -> ConfigKey.name(design.study().base().data().corpus()))
            .orElse("no runs");
    return status.claim().trains() ? corpus + ", " + scale.word() : "no text, simulated";
  }

  private static String time(ClaimStatus status) {
    if (status.seconds() <= 0) {
      return "";
    }
    long runs = status.trial().map(trial -> trial.used().size()).orElse(0);
    String time = Text.duration(status.seconds());
    return runs == 0 ? time : Text.plural(runs, "run") + ", " + time;
  }

  private String command(Claim claim) {
    String option = scale == Scale.TINY || !claim.trains() ? "" : " --scale " + scale.word();
    return "./adamant reproduce " + claim.name() + option;
  }

  /** Claims that were published apart from those that nobody made. */
  private String counts() {
    List<String> kinds = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      List<ClaimStatus> own = statuses.stream().filter(s -> s.claim().kind() == kind).toList();
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

  /** Claims that share all their runs: their verdicts stand or fall together. */
  private List<String> dependent() {
    Map<List<RunRow>, List<String>> claims = new LinkedHashMap<>();
    for (ClaimStatus status : statuses) {
      List<RunRow> runs = status.trial().map(Trial::used).orElse(List.of());
      claims.computeIfAbsent(runs, key -> new ArrayList<>()).add(status.claim().name());
    }
    List<String> sentences = new ArrayList<>();
    claims.forEach(
        (runs, names) -> {
          if (!runs.isEmpty() && names.size() > 1) {
            sentences.add(
                "%s rest on the same %s: they are not independent of one another."
                    .formatted(String.join(", ", names), Text.plural(runs.size(), "run")));
          }
        });
    return sentences;
  }

  private List<String> summary() {
    ScaleFile shared = library.scales().get(scale);
    List<String> summary = new ArrayList<>(List.of(counts()));
    summary.addAll(dependent());
    summary.add(
        "Training is at the scale \"%s\": %s. Text: %s."
            .formatted(scale.word(), shared.about(), shared.corpus()));
    return summary;
  }

  private List<String> method() {
    List<String> method = new ArrayList<>();
    method.add(
        "Each claim has a file in configs/reproduce with its published numbers and with a margin for"
            + " every number that decides it. Every margin was committed before the claim's first"
            + " run; margins.csv holds its hash from then on, and a claim whose margin changed gets"
            + " no verdict. Arms and checks may be renamed later: the hash is taken over the old"
            + " names. A tempting reading is a statement that the authors do not make, but that a"
            + " reader might take from theirs.");
    method.add(
        "A claim is reproduced if the 95 % intervals of all its numbers lie within their margins. It is"
            + " contradicted if an interval lies wholly outside its margin, at the level 1 − 0.05/k for"
            + " a claim of k numbers. Everything else is not resolved at this scale. It is not"
            + " decided if what was run is not what the claim is about. A margin open at one end"
            + " tests a direction or a least size, not the published value. A number without ±"
            + " involves no chance, is the same in all draws or is a slope over simulated points"
            + " whose interval is not known; it is judged by its value alone. How many seeds would"
            + " resolve a claim is extrapolated from the spread of a few; more seeds may as well"
            + " contradict it.");
    method.add(library.scales().get(scale).chosen());
    method.addAll(
        List.of(
            "Arms are tuned one by one: a grid of learning rates on one seed, grown by itself where its"
                + " best rate lies on an edge; then the winner and its two neighbours on three fresh seeds,"
                + " which all arms share. The best of these is compared, seed by seed; intervals are"
                + " Student's. Tokens, schedule and model are the same for all arms.",
            "Grids were placed by a few pilot runs on a seed that is used nowhere else. Runs that several"
                + " claims need were trained once; runs.csv lists all, with the claims that asked for"
                + " them. Times are those of one thread a run, on a machine that did other work as well."));
    method.removeIf(String::isEmpty);
    return method;
  }

  // Markdown -------------------------------------------------------------------------------------

  private String markdown() {
    StringBuilder text = new StringBuilder("# Reproduction of published claims\n\n");
    text.append(
        "Written by `./adamant reproduce`; do not edit. [report.html](report.html) is the same");
    text.append(" with charts to look into.\n\n");
    summary().forEach(sentence -> paragraph(text, sentence));
    text.append("## Verdicts\n\n");
    text.append(table(linked())).append("\n## ").append(METHOD).append("\n\n");
    method().forEach(sentence -> paragraph(text, sentence));
    for (ClaimStatus status : statuses) {
      claim(text, status);
    }
    text.append("## ").append(OPEN).append("\n\n");
    List<ClaimStatus> open = open();
    if (open.isEmpty()) {
      paragraph(text, "Every claim was reproduced.");
    }
    open.forEach(status -> paragraph(text, "**" + status.claim().title() + ".** " + why(status)));
    text.append("## Sources\n\n");
    text.append(
        "Orvieto and Gower (2025), In Search of Adam's Secret Sauce, arXiv 2505.21829. Su Jianlin,"
            + " kexue.fm 10563, 11267, 11280, 11301, 11307. [theory.md](../../src/site/markdown/theory.md):"
            + " the audit of these formulas.\n");
    return text.toString();
  }

  private Table linked() {
    return new Table.Columns<ClaimStatus>()
        .text("claim", s -> "[%s](#%s)".formatted(s.claim().title(), s.claim().name()))
        .text("verdict", status -> "**" + verdict(status) + "**")
        .text("published", Page::published)
        .text("measured here, ± 95 %", status -> measured(status, "<br>"))
        .text("on", this::on)
        .text("command", status -> "`" + command(status.claim()) + "`")
        .text("time", Page::time)
        .of("", statuses);
  }

  private void claim(StringBuilder text, ClaimStatus status) {
    Claim claim = status.claim();
    text.append("<a id=\"").append(claim.name()).append("\"></a>\n\n## ");
    text.append(claim.title()).append("\n\n");
    paragraph(text, claim.words());
    paragraph(text, "**" + sentence(status) + "**");
    tables(status).forEach(table -> text.append(table(table)).append('\n'));
    notes(status).forEach(note -> paragraph(text, note));
    for (Figure figure : figures.get(claim)) {
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
    List<Verdict.Finding> findings = status.verdict().checks();
    return findings.isEmpty()
        ? new Table.Columns<ClaimCheck>()
            .text("number", ClaimCheck::name)
            .text("margin", ClaimCheck::margin)
            .text("measured", check -> "")
            .text("outcome", check -> "not run")
            .of("", status.claim().checks())
        : new Table.Columns<Verdict.Finding>()
            .text("number", finding -> finding.check().name())
            .text("margin", finding -> finding.check().margin())
            .text("measured", Page::number)
            .text("outcome", finding -> outcome(status.claim(), finding))
            .of("", findings);
  }

  private static String outcome(Claim claim, Verdict.Finding finding) {
    String why = finding.check().undecided();
    return claim.kind().words(finding.outcome()) + (why.isEmpty() ? "" : ": " + why);
  }

  private static List<Table> tables(ClaimStatus status) {
    Claim claim = status.claim();
    List<Table> tables = new ArrayList<>(List.of(checks(status)));
    tables.add(numbers("published", claim.published()));
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

  /** What a reader should know of the runs. */
  private List<String> notes(ClaimStatus status) {
    List<String> notes = new ArrayList<>();
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
    if (status.claim().designs().get(scale).tuning() == Tuning.ARMS) {
      notes.addAll(untuned(status.claim().designs().get(scale), tuned));
    }
    return notes;
  }

  /** Which arms might do better with another momentum: only rates make a grid grow. */
  private static List<String> untuned(TrialDesign design, List<Tuned> tuned) {
    List<String> edge = new ArrayList<>();
    List<String> rateOnly = new ArrayList<>();
    for (Arm arm : design.study().arms()) {
      List<GridCell> cells = GridCell.of(arm);
      DoubleSummaryStatistics tried =
          cells.stream().mapToDouble(GridCell::beta1).summaryStatistics();
      for (Tuned best : tuned) {
        double beta1 = best.cell().beta1();
        if (!best.cell().arm().equals(arm.name())) {
          continue;
        }
        if (cells.size() == 1) {
          rateOnly.add(arm.name());
        } else if (tried.getMin() < tried.getMax()
            && (beta1 == tried.getMin() || beta1 == tried.getMax())) {
          edge.add(best.cell().label());
        }
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
    return statuses.stream().filter(s -> s.verdict().outcome() != Outcome.REPRODUCED).toList();
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
  private Table verdicts() {
    return new Table.Columns<ClaimStatus>()
        .text("claim", status -> status.claim().title())
        .text("verdict", Page::verdict)
        .text("published", status -> unbroken(published(status)))
        .text("measured here, ± 95 %", status -> unbroken(measured(status, "\n")))
        .text("on", status -> on(status) + "\n" + time(status))
        .of("", statuses);
  }

  private static String unbroken(String cell) {
    return cell.replace(" ± ", "\u00a0±\u00a0");
  }

  private List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    sections.add(Section.of("verdicts", "Verdicts").say(summary()).table(verdicts()).done());
    sections.add(Section.of("method", METHOD).say(method()).done());
    for (ClaimStatus status : statuses) {
      Claim claim = status.claim();
      Section.Builder section =
          Section.of(claim.name(), claim.title())
              .say(claim.words())
              .say(sentence(status))
              .say("Run by " + command(claim) + ".")
              .say(notes(status))
              .wide(figures.get(claim).stream().map(Figure::chart).toList());
      tables(status).forEach(section::table);
      sections.add(section.done());
    }
    List<String> open = open().stream().map(s -> s.claim().title() + ". " + why(s)).toList();
    sections.add(Section.of("open", OPEN).say(open).done());
    return sections;
  }
}
