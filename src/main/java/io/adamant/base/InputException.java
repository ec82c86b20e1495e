package io.adamant.base;

import java.util.Optional;

/**
 * Bad input from a user: a configuration, an argument, an option or a file that cannot be used. It
 * is the one exception that the library throws for what a caller gave.
 *
 * <p>The message is one line that says what is wrong, where (file and key), the value found and
 * what would be valid. A command that ends with this exception prints the message and exits with
 * code 2.
 */
@PublicApi
public final class InputException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String key;

  /**
   * Creates the exception.
   *
   * @param message one line for the user
   */
  public InputException(String message) {
    super(message);
    this.key = "";
  }

  /**
   * Creates the exception.
   *
   * @param message one line for the user
   * @param cause what lies behind it
   */
  public InputException(String message, Throwable cause) {
    super(message, cause);
    this.key = "";
  }

  private InputException(String key, String message) {
    super(message);
    this.key = key;
  }

  /**
   * A configuration key with a value that it cannot have: {@code KEY is FOUND; allowed: ALLOWED}.
   *
   * <p>Whoever knows where the key was written adds the place, see {@link #at}.
   *
   * @param key the dotted key, such as {@code training.steps}
   * @param found the value found
   * @param allowed what would be valid, in words
   * @return the exception, to be thrown
   */
  public static InputException badValue(String key, Object found, String allowed) {
    return new InputException(key, key + " is " + shown(found) + "; allowed: " + allowed);
  }

  /**
   * The same complaint with its place in front: {@code WHERE: MESSAGE}.
   *
   * @param where a file with its line, or an option of the command line
   * @return the exception, to be thrown
   */
  public InputException at(String where) {
    return new InputException(where + ": " + getMessage(), this);
  }

  /** The same complaint about a key within a section. */
  public InputException within(String prefix) {
    return new InputException(prefix + key, prefix + getMessage());
  }

  /**
   * The dotted key that is to blame, as long as its place is not yet part of the message.
   *
   * @return the key, or empty where no single key is to blame or the place is known already
   */
  public Optional<String> key() {
    return key.isEmpty() ? Optional.empty() : Optional.of(key);
  }

  /** Keeps a message on one line and of a readable length whatever the user wrote. */
  private static String shown(Object found) {
    String text =
        found instanceof Double number ? Numbers.text(number) : String.valueOf(found).strip();
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    if (line.isEmpty()) {
      return "empty";
    }
    return line.length() <= 120 ? line : line.substring(0, 117) + "...";
  }
}
