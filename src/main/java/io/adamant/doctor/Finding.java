package io.adamant.doctor;

/**
 * One thing that the doctor looked at.
 *
 * @param level how good it is
 * @param topic one word or two, such as {@code libtorch}
 * @param text what was found, in one line
 * @param advice what to do about it, in one line; empty if nothing
 */
public record Finding(Level level, String topic, String text, String advice) {

  /** How good a finding is. */
  public enum Level {
    /** As it should be. */
    OK,
    /** It works, but slower or shorter than it could. */
    NOTE,
    /** Training cannot work. */
    PROBLEM
  }

  static Finding ok(String topic, String text) {
    return new Finding(Level.OK, topic, text, "");
  }

  static Finding note(String topic, String text, String advice) {
    return new Finding(Level.NOTE, topic, text, advice);
  }

  static Finding problem(String topic, String text, String advice) {
    return new Finding(Level.PROBLEM, topic, text, advice);
  }
}
