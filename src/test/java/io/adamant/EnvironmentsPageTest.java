package io.adamant;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every promise of the site's environments page names a test that exists. */
class EnvironmentsPageTest {

  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

  @Test
  void everyPromiseIsHeldByATestThatExists() throws IOException {
    Map<String, Path> tests;
    try (Stream<Path> tree = Files.walk(Path.of("src/test/java"))) {
      tests =
          tree.filter(file -> file.toString().endsWith("Test.java"))
              .collect(
                  Collectors.toMap(
                      file -> file.getFileName().toString().replace(".java", ""),
                      file -> file,
                      (one, other) -> one));
    }
    List<String> promises =
        Files.readAllLines(Path.of("src/site/markdown/environments.md")).stream()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| promise"))
            .toList();
    assertThat(promises).hasSizeGreaterThan(15);
    for (String promise : promises) {
      Matcher named = NAMED.matcher(promise);
      assertThat(named.find()).as(promise).isTrue();
      do {
        assertThat(tests).as(promise).containsKey(named.group(1));
        if (named.group(2) != null) {
          String source = Files.readString(tests.get(named.group(1)));
          assertThat(source).as(promise).contains("void " + named.group(2) + "(");
        }
      } while (named.find());
    }
  }
}
