package io.adamant.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Java process that is started as the launcher starts training, with the settings in its script:
 * tests of memory and time see what users get, and no test waits for a compiler that no user has.
 */
public final class ChildJvm {

  private static final Pattern OPTIONS = Pattern.compile("\\b(?:collector|compiler)=\"([^\"]+)\"");
  private static final Pattern VARIABLE =
      Pattern.compile("(?m)^export (MALLOC_\\w+)=\"\\$\\{\\1:-(\\d+)}\"$");

  private ChildJvm() {}

  /**
   * A process with this one's class path.
   *
   * @param main its class
   * @param arguments for it
   * @return to start
   */
  public static ProcessBuilder of(Class<?> main, String... arguments) {
    return of(List.of(), System.getProperty("java.class.path"), main, Arrays.asList(arguments));
  }

  /**
   * A process.
   *
   * @param options of the JVM, beside the launcher's; the last of several counts
   * @param classPath where its classes are
   * @param main its class
   * @param arguments for it
   * @return to start
   */
  public static ProcessBuilder of(
      List<String> options, String classPath, Class<?> main, List<String> arguments) {
    String launcher = launcher();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        groups(OPTIONS, launcher).flatMap(list -> Stream.of(list.group(1).split(" "))).toList());
    command.add("-Dai.djl.offline=true");
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    groups(VARIABLE, launcher)
        .forEach(each -> builder.environment().put(each.group(1), each.group(2)));
    return builder;
  }

  private static Stream<MatchResult> groups(Pattern pattern, String launcher) {
    List<MatchResult> found = pattern.matcher(launcher).results().toList();
    if (found.isEmpty()) {
      throw new IllegalStateException("the launcher has no settings that this class can find");
    }
    return found.stream();
  }

  private static String launcher() {
    try {
      return Files.readString(Path.of("adamant"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
