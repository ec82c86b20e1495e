package io.adamant.config;

/**
 * Bad input from a user: a configuration, an option or a file that cannot be used.
 *
 * <p>The message is one line that says what is wrong, where (file and key), the value found and
 * what would be valid. A command that ends with this exception prints the message and exits with
 * code 2.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line for the user
   */
  public ConfigException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message one line for the user
   * @param cause what lies behind it
   */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
