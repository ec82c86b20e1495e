package io.adamant.base;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why native libraries cannot be loaded here, in one line with what to do. The system's loader says
 * it in its own words.
 */
public final class LoadFailure {

  // With too little memory the loader says the same, and then the reason.
  private static final Pattern FORBIDDEN =
      Pattern.compile("(/[^:]+): failed to map segment from shared object(?!: Cannot)");
  private static final Pattern OLD =
      Pattern.compile("version `(\\w+)_([0-9.]+)' not found \\(required by ([^)]+)\\)");
  private static final Pattern MISSING =
      Pattern.compile("([^\\s:]+): cannot open shared object file: No such file");
  private static final Map<String, String> LIBRARIES =
      Map.of("GLIBC", "C library (glibc)", "GLIBCXX", "libstdc++", "CXXABI", "libstdc++");

  private LoadFailure() {}

  /**
   * Reads an error and its causes.
   *
   * @param failure of whatever loads a native library
   * @return what is wrong and what to do; empty if it is nothing that is known
   */
  public static Optional<String> explain(Throwable failure) {
    return explain(failure, System.getenv(), System.getProperty("java.io.tmpdir", ""));
  }

  /** The rule, without a look at this process. */
  static Optional<String> explain(
      Throwable failure, Map<String, String> environment, String temporary) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      boolean ofNetwork =
          cause instanceof UnknownHostException
              || cause instanceof SocketException
              || cause instanceof SocketTimeoutException;
      // What is bad input says itself what was to be fetched: a data set, say.
      if (ofNetwork && !(failure instanceof InputException)) {
        return Optional.of(
            "libtorch is not on this machine, and its download failed (%s); connect it to the network once, or set PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR for a libtorch that is here"
                .formatted(cause));
      }
      String text = String.valueOf(cause.getMessage());
      Matcher forbidden = FORBIDDEN.matcher(text);
      if (forbidden.find()) {
        Path file = Path.of(forbidden.group(1));
        return Optional.of(
            "no program may be loaded from %s (is it mounted noexec?); %s"
                .formatted(file.getParent(), otherFolder(file, environment, temporary)));
      }
      Matcher old = OLD.matcher(text);
      if (old.find()) {
        return Optional.of(
            "this system's %s is older than %s, which %s needs; use a newer system or container image"
                .formatted(
                    LIBRARIES.getOrDefault(old.group(1), old.group(1)),
                    old.group(1) + " " + old.group(2),
                    Path.of(old.group(3)).getFileName()));
      }
      Matcher missing = MISSING.matcher(text);
      if (missing.find()) {
        return Optional.of(
            "this system has no %s, which libtorch needs; install it".formatted(missing.group(1)));
      }
    }
    return Optional.empty();
  }

  /** The setting that decides about a library's folder. */
  private static String otherFolder(Path file, Map<String, String> environment, String temporary) {
    String own = environment.getOrDefault("PYTORCH_LIBRARY_PATH", "");
    if (!own.isBlank() && file.startsWith(own)) {
      return "set PYTORCH_LIBRARY_PATH to a copy in another folder";
    } else if (file.getFileName().toString().startsWith("jna")) {
      return "add -Djna.tmpdir=FOLDER to ADAMANT_JAVA_OPTS, with another folder";
    } else if (file.getParent().equals(Path.of(temporary))) {
      return "add -Djava.io.tmpdir=FOLDER to ADAMANT_JAVA_OPTS, with another folder";
    }
    return "set DJL_CACHE_DIR to another folder";
  }

  /**
   * Whether libtorch's files are made for this system at all.
   *
   * @return what is wrong with the system; empty if it is Linux with glibc on a 64-bit x86 or ARM
   */
  public static Optional<String> ofSystem() {
    boolean musl;
    try {
      musl = Files.readString(Path.of("/proc/self/maps")).contains("/ld-musl-");
    } catch (IOException e) {
      musl = false;
    }
    return ofSystem(System.getProperty("os.name"), System.getProperty("os.arch"), musl);
  }

  /** The rule, without a look at this process. */
  static Optional<String> ofSystem(String name, String architecture, boolean musl) {
    if (!name.equals("Linux")
        || !List.of("amd64", "aarch64").contains(architecture.toLowerCase(Locale.ROOT))) {
      return Optional.of(
          "this is Java for %s %s; Adamant runs on Linux x86_64 and Linux aarch64"
              .formatted(name, architecture));
    }
    return musl
        ? Optional.of(
            "this system's C library is musl (Alpine?), and libtorch needs glibc; use another system"
                + " or container image, such as Debian's")
        : Optional.empty();
  }
}
