package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ReplayCommandTest {
  @TempDir Path temp;
  private Path out;

  @BeforeEach
  void writeInputs() throws IOException {
    out = temp.resolve("out.csv");
    Files.writeString(temp.resolve("w0.csv"), "# start\n1.0,-2.0\n");
    Files.writeString(temp.resolve("g.csv"), "0.5, -1\n\nNaN,1\n2,0.25\n");
  }

  private String run(int exitCode, String... more) {
    List<String> args = new ArrayList<>(List.of("replay"));
    args.addAll(
        List.of("--gradients", temp + "/g.csv", "--weights", temp + "/w0.csv", "--out", "" + out));
    args.addAll(List.of(more));
    StringWriter err = new StringWriter();
    CommandLine command = CommandLineFactory.create();
    command.setErr(new PrintWriter(err));
    assertThat(command.execute(args.toArray(new String[0]))).isEqualTo(exitCode);
    return err.toString().strip();
  }

  @Test
  void writesTheWeightsOfEachStep() {
    run(0, "--optimizer", "sgdm", "--set", "beta1=0.5", "--lr", "0.5", "--weight-decay", "0.1");
    // m = .25, -.5; skipped; m = 1.125, -.125; decay 0.95 first
    double[] w1 = {0.95 - 0.125, -1.9 + 0.25};
    double[] w3 = {0.95 * w1[0] - 0.5625, 0.95 * w1[1] + 0.0625};
    double[][] w = CsvNumbers.read(out);
    assertThat(w).hasNumberOfRows(3);
    assertThat(w[0]).containsExactly(w1, within(1e-6));
    assertThat(w[1]).containsExactly(w[0]);
    assertThat(w[2]).containsExactly(w3, within(1e-6));
  }

  @Test
  void theReferenceAndFloat64Agree() {
    List<double[][]> results = new ArrayList<>();
    for (String way : new String[] {"--reference", "--float64", "--lr=0.001"}) {
      run(0, "--optimizer", "muon", "--shape", "2,1", "--directions", way);
      results.add(CsvNumbers.read(out));
    }
    for (int k = 0; k < 3; k++) {
      assertThat(results.get(1)[k]).containsExactly(results.get(0)[k], within(1e-12));
      assertThat(results.get(2)[k]).containsExactly(results.get(0)[k], within(1e-5));
    }
    assertThat(results.get(0)[0]).doesNotContain(0.0);
    assertThat(results.get(0)[1]).containsOnly(0.0);
  }

  @Test
  void severalParametersLieInARowAndEachStepHasItsRate() throws IOException {
    Files.writeString(temp.resolve("w0.csv"), "0,0,0\n");
    Files.writeString(temp.resolve("g.csv"), "1,2,3\n1,2,nan\n-4,3,1\n");
    Files.writeString(temp.resolve("lr.csv"), "0.5\n1\n0.25\n");
    String[] rates = {"--shape=1,2", "--shape=1", "--rates", temp + "/lr.csv"};
    for (String way : List.of("--float64", "--reference")) {
      // Cautious Lion's factor n/(aligned + 1) is that of each parameter: 2/3 and 1/2.
      run(0, "--optimizer", "cautious_lion", rates[0], rates[1], rates[2], rates[3], way);
      double[][] w = CsvNumbers.read(out);
      assertThat(w[0]).containsExactly(new double[] {-1 / 3.0, -1 / 3.0, -0.25}, within(1e-15));
      assertThat(w[1]).containsExactly(w[0]); // skipped as a whole
      assertThat(w[2])
          .containsExactly(
              new double[] {-1 / 3.0 + 0.25 * 2 / 3, -1 / 3.0 - 0.25 * 2 / 3, -0.375},
              within(1e-15));
    }
    assertThat(run(2, "--optimizer", "sgd", "--shape", "2,x")).contains("--shape 2,x: expected");
    Files.writeString(temp.resolve("lr.csv"), "0.5\n1\n");
    assertThat(run(2, "--optimizer", "sgd", "--rates", temp + "/lr.csv"))
        .endsWith("lr.csv has 2 rows of 1; expected: 3 rows of one rate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"prodigy", "schedulefree_adamw", "adamw"})
  void parametersThatBelongTogetherAreStepped(String type) throws IOException {
    Files.writeString(temp.resolve("w0.csv"), "0.1,-0.2,0.3,0.4\n");
    Files.writeString(temp.resolve("g.csv"), "1,2,3,1\n1,2,nan,1\n-4,3,1,1\n1,1,1,-2\n");
    Files.writeString(temp.resolve("lr.csv"), "0.5\n1\n0.25\n0.5\n");
    List<double[][]> found = new ArrayList<>();
    for (String way : List.of("--float64", "--reference")) {
      for (String what : List.of("--averaged", "--directions", "--weight-decay=0.1")) {
        List<String> args = new ArrayList<>(List.of("--optimizer", type, way, what));
        args.addAll(List.of("--shape=1,2", "--shape=2", "--rates", temp + "/lr.csv"));
        if (type.equals("adamw")) {
          args.addAll(List.of("--set", "decay=corrected"));
        }
        run(0, args.toArray(new String[0]));
        found.add(CsvNumbers.read(out));
      }
    }
    for (int i = 0; i < 3; i++) {
      for (int k = 0; k < 4; k++) {
        assertThat(found.get(i)[k]).containsExactly(found.get(3 + i)[k], within(1e-12));
      }
    }
    assertThat(found.get(2)[0]).isNotEqualTo(found.get(2)[3]);
  }

  /** Weights by kernel and rule of a matrix beside a vector, with files of what a step is given. */
  private List<double[][]> bothWays(String type, String... more) throws IOException {
    Files.writeString(temp.resolve("w0.csv"), "0.1,-0.2,0.3,0.4\n");
    Files.writeString(temp.resolve("g.csv"), "1,2,3,1\n1,2,nan,1\n-4,3,1,1\n1,1,1,-2\n");
    List<double[][]> found = new ArrayList<>();
    for (String way : List.of("--float64", "--reference")) {
      List<String> args = new ArrayList<>(List.of("--optimizer", type, way));
      args.addAll(List.of("--shape=1,2", "--shape=2", "--lr=0.1", "--weight-decay=0.1"));
      args.addAll(List.of(more));
      run(0, args.toArray(new String[0]));
      found.add(CsvNumbers.read(out));
    }
    for (int k = 0; k < 4; k++) {
      assertThat(found.get(0)[k]).containsExactly(found.get(1)[k], within(1e-12));
    }
    assertThat(found.get(0)[3]).isNotEqualTo(found.get(0)[0]);
    return found;
  }

  @Test
  void lossesAreReadOneARow() throws IOException {
    Path losses = temp.resolve("loss.csv");
    Files.writeString(losses, "3\nnan\n2.5\n2\n");
    double[][] w = bothWays("schedulefree_plus", "--losses", "" + losses).get(0);
    assertThat(w[1]).containsExactly(w[0]); // skipped as a whole
    Files.writeString(losses, "6\nnan\n2.5\n2\n");
    assertThat(bothWays("schedulefree_plus", "--losses", "" + losses).get(0)[0]).isNotEqualTo(w[0]);
    assertThat(run(2, "--optimizer", "schedulefree_plus"))
        .endsWith("schedulefree_plus needs --losses CSV");
    assertThat(run(2, "--optimizer", "sgd", "--losses", "" + losses))
        .endsWith("--losses: sgd takes none");
    Files.writeString(losses, "6\n");
    assertThat(run(2, "--optimizer", "schedulefree_plus", "--losses", "" + losses))
        .contains("loss.csv has 1 rows; expected: 4, as in ");
    Files.writeString(losses, "1,2\n1,2\n1,2\n1,2\n");
    assertThat(run(2, "--optimizer", "schedulefree_plus", "--losses", "" + losses))
        .endsWith("loss.csv, row 1 has 2 numbers; expected: 1");
  }

  @Test
  void probeNoiseIsReadAndARowOfNanIsNone() throws IOException {
    Path noise = temp.resolve("noise.csv");
    Files.writeString(noise, "1,-1,0.5,2\n1,1,1,1\nnan,nan,nan,nan\n0.3,1,-2,1\n");
    double[][] w = bothWays("psgd_kron", "--probe-noise", "" + noise).get(0);
    Files.writeString(noise, "1,-1,0.5,1\n1,1,1,1\nnan,nan,nan,nan\n0.3,1,-2,1\n");
    assertThat(bothWays("psgd_kron", "--probe-noise", "" + noise).get(0)[0]).isNotEqualTo(w[0]);
    assertThat(run(2, "--optimizer", "psgd_kron")).endsWith("psgd_kron needs --probe-noise CSV");
  }

  @Test
  void earlierGradientsAreForTheSettingThatTakesThem() throws IOException {
    String[] exact = {"--set=difference=exact", "--set=vectors=mars", "--earlier-gradients", ""};
    Path earlier = temp.resolve("earlier.csv");
    exact[3] = "" + earlier;
    Files.writeString(earlier, "1,1,1,1\n1,2,3,4\n2,2,2,2\n0,1,0,1\n");
    double[][] w = bothWays("mars", exact).get(0);
    Files.writeString(earlier, "1,1,1,-3\n1,2,3,4\n2,2,2,2\n0,1,0,1\n");
    assertThat(bothWays("mars", exact).get(0)[3]).isNotEqualTo(w[3]);
    assertThat(run(2, "--optimizer", "mars", exact[2], exact[3]))
        .endsWith("--earlier-gradients: mars takes none");
    assertThat(run(2, "--optimizer", "mars", exact[0]))
        .endsWith("mars needs --earlier-gradients CSV");
  }

  @Test
  void badInputIsOneLineThatNamesThePlace() throws IOException {
    assertThat(run(2, "--optimizer", "adamx")).contains("no optimizer named adamx");
    assertThat(run(2, "--optimizer", "sgd", "--set", "beta1"))
        .contains("--set beta1: expected: KEY");
    assertThat(run(2, "--optimizer", "sgd", "--set", "beta1=1")).contains("unknown setting of sgd");
    assertThat(run(2, "--optimizer", "sgd", "--reference", "--set", "beta1=1"))
        .contains("sgd: unknown setting beta1");
    assertThat(run(2, "--optimizer", "sgd", "--shape", "3,1"))
        .contains("has 3 coordinates; expected: 2, as ");
    Files.writeString(temp.resolve("g.csv"), "1,2\n1,x\n");
    assertThat(run(2, "--optimizer", "sgd"))
        .contains("g.csv:2: column 2 is 'x'; expected: a number")
        .doesNotContain("\n");
    Files.writeString(temp.resolve("g.csv"), "1,2,3\n");
    assertThat(run(2, "--optimizer", "sgd")).contains("row 1 has 3 coordinates; expected: 2");
  }

  @Test
  void whatIsNotFiniteIsReadAsPythonWritesItAndSkipsItsStep() throws IOException {
    Files.writeString(temp.resolve("g.csv"), "nan,1\n-inf,1\nInf,1\n1e39,1\n0.5,-1\n");
    run(0, "--optimizer", "sgd", "--lr", "0.5");
    double[][] w = CsvNumbers.read(out);
    for (int k = 0; k < 4; k++) {
      assertThat(w[k]).as("step %d", k + 1).containsExactly(1, -2);
    }
    assertThat(w[4]).containsExactly(0.75, -1.5);
    run(0, "--optimizer", "sgd", "--lr", "0.5", "--float64"); // holds 1e39
    assertThat(CsvNumbers.read(out)[3]).containsExactly(1 - 0.5e39, -2.5);
  }

  @Test
  void badFilesAndShapesAreRefusedAndNothingIsWritten() throws IOException {
    assertThat(run(2, "--optimizer", "sgd", "--shape", "70000,70000"))
        .contains("--shape [70000,70000] has 4900000000 coordinates; expected: 2, as ");
    assertThat(run(2, "--optimizer", "sgd", "--shape", "-1,-2"))
        .endsWith("--shape -1,-2: expected: dimensions of at least 1");
    Path inputs = out;
    out = temp.resolve("nowhere/out.csv");
    assertThat(run(2, "--optimizer", "sgd")).endsWith("expected: a file in an existing directory");
    out = inputs;
    Files.writeString(temp.resolve("w0.csv"), "1,nan\n");
    assertThat(run(2, "--optimizer", "sgd"))
        .endsWith("w0.csv has the weight NaN; expected: finite numbers");
    Files.writeString(temp.resolve("w0.csv"), "1,2\n");
    for (String bad :
        new String[] {"", "# only a comment\n", "1,2\n1\n", "a,b\n", "1,\n", "1;2\n"}) {
      Files.writeString(temp.resolve("g.csv"), bad);
      assertThat(run(2, "--optimizer", "sgd")).contains("g.csv").doesNotContain("\n");
    }
    assertThat(out).doesNotExist();
  }
}
