package io.adamant.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a launcher starts Java for training, read from its script: tests of memory and time must see
 * what users get.
 *
 * @param options of the JVM
 * @param environment variables of the allocator
 */
record LauncherSettings(List<String> options, Map<String, String> environment) {

  private static final Pattern OPTIONS = Pattern.compile("\\b(?:collector|compiler)=\"([^\"]+)\"");
  private static final Pattern VARIABLE =
      Pattern.compile("(?m)^export (MALLOC_\\w+)=\"\\$\\{\\1:-(\\d+)}\"$");

  /** Those of {@code ./adamant}. */
  static LauncherSettings ofSources() {
    return read(Path.of("adamant"));
  }

  private static LauncherSettings read(Path script) {
    String text;
    try {
      text = Files.readString(script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> options = new ArrayList<>();
    Matcher lists = OPTIONS.matcher(text);
    while (lists.find()) {
      options.addAll(List.of(lists.group(1).split(" ")));
    }
    Map<String, String> environment = new LinkedHashMap<>();
    Matcher variables = VARIABLE.matcher(text);
    while (variables.find()) {
      environment.put(variables.group(1), variables.group(2));
    }
    if (options.isEmpty() || environment.isEmpty()) {
      throw new IllegalStateException(script + " has no settings that this class can find");
    }
    return new LauncherSettings(options, environment);
  }
}
