package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.adamant.base.InputException;
import io.adamant.optim.OptimizerContract.Finding;
import io.adamant.optim.OptimizerContract.Verdict;
import io.adamant.simulate.DirectionExperiment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the check of an optimizer's text file finds, and what no run begins with. */
class OptimizerCheckTest {

  private static final String TEXT =
      """
      \"""Smooth sign of an average

      formula: m = b m + (1-b) g; v = b v + (1-b) g^2; u = m / sqrt(m^2 + v)
      source: a test
      claims: odd, scale invariant, |u| <= 1
      \"""

      beta = setting(0.9, "[0, 1)", "decay of the averages")
      m = state()
      v = state()


      def update(g, m, v):
        m = average(m, g, beta)
        v = average(v, g * g, beta)


      def direction(g, m, v):
        return ratio(m, torch.sqrt(m * m + v), 0.0)
      """;

  @TempDir Path folder;

  private OptimizerDefinition mine(String from, String to) throws IOException {
    String before = from.replace("~", "\n");
    assertThat(TEXT).contains(before);
    Path file =
        Files.writeString(folder.resolve("mine.py"), TEXT.replace(before, to.replace("~", "\n")));
    return Optimizers.definition(file.toString());
  }

  private static List<String> failing(OptimizerDefinition definition) {
    return OptimizerContract.check(definition, definition.resolve(Map.of(), "optimizer")).stream()
        .filter(finding -> finding.verdict() == Verdict.FAILS)
        .map(Finding::property)
        .toList();
  }

  @Test
  void aSoundFileHoldsWhatItClaims() throws IOException {
    OptimizerDefinition definition = mine("", "");
    assertThat(definition.type()).isEqualTo("mine.py");
    assertThat(OptimizerContract.check(definition, definition.resolve(Map.of(), "optimizer")))
        .allMatch(finding -> finding.verdict() == Verdict.HOLDS)
        .extracting(Finding::property)
        .as("each has an example of a file that fails it")
        .containsExactlyElementsOf(bad().map(bad -> (String) bad.get()[2]).toList());
  }

  /** A change of the text and the property that then fails; of each property at least one. */
  static Stream<Arguments> bad() {
    String root = "torch.sqrt(m * m + v), 0.0)";
    String average = "m = average(m, g, beta)";
    String direction = "def direction(g, m, v):~  return ";
    String fused =
        "def fused(params, grads, ms, vs, t, gate, lr, decay):~"
            + "  loop(params, grads, ms, vs, t, gate, %s, decay)~~~";
    return Stream.of(
        arguments(average, "m.mul_(0.9)~  m = m + 0.1 * g", "a closed gate changes nothing"),
        arguments(
            average,
            "m.lerp_(g, 1.0 - beta)~  m = m * 1.0",
            "a step with NaN or infinity in its gradient changes nothing"),
        arguments( // random, but not before those steps that a run is begun with
            "def update(g, m, v):~  " + average,
            "def update(g, t, m, v):~"
                + "  m = average(m, torch.where(t > 6.0, torch.rand_like(g), g), beta)",
            "saved and restored, it goes on bit for bit"),
        arguments(
            direction,
            fused.formatted("0.5 * lr") + direction,
            "the direction recomputed is the one applied"),
        arguments(
            average, "m = average(m, g - torch.mean(g), beta)", "each coordinate goes its own way"),
        arguments(root, root + " * 0.0", "gradients move the weights"),
        arguments(
            root,
            root.replace("0.0", "1.0"),
            "zero, tiny and huge gradients give finite directions"),
        arguments(
            direction, fused.formatted("lr + 0.01") + direction, "a rate of zero moves no weight"),
        arguments(average, "m = average(m, (g + 1e8) - 1e8, beta)", "float32 follows float64"),
        arguments(root, root + " + 0.01", "odd in the gradients"),
        arguments("m * m + v", "m * m + v + 0.1", "a factor on the gradients changes nothing"),
        arguments("|u| <= 1", "|u| <= 0.5", "|u| has a bound"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void whatDoesNotHoldFails(String from, String to, String property) throws IOException {
    assertThat(failing(mine(from, to))).contains(property);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "torch.sqrt(m | torch.squrt(m | 19: Unknown builtin op: aten::squrt, in: return ratio",
        "average(v, g * g, beta) | average(v, g * q, beta) | 15: undefined value q, in: v = average",
        "def update(g, m, v) | def update(g, m, q) | 13: update takes w, g, t, lr, m, v; found g, m, q",
        "v = average(v, g * g, beta) | v = average(v, g.mul_(g), beta)"
            + " | 15: update changes its gradient g",
        "return ratio(m | return torch.sum(m + v)  # ("
            + " | 19: direction returns the shape () for a parameter of the shape (7, 8)",
        "return ratio(m, | return torch.rand_like(m) + ratio(m, | 19: not deterministic",
        "return ratio(m, | return m.mul_(0.5) + ratio(m, | 18: not deterministic",
        "return ratio(m, | return torch.ones([3], dtype=g.dtype) + ratio(m,"
            + " | 19: The size of tensor a (3) must match the size of tensor b (56)",
        "claims: odd, | claims: even, | 1: claims: even, scale invariant",
      })
  void noRunBeginsWithABadFile(String from, String to, String message) throws IOException {
    assertThatThrownBy(
            () -> {
              OptimizerDefinition definition = mine(from, to);
              OptimizerContract.requireSound(definition, definition.resolve(Map.of(), "optimizer"));
            })
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(folder.resolve("mine.py") + ":" + message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> Optimizers.definition(folder + "/no.py"))
        .isInstanceOf(InputException.class)
        .hasMessage("optimizer.type: " + folder + "/no.py: no such file");
  }

  /** AdamW's own kernel gives what theory.md says of AdamW: r = (1-b)/(1+b), and c = 1/r. */
  @Test
  void theKernelsMonteCarloIsThatOfTheory() {
    OptimizerDefinition adamw = Optimizers.definition("adamw");
    Map<String, Object> settings = adamw.resolve(Map.of("beta1", 0.9, "beta2", 0.95), "optimizer");
    int memory = KernelFunction.memory(adamw, settings);
    assertThat(memory).isEqualTo(240);
    try (KernelFunction rule = new KernelFunction(adamw, settings, 4096)) {
      DirectionExperiment noise = DirectionExperiment.of(rule, 4096, memory, 0, 1, 3);
      double r = 0.1 / 1.9;
      assertThat(noise.updateRms().value() / Math.sqrt(r)).isBetween(0.98, 1.02);
      assertThat(noise.spread().value() * r).isBetween(0.93, 1.07);
      assertThat(noise.weightRms(1e-3, 0.1) / Math.sqrt(1e-3 / 0.2)).isBetween(0.95, 1.05);
    }
    try (KernelFunction rule = new KernelFunction(adamw, settings, 4096)) {
      DirectionExperiment signal = DirectionExperiment.of(rule, 4096, memory, 1, 1, 3);
      assertThat(signal.mean().value() / Math.sqrt(0.5)).isBetween(0.98, 1.03);
    }
  }
}
