package io.adamant.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.chart.ChartJson;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Html;
import io.adamant.chart.Palette;
import io.adamant.chart.Thinning;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.stats.Curve;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Every run of a large study: a table and its curves, which the reader filters by arm, setting,
 * learning rate and status. Both draw on the same data, written once.
 */
final class RunBrowser {
  /** Studies below need none: their other sections show all there is. */
  static final int FROM = 50;

  static final String ID = "runs";
  static final String TITLE = "All runs";

  /** Points of a line beside its spikes. */
  private static final int POINTS = 64;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private RunBrowser() {}

  static boolean needed(StudyData study) {
    return study.runs().size() >= FROM;
  }

  /** The section with its data; {@code runs.js} does the rest. */
  static String html(StudyData study) {
    StringBuilder html = new StringBuilder(ChartPage.open(ID, TITLE));
    html.append(
        Html.paragraph(
            "Training loss of each run. Lines are thinned for drawing: in each of "
                + (POINTS - 2) / 2
                + " equal spans of steps the lowest and the highest point are kept, and so is every"
                + " point more than five robust deviations (1.4826 MAD) from its neighbours."));
    html.append("<noscript><p>This table needs JavaScript; runs.csv has the same rows.</p>");
    html.append("</noscript>\n<form id=\"runs-filter\" hidden>\n");
    html.append(choice("arm", study.arms().stream().map(ArmRuns::arm).distinct().toList()));
    html.append(field("setting", "search", "setting contains"));
    html.append(field("low", "text", "rate from")).append(field("high", "text", "to"));
    html.append(
        choice(
            "status",
            study.runs().stream()
                .map(run -> run.summary().status())
                .distinct()
                .sorted()
                .map(RunStatus::word)
                .toList()));
    html.append("<button type=\"reset\">Show all</button>\n");
    html.append("<output id=\"runs-count\"></output>\n</form>\n");
    html.append("<div id=\"runs-keys\" class=\"legend\"></div>\n");
    html.append("<div class=\"chart\" id=\"runs-chart\" role=\"img\" ");
    html.append("aria-label=\"Training loss of the runs in the table\"></div>\n");
    html.append("<div class=\"scroll long\" id=\"runs-table\" tabindex=\"0\"></div>\n");
    html.append("<script type=\"application/json\" id=\"runs-data\">");
    return html.append(json(study)).append("</script>\n</section>\n").toString();
  }

  private static String choice(String name, List<String> values) {
    return "<label>%1$s <select name=\"%1$s\"><option value=\"\">all</option>%2$s</select></label>\n"
        .formatted(
            name,
            values.stream()
                .map(value -> "<option>" + Html.escaped(value) + "</option>")
                .collect(Collectors.joining()));
  }

  private static String field(String name, String type, String label) {
    return "<label>%3$s <input name=\"%1$s\" type=\"%2$s\"></label>\n".formatted(name, type, label);
  }

  /**
   * {@code {"arms": [[name, colour]..], "settings": [..], "runs": [[arm, setting, rate, seed,
   * status, loss, steps, [step differences], [losses]]..]}}.
   */
  private static String json(StudyData study) {
    List<String> arms = study.arms().stream().map(ArmRuns::arm).distinct().toList();
    List<Integer> colours = Palette.keys(arms);
    ObjectNode root = NODES.objectNode();
    ArrayNode names = root.putArray("arms");
    for (int i = 0; i < arms.size(); i++) {
      names.addArray().add(arms.get(i)).add(Palette.hex(colours.get(i)));
    }
    ArrayNode settings = root.putArray("settings");
    study.arms().forEach(arm -> settings.add(setting(arm)));
    ArrayNode runs = root.putArray("runs");
    IntStream.range(0, study.arms().size())
        .parallel()
        .mapToObj(i -> rows(study.arms().get(i), arms.indexOf(study.arms().get(i).arm()), i))
        .toList()
        .forEach(runs::addAll);
    return ChartJson.inScript(root);
  }

  /** What tells a point of the grid from the others of its arm. */
  private static String setting(ArmRuns arm) {
    int at = arm.name().indexOf(arm.arm());
    return at < 0 ? arm.name() : arm.name().substring(at + arm.arm().length()).strip();
  }

  private static List<ArrayNode> rows(ArmRuns arm, int armIndex, int setting) {
    return arm.runs().stream().map(run -> row(run, armIndex, setting)).toList();
  }

  private static ArrayNode row(RunData run, int arm, int setting) {
    ArrayNode row = NODES.arrayNode();
    row.add(arm).add(setting).add(ChartJson.number(run.config().optimizer().lr()));
    row.add(run.seed()).add(run.summary().status().word());
    row.add(ChartJson.number(run.summary().valLoss())).add(run.summary().steps());
    Curve loss = run.trainLoss();
    Curve line = loss.at(Thinning.indices(loss, POINTS));
    ArrayNode steps = row.addArray();
    ArrayNode losses = row.addArray();
    long before = 0;
    for (int i = 0; i < line.size(); i++) {
      steps.add((long) line.x(i) - before);
      before = (long) line.x(i);
      losses.add(ChartJson.brief(line.y(i)));
    }
    return row;
  }
}
