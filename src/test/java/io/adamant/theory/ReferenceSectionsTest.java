package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No section of the reference file is forgotten. */
class ReferenceSectionsTest {

  /** Leftovers of identities that hold to rounding; {@link EqualBetasTest} has the identities. */
  private static final List<String> RESIDUALS =
      List.of(
          "identities/prop1_relerr",
          "identities/prop2_recursion_err_and_det_plus_(b1-b2)^2",
          "identities/thm41_max_abs_diff_between_numeric_argmin_and_closed_form",
          "identities/trust_region");

  /** Words of the authors on the file. */
  private static final List<String> NOTES =
      List.of("meta", "update_rms/fields", "lr_vs_batch_training/setup", "toy_quadratic/setup");

  private static final Pattern READ =
      Pattern.compile("Reference\\.at\\(\\s*\"([^\"]+)\"(?:,\\s*\"([^\"]+)\")?");

  private static Set<String> read() throws IOException {
    Set<String> read = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
      for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
        Matcher matcher = READ.matcher(Files.readString(file));
        while (matcher.find()) {
          read.add(matcher.group(1) + (matcher.group(2) == null ? "" : "/" + matcher.group(2)));
        }
      }
    }
    return read;
  }

  @Test
  void everySectionIsReadByATest() throws IOException {
    Set<String> sections = new TreeSet<>();
    Set<String> read = read();
    Reference.at()
        .fields()
        .forEachRemaining(
            top -> {
              if (!top.getValue().isObject()
                  || read.contains(top.getKey())
                  || NOTES.contains(top.getKey())) {
                sections.add(top.getKey());
              } else {
                top.getValue()
                    .fieldNames()
                    .forEachRemaining(name -> sections.add(top.getKey() + "/" + name));
              }
            });
    Set<String> known = new TreeSet<>(read);
    known.addAll(RESIDUALS);
    known.addAll(NOTES);
    assertThat(sections).isSubsetOf(known).hasSizeGreaterThan(15);
  }

  /**
   * Where the form of the divergence is Theorem 4.1's, old from new, the numeric minimum is the
   * closed form; with the other form it is not.
   */
  @Test
  void residualsAreRoundingAndOnlyTheRightDivergenceHasOne() {
    JsonNode theorem =
        Reference.at("identities", "thm41_max_abs_diff_between_numeric_argmin_and_closed_form");
    theorem
        .fields()
        .forEachRemaining(
            e -> {
              boolean right = e.getKey().endsWith("old||new");
              assertThat(e.getValue().asDouble() < 1e-6).as(e.getKey()).isEqualTo(right);
            });
    JsonNode region = Reference.at("identities", "trust_region");
    assertThat(region.path("closed").asDouble()).isLessThan(region.path("best_random").asDouble());
    for (String name : List.of("prop1_relerr", "prop2_recursion_err_and_det_plus_(b1-b2)^2")) {
      JsonNode residuals = Reference.at("identities", name);
      assertThat(residuals.size()).isGreaterThanOrEqualTo(4);
      for (JsonNode residual : residuals) {
        double worst = residual.isArray() ? residual.get(0).asDouble() : residual.asDouble();
        assertThat(worst).isBetween(0.0, 1e-14);
      }
    }
  }
}
