package io.adamant.reproduce;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A published claim, as its file states it.
 *
 * @param name of the file, without {@code .yaml}
 * @param title a few words
 * @param words the claim
 * @param published the numbers printed, with their sources
 * @param checks what decides; at least one
 * @param margin SHA-256 over title, words and checks: another one is another claim
 * @param experiment name of the simulation that tests it; empty for one that trains
 * @param designs runs by scale; empty for a simulation
 * @param discussion why the outcome may be what it is; empty, or a paragraph for the page
 */
public record Claim(
    String name,
    String title,
    String words,
    List<Published> published,
    List<Check> checks,
    String margin,
    Optional<String> experiment,
    Map<Scale, TrialDesign> designs,
    String discussion) {

  /** Takes copies. */
  public Claim {
    published = List.copyOf(published);
    checks = List.copyOf(checks);
    designs = Map.copyOf(designs);
  }

  /** Whether it is tested by training. */
  public boolean trains() {
    return experiment.isEmpty();
  }
}
