package io.adamant.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which Adamant this is, for {@code --version} and for what every run records about itself.
 *
 * @param version such as {@code 0.1.0}
 * @param commit the commit that the launcher built, with {@code -dirty} if the sources were
 *     changed; {@code unknown} outside a git checkout or in a build without the launcher
 */
public record BuildInfo(String version, String commit) {

  /**
   * The running build.
   *
   * @return what Maven wrote into it
   */
  public static BuildInfo current() {
    Properties properties = new Properties();
    try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
      if (in == null) {
        throw new IllegalStateException("build.properties is missing: this build is not whole");
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("reading build.properties failed", e);
    }
    return new BuildInfo(properties.getProperty("version"), properties.getProperty("commit"));
  }

  /**
   * For a person.
   *
   * @return such as {@code 0.1.0 (commit 1a2b3c4d5e6f)}
   */
  public String text() {
    int end = Math.min(commit.length(), 12);
    String dirty = commit.endsWith("-dirty") ? ", changed" : "";
    return commit.equals("unknown")
        ? version
        : "%s (commit %s%s)".formatted(version, commit.substring(0, end), dirty);
  }
}
