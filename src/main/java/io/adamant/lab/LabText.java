package io.adamant.lab;

import io.adamant.chart.Digits;
import io.adamant.chart.Sentences;
import io.adamant.chart.Table;
import io.adamant.lab.LabPoint.Compared;
import io.adamant.simulate.Measurement;
import io.adamant.theory.Formula;
import io.adamant.theory.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a laboratory command found, as text for a terminal. */
final class LabText {
  private static final int DIGITS = 5;
  private static final int WIDTH = 100;
  private static final int MARGIN = 27;
  private static final char NO_BREAK = '\u00a0';

  private LabText() {}

  /** One point in full, or a table with a line a point and formula. */
  static String of(Lab lab) {
    StringBuilder text = new StringBuilder();
    text.append(lab.quantity()).append(": ").append(lab.summary()).append('\n');
    wrapped(
        text,
        "at " + lab.shared().replace(", ", "\n").replace(' ', NO_BREAK).replace("\n", ", "),
        0);
    if (lab.points().size() == 1) {
      return text.append(single(lab.points().get(0))).toString();
    }
    text.append('\n');
    if (lab.units().size() == 1) {
      text.append("unit: ").append(lab.units().get(0).word()).append('\n');
    } else {
      lab.units().forEach(u -> wrapped(text, "unit " + u.word() + ": " + keys(lab, u), 0));
    }
    return text.append('\n').append(grid(lab)).toString();
  }

  private static String keys(Lab lab, Unit unit) {
    return lab.compared()
        .map(Compared::formula)
        .filter(formula -> formula.unit() == unit)
        .map(Formula::key)
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** Later lines are indented. */
  private static void wrapped(StringBuilder text, String line, int indent) {
    String margin = " ".repeat(indent);
    Sentences.wrapped(line, WIDTH - indent)
        .forEach(
            part ->
                text.append(margin)
                    .append(part.stripTrailing().replace(NO_BREAK, ' '))
                    .append('\n'));
  }

  private static String single(LabPoint point) {
    StringBuilder text = new StringBuilder();
    for (Measurement measured : point.simulated()) {
      text.append(
          "\n%-26s %s%s   simulated, 95 %% interval\n"
              .formatted(
                  measured.key(),
                  withInterval(measured),
                  point.unit(measured).map(unit -> " " + unit.word()).orElse("")));
      wrapped(text, measured.title(), MARGIN);
    }
    for (Compared compared : point.formulas()) {
      Formula f = compared.formula();
      text.append("\n%-26s %s %s\n".formatted(f.key(), number(f.value()), f.unit().word()));
      wrapped(text, f.title(), MARGIN);
      compared
          .measured()
          .ifPresent(m -> detail(text, "against", error(compared) + " of " + m.key()));
      detail(text, "stated", f.statedError());
      detail(text, "valid", f.validity());
      detail(text, "source", f.source());
    }
    return text.toString();
  }

  private static void detail(StringBuilder text, String name, String value) {
    String margin = " ".repeat(MARGIN);
    List<String> parts = Sentences.wrapped(value, WIDTH - MARGIN - 9);
    for (int i = 0; i < parts.size(); i++) {
      text.append("%s%-8s %s\n".formatted(margin, i == 0 ? name : "", parts.get(i)));
    }
  }

  private static String error(Compared compared) {
    return compared.relativeError().map(Digits::percent).orElse("not comparable in percent")
        + (compared.within() ? ", within the interval" : "");
  }

  /** Rows are points, columns what they hold; columns that do not fit go into a table below. */
  private static String grid(Lab lab) {
    Table whole = columns(lab, "-", LabText::withError).of("", lab.points());
    int inputs = lab.varied().size();
    List<String> tables = new ArrayList<>();
    List<Integer> shown = new ArrayList<>();
    String table = "";
    for (int column = inputs; column < whole.columns().size(); column++) {
      shown.add(column);
      String wider = aligned(whole, inputs, shown);
      if (shown.size() > 1 && wider.indexOf('\n') > WIDTH) {
        tables.add(table);
        shown = new ArrayList<>(List.of(column));
        wider = aligned(whole, inputs, shown);
      }
      table = wider;
    }
    tables.add(table);
    return String.join("\n", tables);
  }

  /** Inputs and some of the other columns, all at the right. */
  private static String aligned(Table table, int inputs, List<Integer> columns) {
    return Table.aligned(
        table.lines().stream()
            .map(
                line ->
                    Stream.concat(
                            line.stream().limit(inputs), columns.stream().map(i -> line.get(i)))
                        .toList())
            .toList(),
        column -> true);
  }

  /** Varied inputs, then what was simulated, then the formulas; what a point lacks as given. */
  static Table.Columns<LabPoint> columns(
      Lab lab, String missing, Function<Compared, String> formula) {
    Table.Columns<LabPoint> columns = new Table.Columns<>();
    lab.varied().forEach(name -> columns.text(name, point -> point.inputs().get(name)));
    for (String key : lab.simulated().map(Measurement::key).distinct().toList()) {
      columns.text(
          "simulated " + key,
          point -> point.simulated(key).map(LabText::withInterval).orElse(missing));
    }
    for (String key : lab.compared().map(c -> c.formula().key()).distinct().toList()) {
      columns.text(key, point -> point.formula(key).map(formula).orElse(missing));
    }
    return columns;
  }

  private static String withError(Compared compared) {
    String error = compared.relativeError().map(e -> " (" + Digits.percent(e) + ")").orElse("");
    return number(compared.formula().value()) + error;
  }

  static String withInterval(Measurement measured) {
    double half = measured.halfWidth();
    String width = half == 0 ? "0" : Digits.significant(half, 2);
    return number(measured.value()) + " ± " + (Double.isInfinite(half) ? "infinite" : width);
  }

  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "infinite" : "-infinite";
    }
    return Digits.significant(value, DIGITS);
  }
}
