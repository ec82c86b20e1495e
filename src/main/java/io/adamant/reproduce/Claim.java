package io.adamant.reproduce;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A claim about published work, as its file states it.
 *
 * @param kind whether anybody published it
 * @param must the outcome that a control must have; empty for any other claim
 * @param supersededBy name of the claim that corrects this one, whose row stays; mostly empty
 * @param name of the file, without {@code .yaml}
 * @param title a few words
 * @param words the claim
 * @param published the numbers printed, with their sources
 * @param calculated numbers that this project derived or simulated itself, with how
 * @param checks what decides; at least one
 * @param reasons why the margins are what they are; may be empty
 * @param margin SHA-256 over words and checks: another one is another claim
 * @param experiment name of the simulation that tests it; empty for one that trains
 * @param designs runs by scale; empty for a simulation
 * @param discussion why the outcome may be what it is; empty, or a paragraph for the page
 */
public record Claim(
    Kind kind,
    Optional<Outcome> must,
    Optional<String> supersededBy,
    String name,
    String title,
    String words,
    List<Published> published,
    List<Published> calculated,
    List<ClaimCheck> checks,
    String reasons,
    String margin,
    Optional<String> experiment,
    Map<Scale, TrialDesign> designs,
    String discussion) {

  /** Who makes the claim. */
  public enum Kind {
    /** The authors. */
    PUBLISHED("row of a published claim", "rows of published claims"),
    /** Nobody: what a reader might take a published law to say. */
    READING(
        "row of a tempting reading that nobody published",
        "rows of tempting readings that nobody published"),
    /** Nobody: a test of the tests, whose outcome is known beforehand. */
    CONTROL("control", "controls");

    private final String noun;
    private final String plural;

    Kind(String noun, String plural) {
      this.noun = noun;
      this.plural = plural;
    }

    /** How many there are, such as "2 rows of published claims". */
    String count(long count) {
      return count == 1 ? "1 " + noun : count + " " + plural;
    }

    /** An outcome in words: nobody stands behind a reading, so none is contradicted. */
    String words(Outcome outcome) {
      boolean refuted = this == READING && outcome == Outcome.CONTRADICTED;
      return refuted ? "refuted" : outcome.words();
    }
  }

  /** Takes copies. */
  public Claim {
    published = List.copyOf(published);
    calculated = List.copyOf(calculated);
    checks = List.copyOf(checks);
    designs = Map.copyOf(designs);
  }

  /** Whether it is tested by training. */
  public boolean trains() {
    return experiment.isEmpty();
  }
}
