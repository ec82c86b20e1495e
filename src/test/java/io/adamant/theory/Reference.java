package io.adamant.theory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The Monte-Carlo reference beside the project, where it is there; its tests are skipped if not.
 */
public final class Reference {

  private static final Path FILE = Path.of("..", "shared", "reference", "monte_carlo.json");

  private Reference() {}

  /** The node reached by these keys, such as {@code "weight_rms", "stationary"}. */
  public static JsonNode at(String... keys) {
    Assumptions.assumeTrue(Files.isRegularFile(FILE), () -> "no reference file " + FILE);
    JsonNode node = Holder.ROOT;
    for (String key : keys) {
      node = node.path(key);
    }
    return node;
  }

  private static final class Holder {
    private static final JsonNode ROOT = read();

    private static JsonNode read() {
      try {
        return new ObjectMapper().readTree(FILE.toFile());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
