package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import io.adamant.model.ModelSize;
import io.adamant.optim.Others;
import io.adamant.tensor.Autograd;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Matrices that the model keeps in one, for speed, and that a rule of matrices takes one by one:
 * queries, keys and values; gate and up. A piece is a view: it shares its numbers with the whole.
 */
final class FusedMatrices {

  private final Map<String, Map<String, Piece>> wholes = new LinkedHashMap<>();

  /**
   * Rows of a fused matrix.
   *
   * @param whole its name
   * @param from first row
   * @param to row after the last
   */
  record Piece(String whole, long from, long to) {

    /** The piece of a matrix or of its gradient. */
    NDArray of(NDArray matrix) {
      try (Autograd.Mode off = Autograd.noGrad()) {
        return matrix.get(from + ":" + to);
      }
    }

    Shape of(Shape matrix) {
      return new Shape(to - from, matrix.get(1));
    }
  }

  FusedMatrices(ModelConfig model) {
    ModelSize.fused(model)
        .forEach(
            (whole, rows) -> {
              Map<String, Piece> pieces = new LinkedHashMap<>();
              long from = 0;
              for (Map.Entry<String, Long> part : rows.entrySet()) {
                long to = from + part.getValue();
                pieces.put(whole + "." + part.getKey(), new Piece(whole, from, to));
                from = to;
              }
              wholes.put(whole, pieces);
            });
  }

  /**
   * What a rule of matrices steps in place of a parameter.
   *
   * @param name of the parameter
   * @param settings of the rule, resolved
   * @return pieces by name; none for a parameter that it takes as it is
   */
  Map<String, Piece> pieces(String name, Map<String, Object> settings) {
    return Others.splits(settings) ? wholes.getOrDefault(name, Map.of()) : Map.of();
  }
}
