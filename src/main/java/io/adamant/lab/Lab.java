package io.adamant.lab;

import io.adamant.chart.ChartPage;
import io.adamant.lab.LabPoint.Compared;
import io.adamant.simulate.Measurement;
import io.adamant.theory.Formula;
import io.adamant.theory.Unit;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a laboratory command found on its grid.
 *
 * @param command {@code theory} or {@code simulate}
 * @param quantity its name, such as {@code update-rms}
 * @param summary what that is, in one line
 * @param meanings of its inputs in a few words, by name
 * @param varied names of the inputs with more than one value
 * @param points the grid
 * @param formulas evaluates them at inputs that lie between those of the grid
 */
public record Lab(
    String command,
    String quantity,
    String summary,
    Map<String, String> meanings,
    List<String> varied,
    List<LabPoint> points,
    Function<Map<String, String>, List<Formula>> formulas)
    implements Findings {

  /** Takes copies. */
  public Lab {
    meanings = Map.copyOf(meanings);
    varied = List.copyOf(varied);
    points = List.copyOf(points);
  }

  /** Names its folder of results. */
  public String id() {
    return command + "-" + quantity;
  }

  @Override
  public ChartPage page() {
    return LabReport.page(this);
  }

  @Override
  public String text() {
    return LabText.of(this);
  }

  @Override
  public Object json() {
    return LabJson.of(this);
  }

  /** What is measured, for an axis. */
  String label(Unit unit) {
    if (quantity.endsWith("-rms")) {
      return "RMS of the " + unit.label();
    }
    return units().size() == 1 ? quantity.replace('-', ' ') : unit.label();
  }

  Stream<Measurement> simulated() {
    return points.stream().flatMap(point -> point.simulated().stream());
  }

  Stream<Compared> compared() {
    return points.stream().flatMap(point -> point.formulas().stream());
  }

  /** The units of its formulas, in order of appearance. */
  List<Unit> units() {
    return compared().map(c -> c.formula().unit()).distinct().toList();
  }

  /** The inputs that all points share, for a reader; those of a point if only one is asked for. */
  String shared() {
    return points.get(0).inputs().entrySet().stream()
        .filter(input -> !varied.contains(input.getKey()))
        .map(input -> input.getKey() + " " + input.getValue())
        .collect(Collectors.joining(", "));
  }
}
