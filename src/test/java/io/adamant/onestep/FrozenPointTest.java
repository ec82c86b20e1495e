package io.adamant.onestep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.base.InputException;
import io.adamant.onestep.Method.Kind;
import io.adamant.simulate.RandomQuadratic;
import io.adamant.theory.CoordinateLearningRate;
import io.adamant.theory.LocalGeometry;
import io.adamant.theory.OptimalLearningRate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrozenPointTest {

  private static final double BETA1 = 0.8;
  private static final double BETA2 = 0.99;

  @TempDir private Path temp;

  private static Design design(List<Integer> batches, long seed, Kind... kinds) {
    List<Method> methods = new ArrayList<>();
    for (Kind kind : kinds) {
      boolean momentum = kind == Kind.SGDM || kind == Kind.SIGNUM || kind == Kind.ADAM;
      methods.add(new Method(kind, momentum ? BETA1 : 0, BETA2, kind == Kind.SOFT_SIGN ? 2 : 0));
    }
    return new Design(methods, batches, BETA1, BETA2, 4, 400, seed);
  }

  private FrozenResult measured(Population population, Design design, int blocks, String name) {
    try (DrawLog log = new DrawLog(temp.resolve(name), "quadratic")) {
      if (log.blocks() == 0) {
        log.begin("quadratic", blocks);
      }
      new FrozenPoint(population, design, log.found()).measure(log, units -> {});
      return FrozenResult.of("quadratic", population.samples(), design, blocks, log.found());
    }
  }

  private static double closedForm(RandomQuadratic problem, Method method, int batch) {
    LocalGeometry at = problem.geometry();
    return method.kind().linear()
        ? OptimalLearningRate.sgdm(at, method.beta1(), batch)
        : CoordinateLearningRate.optimal(
            method.moments(new SoftSignTable()),
            problem.gradient(),
            problem.sigma(),
            problem.hessian(),
            batch);
  }

  private record Coverage(int cells, int covered, int narrow, int lawCovered) {}

  private Coverage coverage(int repetitions, int blocks) {
    int cells = 0;
    int covered = 0;
    int narrow = 0;
    int lawCovered = 0;
    for (int repetition = 0; repetition < repetitions; repetition++) {
      Design design = design(List.of(2, 8, 32), repetition, Kind.values());
      RandomQuadratic problem = RandomQuadratic.draw("moderate", "isotropic", 12, 4, repetition);
      try (Population population = new QuadraticPopulation(problem, 1024, repetition)) {
        FrozenResult found = measured(population, design, blocks, "coverage-" + repetition);
        for (int k = 0; k < found.cells().size(); k++) {
          FrozenResult.Cell cell = found.cells().get(k);
          Method method = design.methods().get(k / 3);
          double closed = closedForm(problem, method, cell.batch());
          cells++;
          covered += Math.abs(cell.rate() - closed) <= cell.half() ? 1 : 0;
          narrow += cell.half() <= 0.1 * closed ? 1 : 0;
          FrozenResult.Compared law = cell.laws().get(cell.laws().size() - 1);
          lawCovered += Math.abs(law.ratio() - 1) <= law.half() ? 1 : 0;
        }
      }
    }
    return new Coverage(cells, covered, narrow, lawCovered);
  }

  @Test
  void intervalsCoverTheClosedForms() {
    Coverage found = coverage(1, 40);
    assertThat(found.covered).isGreaterThan((int) (0.75 * found.cells));
    assertThat(found.lawCovered).isGreaterThan((int) (0.75 * found.cells));
    assertThat(found.narrow).isEqualTo(found.cells);
  }

  @Test
  @Tag("slow")
  void inTwentyRepetitionsNineInTenIntervalsCoverTheClosedForms() {
    Coverage found = coverage(20, 40);
    assertThat((double) found.covered / found.cells).isBetween(0.9, 0.99);
    assertThat(found.narrow).isEqualTo(found.cells);
  }

  @Test
  void theSumsAreThePopulations() {
    RandomQuadratic problem = RandomQuadratic.draw("moderate", "proportional", 12, 4, 3);
    LocalGeometry at = problem.geometry();
    try (Population population = new QuadraticPopulation(problem, 512, 3)) {
      FrozenResult found =
          measured(population, design(List.of(4), 3, Kind.SGD, Kind.SIGN_SGD), 6, "sums");
      near(found, "gradient_square", at.gradientSquare());
      near(found, "gradient_curvature", at.gradientCurvature());
      near(found, "noise_trace", at.noiseTrace());
      near(found, "gradient_l1", at.gradientL1());
      near(found, "sign_curvature", at.signCurvature());
      probed(found, "curvature_trace", at.curvatureTrace());
      // The population's own Σ has correlations of some 1/√N beside the diagonal.
      probed(found, "noise_curvature", at.noiseCurvature());
    }
  }

  private static void near(FrozenResult found, String sum, double expected) {
    assertThat(found.sums().get(sum).value()).as(sum).isCloseTo(expected, within(1e-3 * expected));
    assertThat(found.sums().get(sum).error()).isZero();
  }

  private static void probed(FrozenResult found, String sum, double expected) {
    FrozenResult.Sum value = found.sums().get(sum);
    assertThat(value.value())
        .as(sum)
        .isCloseTo(expected, within(4 * value.error() + 0.03 * expected));
    assertThat(value.error()).isBetween(1e-4 * expected, 0.1 * expected);
  }

  @Test
  void theLimitOfALargeEpsilonHoldsThereAndSaysHowLargeElsewhere() {
    RandomQuadratic problem = RandomQuadratic.draw("moderate", "isotropic", 12, 4, 7);
    List<Method> methods =
        List.of(new Method(Kind.SOFT_SIGN, 0, 0, 1000), new Method(Kind.SOFT_SIGN, 0, 0, 0.1));
    Design design = new Design(methods, List.of(8), BETA1, BETA2, 4, 400, 7);
    try (Population population = new QuadraticPopulation(problem, 1024, 7)) {
      FrozenResult found = measured(population, design, 60, "limit");
      FrozenResult.Compared large = limit(found.cells().get(0));
      assertThat(large.verdict()).isIn(Verdict.HOLDS, Verdict.ROUGHLY);
      FrozenResult.Compared small = limit(found.cells().get(1));
      assertThat(small.verdict()).isEqualTo(Verdict.FAILS);
      double square = problem.geometry().gradientSquare() + problem.geometry().noiseTrace() / 8;
      assertThat(small.broken())
          .isEqualTo(
              String.format(
                  Locale.ROOT,
                  "ε ≫ |g|: it is %.2g times the RMS of a batch gradient",
                  0.1 / Math.sqrt(square / 12)));
      assertThat(found.sums().get("share_without_gradient").value()).isZero();
    }
  }

  /** From two chains the curvature cannot be told from 0: that says nothing against a law. */
  @Test
  void aCurvatureThatIsNotKnownLeavesTheLawOpen() {
    RandomQuadratic problem = RandomQuadratic.draw("moderate", "isotropic", 12, 4, 7);
    Design design =
        new Design(List.of(new Method(Kind.SGD, 0, 0, 0)), List.of(1), BETA1, BETA2, 4, 40, 7);
    try (Population population = new QuadraticPopulation(problem, 1024, 7)) {
      FrozenResult.Cell cell = measured(population, design, 2, "open").cells().get(0);
      assertThat(cell.rate()).isNaN();
      assertThat(cell.curvature()).isPositive();
      assertThat(cell.laws()).extracting(FrozenResult.Compared::verdict).containsOnly(Verdict.OPEN);
    }
  }

  private static FrozenResult.Compared limit(FrozenResult.Cell cell) {
    return cell.laws().stream().filter(law -> law.law().contains("∞")).findFirst().orElseThrow();
  }

  @Test
  void theLossFollowsTheQuadraticFormAtEveryRate() {
    RandomQuadratic problem = RandomQuadratic.draw("moderate", "isotropic", 12, 4, 5);
    try (Population population = new QuadraticPopulation(problem, 256, 5)) {
      FrozenResult found =
          measured(population, design(List.of(4), 5, Kind.SGD, Kind.SIGN_SGD), 6, "loss");
      for (FrozenResult.Cell cell : found.cells()) {
        assertThat(cell.quadratic())
            .hasSize(4)
            .allSatisfy(ratio -> assertThat(ratio).isCloseTo(1, within(0.02)));
      }
    }
  }

  @Test
  void aMeasurementThatWasKilledGoesOnWithTheSameBits() throws Exception {
    RandomQuadratic problem = RandomQuadratic.draw("moderate", "isotropic", 8, 4, 6);
    Design design = design(List.of(2, 8), 6, Kind.SGD, Kind.ADAM);
    try (Population population = new QuadraticPopulation(problem, 256, 6)) {
      FrozenResult whole = measured(population, design, 5, "whole");
      String text = Files.readString(temp.resolve("whole"));
      for (int cut : new int[] {text.length() / 2, text.length() - 3}) {
        Files.writeString(temp.resolve("cut-" + cut), text.substring(0, cut));
        assertThat(measured(population, design, 5, "cut-" + cut)).isEqualTo(whole);
        assertThat(temp.resolve("cut-" + cut)).hasContent(text);
      }
    }
  }

  @Test
  void aDamagedLogAndOneOfSomethingElseAreRefused() throws Exception {
    Path file = temp.resolve("log");
    try (DrawLog log = new DrawLog(file, "this")) {
      log.begin("this", 2);
      log.append("sums", new double[] {1, 2});
      log.append("gHg", new double[] {3});
    }
    String text = Files.readString(file);
    assertThatThrownBy(() -> new DrawLog(file, "that"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("log:1: measured with other weights");
    for (String damaged :
        List.of("{\"key\":7", "{\"key\":\"sums\",\"values\":[\"x\"]}", "[]", "")) {
      String first = text.substring(0, text.indexOf('\n') + 1);
      Files.writeString(file, first + damaged + "\n");
      assertThatThrownBy(() -> new DrawLog(file, "this"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("log:2: damaged");
    }
  }

  @Test
  void aPoolThatDoesNotFitTheMemoryIsRefusedWithTheLargestThatDoes() {
    ModelPopulation.requireFit(900, 1000, 4_000_000);
    assertThatThrownBy(() -> ModelPopulation.requireFit(901, 1000, 4_000_000))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "--pool is 901; allowed: at most 900, the gradients of 1000 parameters that fit the memory");
  }
}
