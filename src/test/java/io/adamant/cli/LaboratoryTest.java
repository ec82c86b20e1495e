package io.adamant.cli;

import static io.adamant.cli.TheoryCommandTest.refusesBadInput;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.simulate.Simulation;
import io.adamant.simulate.Simulations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands simulate, toy, signal and surge. */
class LaboratoryTest {
  @TempDir Path temp;

  static Stream<Simulation> simulations() {
    return Simulations.all().stream();
  }

  @ParameterizedTest
  @MethodSource("simulations")
  void simulateRefusesBadInput(Simulation simulation) {
    simulation.parameters().forEach(p -> refusesBadInput("simulate", simulation.name(), p));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "simulate nothing|no simulation named nothing; allowed: update-rms",
        "simulate weight-rms --lr 20|lr * weightDecay = 2.0",
        "simulate update-rms --threads 0|--threads 0: allowed: at least 1",
        "simulate update-rms --lr 1|--lr: not used here",
        "simulate angle --lr 10|lr * weightDecay = 1.0",
        "simulate signal --decay 100|--decay 100: allowed here: a number in [0, 10.0]",
        "simulate surge --dimension 5000|--dimension 5000: allowed: a whole number from 1 to 2000",
        "surge --dimension 5000|--dimension 5000: allowed: a whole number from 1 to 2000",
        "theory softsign --sigma 1e-300|--sigma 1e-300: allowed: at least 1e-100",
        "toy --spectrum flat|--spectrum flat: allowed: heterogeneous, homogeneous",
        "toy --design x|--design x: allowed: notebook, symmetric",
        "toy --draws 0|--draws 0: allowed: a whole number from 1 to 1000",
        "toy --seeds -1|--seeds -1: allowed",
        "toy --steps 3|--steps 3: allowed",
        "toy --batch 10|--batch 10: allowed: a whole number from 1 to 9",
        "signal --beta 0.5,1|--beta 1.0: allowed: a number in [0, 1)",
        "signal --beta NaN|--beta NaN: allowed",
        "signal --beta=-0.1|--beta -0.1: allowed",
        "signal --length 1|--length 1: allowed",
        "signal --decay=-1|--decay -1.0: allowed",
        "signal --decay Infinity|--decay Infinity: allowed",
        "signal --decay inf|'--decay': 'inf' is not a number",
        "signal --length 1.5|'--length': '1.5' is not a whole number",
        "signal --length 9999999999|'9999999999' is not a whole number, or too large",
        "signal --start x|--start x: allowed: zero, gradient",
        "signal --input /no/such.csv|/no/such.csv: not a readable text file",
        "surge --beta1 1|--beta1 1: allowed: a number in [0, 1)",
        "surge --beta2=-1|--beta2 -1: allowed",
        "surge --batch 0,1|--batch 0: allowed: a finite number above 0",
        "surge --batch 4|--batch 4.0: expected: two or more batch sizes",
        "surge --noise-scale NaN|--noise-scale NaN: allowed",
        "surge --steps 0|--steps 0: allowed",
        "surge --steps 10,20|--steps: expected: one value",
        "surge --method lion|--method lion: allowed: adam, signum, sgdm",
        "surge --hessian flat|--hessian flat: allowed: diagonal, moderate, power-law"
      })
  void badInputIsOneLine(String args, String part) {
    Invocation run = Invocation.of(args.split(" ", -1));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines().toList()).hasSize(1);
    assertThat(run.err()).contains(part);
    assertThat(run.out()).isEmpty();
  }

  /** Before the work: a toy of so many draws would take hours. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "theory update-rms --beta1 0,0.5",
        "simulate update-rms --repetitions 100000000",
        "toy --draws 1000 --seeds 1000",
        "signal",
        "surge --steps 1000000"
      })
  void resultsThatCannotBeWrittenAreOneLine(String args) throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "kept");
    Invocation run = Invocation.of((args + " --results " + file).split(" ", -1));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines().toList()).hasSize(1);
    assertThat(run.err())
        .contains("--results " + file + ": " + file + " is a file; expected: a folder");
    assertThat(run.out()).isEmpty();
    assertThat(temp).isDirectoryContaining(path -> path.equals(file));
    assertThat(file).hasContent("kept");
  }

  private JsonNode json(String args) throws IOException {
    Invocation run = Invocation.of((args + " --json --results " + temp).split(" ", -1));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void simulatePrintsAndWritesSimulationBesideFormulas() throws IOException {
    JsonNode points = json("simulate update-rms --beta1 0.5,0.9 --repetitions 100");
    assertThat(points).hasSize(2);
    JsonNode second = points.get(1);
    double simulated = second.at("/simulated/adam/value").asDouble();
    assertThat(simulated).isEqualTo(0.2262, within(0.004));
    assertThat(second.at("/simulated/adam/half_width_95").asDouble()).isBetween(1e-5, 4e-3);
    assertThat(second.at("/about/mean_field/relative_error").asDouble())
        .isEqualTo(second.path("mean_field").asDouble() / simulated - 1, within(1e-9));
    Path folder = temp.resolve("simulate-update-rms");
    assertThat(Files.readAllLines(folder.resolve("values.csv")))
        .anyMatch(line -> line.startsWith("0.9,0.95,0.0,100,simulated,adam,0.2"))
        .anyMatch(line -> line.matches("0.9,.*,simulated,sgdm,0.2[0-9]+,σ,.*"));
    assertThat(folder.resolve("simulate-update-rms-1.png")).isNotEmptyFile();
    assertThat(folder.resolve("simulate-update-rms-2.png")).isNotEmptyFile(); // sgdm's, in σ
    assertThat(Files.readString(folder.resolve("report.html"))).contains("simulated adam");
  }

  @Test
  void toyReportsMarginsOverDraws() throws IOException {
    JsonNode toy = json("toy --draws 3 --seeds 5");
    double smallest = toy.at("/margins/SGDM ~1 Signum/smallest").asDouble();
    assertThat(smallest).isBetween(50.0, toy.at("/margins/SGDM ~1 Signum/median").asDouble());
    assertThat(toy.at("/margins/Signum ~1 Adam/median").asDouble()).isGreaterThan(5);
    List<String> finals = Files.readAllLines(temp.resolve("toy/final.csv"));
    assertThat(finals).hasSize(1 + 3 * 13); // draws times arms and rates
    assertThat(finals.stream().filter(l -> l.contains(",SGDM,3.0E-4,")).map(l -> l.substring(2)))
        .hasSize(3)
        .doesNotHaveDuplicates();
    for (String figure : List.of("toy-loss", "toy-mollifier", "toy-variance")) {
      assertThat(temp.resolve("toy/" + figure + ".png")).isNotEmptyFile();
    }
  }

  @Test
  void signalFiltersTheSineOrAFile() throws IOException {
    JsonNode sine = json("signal --beta 0.95,0.99");
    assertThat(sine.at("/adam/0/largest").asDouble()).isEqualTo(0.978, within(1e-3));
    assertThat(sine.at("/adam/1/largest").asDouble()).isEqualTo(0.735, within(1e-3));
    Path input = Files.writeString(temp.resolve("g.csv"), "1\n-3\n0.5\n");
    json("signal --start gradient --beta 0,0.5 --input " + input);
    List<String> csv = Files.readAllLines(temp.resolve("signal/signal.csv"));
    assertThat(csv.get(0))
        .isEqualTo("step,signal,Adam 0.0,Adam 0.5,EMASign 0.0,EMASign 0.5,Signum 0.0,Signum 0.5");
    assertThat(csv.get(2)).startsWith("1,-3.0,-1.0,").endsWith(",-1.0,-0.25,-1.0,-1.0");
    Files.writeString(input, "1,2\n3,4\n");
    Invocation wide = Invocation.of("signal", "--input", input.toString());
    assertThat(wide.exitCode()).isEqualTo(2);
    assertThat(wide.err()).contains("allowed: one column or one row");
    Files.writeString(input, "1\nNaN\n");
    assertThat(Invocation.of("signal", "--input", input.toString()).err())
        .contains("number 2 is NaN: allowed: finite numbers");
  }

  @Test
  void surgeDrawsLawStepAndTraining() throws IOException {
    JsonNode surge =
        json("surge --method adam --beta1 0.9 --batch 0.5,1,64 --dimension 6 --steps 40"
                + " --repetitions 20")
            .at("/curves/0");
    assertThat(surge.path("method").asText()).isEqualTo("Adam, beta1 0.9");
    assertThat(surge.path("trained")).hasSize(3);
    assertThat(surge.at("/one_step/1").asDouble() / surge.at("/law/1").asDouble())
        .isEqualTo(1, within(0.1));
    assertThat(temp.resolve("surge/surge-1.png")).isNotEmptyFile();
    assertThat(Files.readString(temp.resolve("surge/report.html"))).contains("whole training");
  }
}
