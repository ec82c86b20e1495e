package io.adamant.reproduce;

/** What can be said of a claim or of one of its checks; a claim is what its last check here is. */
public enum Outcome {
  /** The 95 % interval lies within the margin. */
  REPRODUCED("reproduced"),
  /** The interval reaches over an end of the margin. */
  NOT_RESOLVED("not resolved at this scale"),
  /** The interval lies outside of the margin. */
  CONTRADICTED("contradicted"),
  /** What was run is not what the claim is about; its file says why. */
  NOT_DECIDED("not decided"),
  /** Runs are missing. */
  NOT_RUN("not run");

  private final String words;

  Outcome(String words) {
    this.words = words;
  }

  /**
   * For tables.
   *
   * @return for example "reproduced"
   */
  public String words() {
    return words;
  }
}
