package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.theory.Formula;
import io.adamant.theory.FormulaTopic;
import io.adamant.theory.Parameter;
import io.adamant.theory.Quantities;
import io.adamant.theory.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TheoryCommandTest {
  private static final Set<String> TRIED = ConcurrentHashMap.newKeySet();

  @TempDir Path temp;

  static Stream<Quantity> quantities() {
    return Quantities.all().stream();
  }

  /** Each domain with values that it must turn away. */
  static List<String> bad(Parameter.Domain domain) {
    List<String> bad = new ArrayList<>(List.of("NaN", "Infinity", "-Infinity", "x", ""));
    switch (domain) {
      case BETA -> bad.addAll(List.of("1", "1.5", "-0.1"));
      case NON_NEGATIVE, OPTIONAL -> bad.add("-1e-9");
      case POSITIVE -> bad.addAll(List.of("0", "-1"));
      case COUNT -> bad.addAll(List.of("0", "-3", "2.5", "1e12"));
      case WHOLE -> bad.addAll(List.of("-1", "0.5", "1e12"));
      default -> {}
    }
    return bad;
  }

  /** Every bad value at the first quantity with an input, one at the others that share it. */
  static void refusesBadInput(String command, String quantity, Parameter parameter) {
    List<String> bad = bad(parameter.domain());
    boolean first = TRIED.add(command + parameter);
    for (String value : first ? bad : bad.subList(bad.size() - 1, bad.size())) {
      Invocation run = Invocation.of(command, quantity, "--" + parameter.name() + "=" + value);
      assertThat(run.exitCode()).as("%s --%s=%s", quantity, parameter.name(), value).isEqualTo(2);
      assertThat(run.err().lines().toList()).hasSize(1);
      assertThat(run.err())
          .startsWith("adamant: --" + parameter.name() + " " + value)
          .contains("allowed: " + parameter.allowed());
      assertThat(run.out()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("quantities")
  void refusesBadInputWithOneLineThatNamesIt(Quantity quantity) {
    quantity.parameters().forEach(p -> refusesBadInput("theory", quantity.name(), p));
  }

  @ParameterizedTest
  @MethodSource("quantities")
  void printsEveryFormulaWithErrorValidityAndSource(Quantity quantity) {
    Invocation run = Invocation.of("theory", quantity.name());
    assertThat(run.exitCode()).isZero();
    for (Formula formula : quantity.at(Map.of())) {
      String out = run.out().replaceAll("\\s+", " "); // long texts are wrapped
      assertThat(out).contains(formula.key(), formula.title(), formula.statedError());
      assertThat(out).contains(formula.validity(), formula.source());
      assertThat(out).containsPattern(formula.key() + " [-0-9.einfte]+ " + formula.unit().word());
    }
    assertThat(run.out().lines().map(String::length)).allMatch(length -> length <= 100);
  }

  @ParameterizedTest
  @MethodSource("quantities")
  void jsonHasOneKeyAFormula(Quantity quantity) throws IOException {
    JsonNode json =
        new ObjectMapper().readTree(Invocation.of("theory", quantity.name(), "--json").out());
    List<Formula> formulas = quantity.at(Map.of());
    assertThat(json.at("/about").size()).isEqualTo(formulas.size());
    for (Formula formula : formulas) {
      assertThat(json.path(formula.key()).asDouble()).isEqualTo(formula.value());
      assertThat(json.at("/about/" + formula.key() + "/source").asText())
          .isEqualTo(formula.source());
      assertThat(json.at("/about/" + formula.key() + "/unit").asText())
          .isEqualTo(formula.unit().word());
    }
  }

  @Test
  void inputsReachTheFormulas() throws IOException {
    String[] args = "theory update-rms --beta1 0.95 --beta2 0.8 --snr 0.1 --json".split(" ", -1);
    JsonNode json = new ObjectMapper().readTree(Invocation.of(args).out());
    // theory.md §4: 0.3499 simulated at (0.95, 0.8), snr 0.1.
    assertThat(json.path("second_order").asDouble()).isEqualTo(0.3499, within(0.003));
    assertThat(json.at("/inputs/beta2").asDouble()).isEqualTo(0.8);
  }

  @Test
  void aRangeIsWrittenAsTableFigureAndPage() throws IOException {
    Invocation run =
        Invocation.of(
            "theory",
            "weight-rms",
            "--lr",
            "1e-4:1e-1:4log",
            "--optimizer",
            "adamw,signum",
            "--results",
            temp.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    Path folder = temp.resolve("theory-weight-rms");
    List<String> csv = Files.readAllLines(folder.resolve("values.csv"));
    assertThat(csv.get(0)).startsWith("optimizer,beta1,").endsWith(",against,relative_error");
    assertThat(csv).anyMatch(l -> l.startsWith("signum,0.9,0.95,0.0,0.01,") && l.contains("slow_"));
    assertThat(csv.subList(1, csv.size())).allMatch(l -> l.contains(",weight,"));
    assertThat(Files.readString(folder.resolve("report.html"))).contains("exact_stationary");
    assertThat(folder.resolve("theory-weight-rms-1.png")).isNotEmptyFile();
    assertThat(folder.resolve("theory-weight-rms-2.png")).isNotEmptyFile();
    assertThat(run.out()).contains("values.csv");
    assertThat(run.out().lines().map(String::length)).allMatch(length -> length <= 100);
  }

  @Test
  void inputsThatDoNotGoTogetherAreOneLine() {
    assertOneLine("theory weight-rms --lr 20", "lr * weightDecay = 2.0");
    assertOneLine("theory decay-sums --lr 10 --weight-decay 0.1", "lr * weightDecay = 1.0");
    assertOneLine("theory weight-rms --warmup 7 --steps 7", "warmup = 7");
    assertOneLine("theory sgdm-variance --lr 50", "2 - lr * curvature");
    assertOneLine("theory update-rms --steps 3", "--steps: not used here");
    assertOneLine("theory update-rms --beta1 0:1:3", "--beta1 1: allowed: a number in [0, 1)");
    assertOneLine("theory update-rms --snr 1:0:3", "--snr 1:0:3: allowed: A:B:N");
    assertOneLine("theory update-rms --snr 0:1:3log", "with A above 0");
    assertOneLine("theory update-rms --snr 0,0", "0 is given twice");
    assertOneLine("theory update-rms --snr 0:1:200 --beta1 0:0.9:200", "allowed: at most 10000");
    assertOneLine("theory update", "no quantity named update; allowed: update-rms,");
    assertOneLine("theory update-rms --bta1 0.9", "Unknown option");
  }

  private static void assertOneLine(String args, String part) {
    Invocation run = Invocation.of(args.split(" ", -1));
    assertThat(run.exitCode()).as(args).isEqualTo(2);
    assertThat(run.err().lines().toList()).as(args).hasSize(1);
    assertThat(run.err()).contains(part);
  }

  @Test
  void withoutAQuantityAllAreListed() {
    String out = Invocation.of("theory").out();
    new TheoryCommand().all().forEach(q -> assertThat(out).contains(q.name() + ": " + q.summary()));
  }

  private static final Path PAGE = Path.of("src", "site", "markdown", "laboratory.md");

  @Test
  void thePageHasAHeadingForEveryQuantity() throws IOException {
    List<String> headed = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("## ")) {
        Pattern.compile("`([a-z-]+)`").matcher(line).results().forEach(m -> headed.add(m.group(1)));
      }
    }
    assertThat(headed)
        .containsExactlyInAnyOrderElementsOf(
            new TheoryCommand().all().stream().map(FormulaTopic::name).toList());
  }

  @Test
  void thePagesCommandsWork() throws IOException {
    List<String> commands =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.startsWith("./adamant theory "))
            .map(line -> line.replaceFirst(" {2,}.*", ""))
            .filter(line -> line.startsWith("./adamant theory "))
            .toList();
    assertThat(commands).hasSizeGreaterThan(6);
    for (String command : commands) {
      Invocation run =
          Invocation.of(
              (command.substring("./adamant ".length()) + " --results " + temp).split(" ", -1));
      assertThat(run.exitCode()).as(command + run.err()).isZero();
    }
  }
}
