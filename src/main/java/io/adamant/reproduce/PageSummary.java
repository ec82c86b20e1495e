package io.adamant.reproduce;

import io.adamant.chart.Table;
import io.adamant.reproduce.Claim.Kind;
import io.adamant.stats.Holm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What is said of all claims together: what holds, what they rest on, how verdicts come about. */
final class PageSummary {
  private final ClaimLibrary library;
  private final List<ClaimStatus> statuses;

  /** Of verdicts that count, corrected by Holm over all of them; by row. */
  private final Map<String, Double> adjusted = new LinkedHashMap<>();

  PageSummary(ClaimLibrary library, List<ClaimStatus> statuses) {
    this.library = library;
    this.statuses = statuses;
    List<ClaimStatus> judged =
        counted().stream().filter(s -> !Double.isNaN(s.verdict().p())).toList();
    double[] p = Holm.adjust(judged.stream().mapToDouble(s -> s.verdict().p()).toArray());
    for (int i = 0; i < p.length; i++) {
      adjusted.put(judged.get(i).id(), p[i]);
    }
  }

  private List<ClaimStatus> counted() {
    return statuses.stream().filter(ClaimStatus::counts).toList();
  }

  /** Rows that count and were not reproduced. */
  List<ClaimStatus> open() {
    return counted().stream().filter(s -> s.verdict().outcome() != Outcome.REPRODUCED).toList();
  }

  /** The p-value of a verdict that counts, as it is and corrected. */
  String p(ClaimStatus status) {
    return adjusted.containsKey(status.id())
        ? "; p %s, Holm %s".formatted(p(status.verdict().p()), p(adjusted.get(status.id())))
        : "";
  }

  private static String p(double value) {
    return value < 1e-4 ? "< 0.0001" : Text.number(value, 2);
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

  /** The runs of all rows, each once, and their time. */
  private String spent() {
    Set<RunRow> runs =
        statuses.stream()
            .flatMap(status -> status.trial().stream())
            .flatMap(trial -> trial.used().stream())
            .collect(Collectors.toSet());
    double seconds = runs.stream().mapToDouble(row -> row.number("seconds")).sum();
    return runs.isEmpty()
        ? ""
        : " In all, %s took %s of one thread."
            .formatted(Text.plural(runs.size(), "run"), Text.duration(seconds));
  }

  /** Rows by their evidence, those that have any. */
  private Map<Object, List<ClaimStatus>> sets() {
    return counted().stream()
        .filter(ClaimStatus::run)
        .collect(
            Collectors.groupingBy(PageSummary::evidence, LinkedHashMap::new, Collectors.toList()));
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

  private List<String> asked() {
    String titles =
        library.publications().stream()
            .map(Publication::title)
            .collect(Collectors.joining("\" and \""));
    return titles.isEmpty()
        ? List.of()
        : List.of(
            "What was asked: which statements of \"%s\" hold in small models.".formatted(titles));
  }

  /** What was asked and how much was found. */
  List<String> opening() {
    long run = counted().stream().filter(ClaimStatus::run).count();
    List<String> opening = new ArrayList<>(asked());
    opening.add(counts());
    opening.add(
        "%s from %s of runs or simulations."
                .formatted(Text.plural(run, "row"), Text.plural(sets().size(), "independent set"))
            + spent());
    return opening;
  }

  /** All rows that count by their outcome, each a line, as it is to be named. */
  Table outcomes(Function<ClaimStatus, String> name, String lineBreak) {
    List<List<String>> rows = new ArrayList<>();
    BiConsumer<String, Predicate<ClaimStatus>> add =
        (about, test) -> {
          String names =
              counted().stream()
                  .filter(test)
                  .map(status -> "• " + name.apply(status))
                  .collect(Collectors.joining(lineBreak));
          if (!names.isEmpty()) {
            rows.add(List.of(about, names));
          }
        };
    for (Kind kind : List.of(Kind.PUBLISHED, Kind.READING)) {
      String what = kind == Kind.PUBLISHED ? "claims that" : "readings that";
      Predicate<ClaimStatus> own = status -> status.claim().kind() == kind;
      add.accept(what + " hold here", own.and(is(Outcome.REPRODUCED)));
      add.accept(what + " do not hold here", own.and(is(Outcome.CONTRADICTED)));
      add.accept(
          what + " these runs cannot decide",
          own.and(is(Outcome.NOT_RESOLVED).or(is(Outcome.NOT_DECIDED))));
      add.accept(what + " are not run to their end", own.and(is(Outcome.NOT_RUN)));
    }
    return Table.of("", List.of("outcome", "statements"), rows);
  }

  private static Predicate<ClaimStatus> is(Outcome outcome) {
    return status -> status.verdict().outcome() == outcome;
  }

  /** How far the rows may be trusted, and what was trained. */
  List<String> grounds() {
    List<String> grounds = new ArrayList<>(dependent());
    grounds.addAll(corrected());
    grounds.addAll(controls());
    for (Scale scale : Scale.values()) {
      if (statuses.stream().anyMatch(s -> s.claim().trains() && s.scale() == scale)) {
        ScaleFile shared = library.scales().get(scale);
        grounds.add(
            "The scale \"%s\": %s. Text: %s."
                .formatted(scale.word(), shared.about(), shared.corpus()));
      }
    }
    return grounds;
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
        statuses.stream()
            .filter(s -> s.claim().must().isPresent())
            .filter(ClaimStatus::run)
            .toList();
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

  List<String> method() {
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
        "What a sceptic may say: one text, models of two million parameters at most, rates a factor 2"
            + " apart. That is what two processor cores train in hours, and it is true. An order of"
            + " optimizers here is no evidence for the study's 160 million parameters; where its own"
            + " runs are at hand they are drawn beside ours. Best rates between the grid's points come"
            + " from a parabola, whose error is in the intervals over seeds.");
    method.removeIf(String::isEmpty);
    return method;
  }
}
