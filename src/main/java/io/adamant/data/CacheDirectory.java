package io.adamant.data;

import io.adamant.base.UserPath;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/** Where tokens are cached unless a caller says otherwise. */
public final class CacheDirectory {
  private CacheDirectory() {}

  /**
   * The user's cache directory.
   *
   * @return {@code $ADAMANT_CACHE}, else {@code $XDG_CACHE_HOME/adamant}, else {@code
   *     ~/.cache/adamant}
   * @throws io.adamant.base.InputException if none of these is set and the user has no home
   */
  public static Path ofUser() {
    return of(System.getenv(), UserPath::home);
  }

  /**
   * The rule, without a look at this process.
   *
   * @param environment the environment's variables
   * @param home the user's home directory
   * @return an absolute path
   */
  static Path of(Map<String, String> environment, Supplier<Path> home) {
    String own = environment.getOrDefault("ADAMANT_CACHE", "");
    if (!own.isBlank()) {
      return UserPath.of(own).toAbsolutePath();
    }
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    // The XDG specification says that a relative path here is to be ignored.
    Path base =
        !xdg.isBlank() && Path.of(xdg).isAbsolute() ? Path.of(xdg) : home.get().resolve(".cache");
    return base.resolve("adamant").toAbsolutePath();
  }
}
