package io.adamant.reproduce;

import io.adamant.chart.Table;
import io.adamant.reproduce.TrialDesign.Tuning;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is said of one claim: its verdict, its numbers, and what a reader should know of its runs.
 */
final class ClaimWords {
  private ClaimWords() {}

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

  /** The first published number only; a claim's own section has them all. */
  static String published(ClaimStatus status) {
    return status.claim().published().stream()
        .findFirst()
        .map(published -> published.what() + ": " + published.value())
        .orElse("");
  }

  static String measured(ClaimStatus status, String separator) {
    return status.verdict().checks().stream()
        .map(ClaimWords::measured)
        .collect(Collectors.joining(separator));
  }

  private static String measured(Verdict.Finding finding) {
    return finding.check().name() + ": " + number(finding);
  }

  private static String number(Verdict.Finding finding) {
    if (finding.estimate().share()) {
      return "%s of %s (%s to %s)"
          .formatted(
              finding.estimate().count(),
              finding.estimate().samples(),
              Text.number(finding.interval().low(), 2),
              Text.number(finding.interval().high(), 2));
    }
    return Double.isNaN(finding.estimate().value())
        ? "diverged"
        : Text.plusMinus(finding.estimate().value(), finding.interval().halfWidth())
            + (finding.estimate().unvaried().isEmpty()
                ? ""
                : " (" + finding.estimate().unvaried() + ")");
  }

  static String time(ClaimStatus status) {
    if (status.seconds() <= 0) {
      return "";
    }
    long runs = status.trial().map(trial -> trial.used().size()).orElse(0);
    String time = Text.duration(status.seconds());
    return runs == 0 ? time : Text.plural(runs, "run") + ", " + time;
  }

  static String command(ClaimStatus status) {
    boolean plain = status.scale() == Scale.TINY || !status.claim().trains();
    return "./adamant reproduce "
        + status.claim().name()
        + (plain ? "" : " --scale " + status.scale().word());
  }

  static String sentence(ClaimStatus status) {
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

  static List<Table> tables(ClaimStatus status) {
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
  static List<String> notes(ClaimStatus status) {
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

  static String why(ClaimStatus status) {
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
}
