package io.adamant.data;

import java.nio.file.Path;
import java.util.Map;

/** Where tokens are cached unless a caller says otherwise. */
public final class CacheDirectory {
  private CacheDirectory() {}

  /**
   * The user's cache directory.
   *
   * @return {@code $ADAMANT_CACHE}, else {@code $XDG_CACHE_HOME/adamant}, else {@code
   *     ~/.cache/adamant}
   */
  public static Path ofUser() {
    return of(System.getenv(), Path.of(System.getProperty("user.home", ".")));
  }

  /**
   * The rule, without a look at this process.
   *
   * @param environment the environment's variables
   * @param home the user's home directory
   * @return an absolute path
   */
  static Path of(Map<String, String> environment, Path home) {
    String own = environment.getOrDefault("ADAMANT_CACHE", "");
    if (!own.isBlank()) {
      return Path.of(own).toAbsolutePath();
    }
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    // The XDG specification says that a relative path here is to be ignored.
    Path base = !xdg.isBlank() && Path.of(xdg).isAbsolute() ? Path.of(xdg) : home.resolve(".cache");
    return base.resolve("adamant").toAbsolutePath();
  }
}
