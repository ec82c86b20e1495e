package io.adamant.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.config.ModelConfig;
import io.adamant.config.RunConfig;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ModelSizeTest {

  /** L = 3, C = 8, H = 2, T = 16, F = 12; V = 10. */
  private static ModelSize size(boolean tied, Predicate<String> frozen) {
    ModelConfig config =
        RunConfig.defaults()
            .with(
                Map.of(
                    "model.layers", 3,
                    "model.width", 8,
                    "model.heads", 2,
                    "model.context", 16,
                    "model.mlp_hidden", 12,
                    "model.tied", tied))
            .model();
    Set<String> names = new TreeSet<>(new ModelSize(config, 10).shapes().keySet());
    names.removeIf(frozen.negate());
    return new ModelSize(config, 10, names);
  }

  private static final long LAYER = 2 * 8 + 4 * 8 * 8 + 3 * 12 * 8; // two gains, attention, MLP
  private static final long HEAD = 10 * 8;
  private static final long GAIN = 8;
  private static final long ATTENTION = 8 * 16; // of one layer, D H T

  @Test
  void aWholeModelTakesSixOperationsAWeight() {
    ModelSize size = size(false, name -> false);
    assertThat(size.trained()).isEqualTo(size.parameters()).isEqualTo(3 * LAYER + GAIN + 2 * HEAD);
    assertThat(size.layersBelow()).isZero();
    assertThat(size.flopsPerToken()).isEqualTo(6 * (3 * LAYER + GAIN + HEAD) + 12 * 3 * ATTENTION);
    assertThat(size(true, name -> false).flopsPerToken()).isEqualTo(size.flopsPerToken());
  }

  @Test
  void aFrozenLookUpCostsNothingAndSavesNothing() {
    ModelSize size = size(false, name -> name.startsWith("embedding"));
    assertThat(size.trained()).isEqualTo(3 * LAYER + GAIN + HEAD);
    assertThat(size.layersBelow()).isZero();
    assertThat(size.flopsPerToken()).isEqualTo(size(false, name -> false).flopsPerToken());
  }

  @Test
  void theBackwardPassEndsAtTheLowestTrainedLayer() {
    ModelSize size = size(false, name -> !name.matches("layers\\.2\\.mlp\\..*|final_norm.*"));
    long mlp = 3 * 12 * 8;
    assertThat(size.layersBelow()).isEqualTo(2);
    assertThat(size.trained()).isEqualTo(mlp + GAIN);
    long forward = 2 * (3 * LAYER + GAIN + HEAD) + 4 * 3 * ATTENTION;
    long back = 2 * (LAYER + GAIN + HEAD) + 8 * ATTENTION;
    assertThat(size.flopsPerToken()).isEqualTo(forward + back + 2 * (mlp + GAIN));
    assertThat(size.attentionFlops()).isEqualTo((4 * 3 + 8) * ATTENTION);
  }

  @Test
  void aTiedHeadThatIsTrainedIsAlsoTheEmbeddingBelowAllLayers() {
    ModelSize size = size(true, name -> !name.equals("embedding.weight"));
    assertThat(size.layersBelow()).isZero();
    ModelSize untied = size(false, name -> !name.equals("head.weight"));
    assertThat(untied.layersBelow()).isEqualTo(3);
    assertThat(untied.flopsPerToken())
        .isEqualTo(2 * (3 * LAYER + GAIN + HEAD) + 12 * ATTENTION + 2 * (GAIN + HEAD) + 2 * HEAD);
  }
}
