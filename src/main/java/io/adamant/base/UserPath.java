package io.adamant.base;

import java.nio.charset.Charset;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/** Paths as people write them. */
public final class UserPath {

  private static final String HOME = "~";

  private UserPath() {}

  /**
   * The path that a text names. A leading {@code ~} is the home folder, wherever a shell left it
   * standing.
   *
   * @param text as written
   * @return the path, not made absolute
   * @throws InputException if no file can have that name here, with the reason
   */
  public static Path of(String text) {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    return of(text, encoding, System.getenv(), System.getProperty("user.home", ""));
  }

  /**
   * The home folder.
   *
   * @return {@code $HOME}, else what the system's list of users says
   * @throws InputException if there is none
   */
  public static Path home() {
    return home(System.getenv(), System.getProperty("user.home", ""));
  }

  /** The rule, without a look at this process. */
  static Path of(String text, String encoding, Map<String, String> environment, String userHome) {
    try {
      if (text.indexOf('\ufffd') >= 0 && !encodes(encoding)) {
        throw new InvalidPathException(text, "not decoded");
      }
      if (text.equals(HOME) || text.startsWith(HOME + "/")) {
        String below = text.substring(1).replaceFirst("^/+", "");
        return home(environment, userHome).resolve(below);
      }
      return Path.of(text);
    } catch (InvalidPathException e) {
      String shown = text.replaceAll("\\p{Cntrl}", "?");
      if (text.indexOf('\0') >= 0 || encodes(encoding)) {
        throw new InputException("'" + shown + "' is not a path", e);
      }
      throw new InputException(
          "'"
              + shown
              + "' has letters that the locale's encoding "
              + encoding
              + " lacks; set LC_ALL=C.UTF-8 or another UTF-8 locale",
          e);
    }
  }

  /** The rule, without a look at this process. */
  static Path home(Map<String, String> environment, String userHome) {
    String home = environment.getOrDefault("HOME", "");
    if (!home.isBlank()) {
      return Path.of(home).toAbsolutePath();
    }
    // Java says "?" where the system does not know the user, as in a container.
    if (userHome.isBlank() || userHome.equals("?")) {
      throw new InputException(
          "this user has no home folder; set HOME, or ADAMANT_CACHE to a folder for caches");
    }
    return Path.of(userHome).toAbsolutePath();
  }

  private static boolean encodes(String encoding) {
    try {
      return Charset.forName(encoding).newEncoder().canEncode('\ufffd');
    } catch (UnsupportedCharsetException e) {
      return false;
    }
  }
}
