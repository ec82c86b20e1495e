package io.adamant.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Options for the JVM in the user's environment, which win over the launcher's, and their price.
 */
final class JvmOptions {

  /** The variables that Java and the launchers read, in the order in which they win. */
  private static final List<String> VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "ADAMANT_JAVA_OPTS", "_JAVA_OPTIONS");

  private static final String FLAT = "the memory of a training stays flat";

  /** What an option takes away, by a pattern of it. */
  private static final Map<String, String> PRICES = new LinkedHashMap<>();

  static {
    PRICES.put("-XX:\\+Use\\w+GC|-Xm[nsx].*|-XX:\\w*(HeapSize|NewSize|RAMPercentage)=.*", FLAT);
    PRICES.put("-XX:NewRatio=.*|-XX:-AlwaysPreTouch|-Xcomp", FLAT);
    PRICES.put("-XX:[-+]TieredCompilation|-XX:TieredStopAtLevel=.*", FLAT);
    PRICES.put("-XX:CompileThreshold.*", FLAT);
    PRICES.put("-Xint", "Java's share of a step is small");
    PRICES.put("-Xrs|-XX:\\+ReduceSignalUsage", "Ctrl-C and TERM save a checkpoint");
    PRICES.put("-Dai\\.djl\\.offline=false", "nothing is downloaded by a start");
  }

  private JvmOptions() {}

  /** Those of the environment's variables that say anything. */
  static Map<String, String> of(Map<String, String> environment) {
    Map<String, String> found = new TreeMap<>();
    VARIABLES.forEach(
        name ->
            Optional.ofNullable(environment.get(name))
                .filter(value -> !value.isBlank())
                .ifPresent(value -> found.put(name, value)));
    return found;
  }

  /**
   * Judges them.
   *
   * @param options by variable
   * @return nothing where there are none
   */
  static Optional<Finding> judge(Map<String, String> options) {
    List<String> texts = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    for (String variable : VARIABLES) {
      String value = options.getOrDefault(variable, "").strip();
      if (!value.isEmpty()) {
        texts.add(variable + "=" + value);
        for (String option : value.split("\\s+", -1)) {
          PRICES.forEach(
              (pattern, guarantee) -> {
                if (option.matches(pattern)) {
                  lost.add("with " + option + " it is not promised that " + guarantee);
                }
              });
        }
      }
    }
    if (texts.isEmpty()) {
      return Optional.empty();
    }
    Finding.Level level = lost.isEmpty() ? Finding.Level.OK : Finding.Level.NOTE;
    return Optional.of(
        new Finding(level, "JVM options", String.join(", ", texts), String.join("; ", lost)));
  }
}
